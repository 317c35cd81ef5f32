"""The rules of the code that a test can check."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
LAYERS = [  # of what teaches: a package or module imports only from its own layer and those above
    {"i18n", "errors", "commands", "text", "config", "project", "variants"},
    {"transports", "runs"},
    {"pytest_plugin", "unittest_runner"},
    {"trials"},
    {"grading"},
    {"report"},
    {"cli", "__main__"},
]
SERVICE_ORDER = [
    "settings",
    "auth",
    "limits",
    "conversation",
    "connections",
    "endpoint",
    "backplane",
    "redis_backplane",
    "broadcast",
    "chat",
    "logs",
    "main",
    "protocols",
    "server",
    "__main__",
]


def imported(path, package):
    """The modules of this package that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == package:
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{package}."):
            yield node.module.split(".")[1]
        elif isinstance(node, ast.Import):
            yield from (a.name.split(".")[1] for a in node.names if a.name.startswith(f"{package}."))


def files(package):
    """The package's modules, by name; a package within it counts as one."""
    for path in sorted((ROOT / package).rglob("*.py")):
        name = path.relative_to(ROOT / package).parts[0].removesuffix(".py")
        if name != "__init__":
            yield name, path


def layer(name):
    """The number of the layer that a part of the harness is in."""
    return next(number for number, names in enumerate(LAYERS) if name in names)


def test_the_harness_has_layers():
    """A part of the harness imports only from its own layer and from those above it in the list."""
    wrong = [
        f"winnow/{name} imports {other}"
        for name, path in files("winnow")
        for other in imported(path, "winnow")
        if layer(other) > layer(name)
    ]

    assert wrong == []


def modules():
    """Every module of the harness by its dotted name, with those that it imports when it is imported."""
    paths = {dotted(path): path for path in (ROOT / "winnow").rglob("*.py")}
    for name, path in paths.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        froms = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module]
        names = {f"{node.module}.{alias.name}" for node in froms for alias in node.names}
        yield name, ({n if n in paths else n.rpartition(".")[0] for n in names} & paths.keys())


def dotted(path):
    """The name under which a file is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def test_no_import_goes_in_a_circle():
    """The modules can be put in an order in which each one imports only those before it."""
    rest = {name: others - {name, "winnow"} for name, others in modules()}
    while ready := [name for name, others in rest.items() if not others & rest.keys()]:
        for name in ready:
            del rest[name]

    assert rest == {}


def test_the_lists_are_complete():
    """Every part of the harness and every module of the service stands in its list, and nothing else does."""
    assert {name for name, _ in files("winnow")} == set().union(*LAYERS)
    assert {name for name, _ in files("service")} == set(SERVICE_ORDER)


def test_the_service_imports_one_way():
    """A module of the service imports only those that stand above it in the list."""
    wrong = [
        f"service/{name} imports {other}"
        for name, path in files("service")
        for other in imported(path, "service")
        if other != name and SERVICE_ORDER.index(other) > SERVICE_ORDER.index(name)
    ]

    assert wrong == []


def test_the_harness_never_imports_the_service():
    """What teaches treats what is taught as files."""
    importers = [str(path) for _, path in files("winnow") if list(imported(path, "service"))]

    assert importers == []


def test_no_test_imports_a_benchmark():
    """The benchmarks import the helpers of the tests, and the tests import nothing from the benchmarks."""
    importers = [p.name for p in (ROOT / "tests").rglob("*.py") if list(imported(p, "bench"))]

    assert importers == []


def test_the_service_and_the_unittest_suite_need_no_winnow():
    """What is taught is plain FastAPI and plain unittest."""
    taught = [path for _, path in files("service")] + sorted((ROOT / "tests/unit").glob("*.py"))
    wrong = [
        path.name
        for path in taught
        if "winnow" in path.read_text(encoding="utf-8") or "pytest" in path.read_text(encoding="utf-8")
    ]

    assert wrong == []


def test_files_stay_readable():
    """No file is longer than 250 lines."""
    paths = [p for folder in ("service", "winnow", "tests", "bench") for p in (ROOT / folder).rglob("*.py")]
    long = [p.name for p in [*paths, ROOT / "noxfile.py"] if len(p.read_text("utf-8").splitlines()) > 250]

    assert long == []
