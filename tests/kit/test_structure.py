"""The house rules that a machine can hold."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ORDER = [  # what teaches: each module knows only those above it
    "errors",
    "files",
    "config",
    "results",
    "measuring",
    "measurement",
    "gate",
    "verdict",
    "transports",
    "waiting",
    "stage",
    "in_process",
    "client",
    "live",
    "recorder",
    "pytest_plugin",
    "unittest_runner",
    "fingerprint",
    "housekeeping",
    "variants",
    "sandbox",
    "outcomes",
    "trial",
    "pool",
    "matrix",
    "grade",
    "grading",
    "mutation_report",
    "counter",
    "judging",
    "report",
    "cli",
]
SERVICE_ORDER = [
    "settings",
    "auth",
    "limits",
    "connections",
    "endpoint",
    "backplane",
    "redis_backplane",
    "sending",
    "presence",
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


@pytest.mark.parametrize(("package", "order"), [("winnow", ORDER), ("service", SERVICE_ORDER)])
def test_imports_point_one_way(package, order):
    """A module imports only those that stand above it in the list."""
    wrong = [
        f"{package}/{name} imports {other}"
        for name, path in files(package)
        for other in imported(path, package)
        if other != name and order.index(other) > order.index(name)
    ]

    assert wrong == []


@pytest.mark.parametrize(("package", "order"), [("winnow", ORDER), ("service", SERVICE_ORDER)])
def test_the_list_is_complete(package, order):
    """Every module stands in the list, and nothing else does."""
    assert {name for name, _ in files(package)} == set(order)


def test_the_harness_never_imports_the_service():
    """What teaches treats what is taught as files."""
    importers = [str(path) for _, path in files("winnow") if list(imported(path, "service"))]

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
