"""The verdict store: a verdict is computed once, and again only after a change."""

import json

import pytest

from tests.kit.course import GOOD
from winnow.config import Config
from winnow.trials.memory import Memory, Plan
from winnow.trials.messages import Broken, Cause, Outcome, Trial
from winnow.trials.sandbox import Sandboxes
from winnow.trials.store import Keys, Store

PASSED = Outcome("tests/test_a.py::test", "passed", 0.1)
FAILED = Outcome("tests/test_b.py::test", "assertion", 0.1, "1 != 2")
LATE = Outcome("tests/test_b.py::test", "time-out", 0.1, "nothing came")
FAULT, CORRECT = ("faulty", "silent"), ("correct", "other")


@pytest.fixture
def store(tmp_path):
    """An empty store."""
    store = Store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def project(course):
    """A function that returns the memory of a project with two test files and a helper, as it is now."""
    course.write("pyproject.toml", "[tool.winnow]\ngate = 'service/main.py'\n")
    for name in ("test_a", "test_b", "helper"):
        course.write(f"tests/{name}.py", f"# {name}\n")
    return course


@pytest.fixture
def memory(tmp_path_factory):
    """A function that returns the memory of a project as it is now."""

    def memory(course, store):
        config = Config.load(course.folder)
        boxes = Sandboxes(config, [course.folder / "tests"], tmp_path_factory.mktemp("copy"))
        boxes.copy()
        return Memory(store, config, boxes.master, boxes.paths)

    return memory


def plan(course, kind=None):
    """The trial of a variant of this kind, or of the unchanged service."""
    from winnow.variants import load_variants

    config = Config.load(course.folder)
    variants = load_variants(config.variants, config.root, config.service)
    variant = next((variant for variant in variants if variant.kind == kind), None)
    return Plan("name", variant, ("tests",))


@pytest.mark.parametrize("kind", [None, "correct", "faulty"])
def test_what_is_kept_is_known(project, store, kind, memory):
    """Each test file has a row of its own, also a file without tests."""
    memory(project, store).keep(plan(project, kind), Trial("", (PASSED,)))

    assert memory(project, store).known(plan(project, kind)) == {
        "tests/test_a.py": (PASSED,),
        "tests/test_b.py": (),
    }


@pytest.mark.parametrize(
    ("changed", "still_known"),
    [
        pytest.param("tests/test_b.py", ["tests/test_a.py"], id="another-test-file"),
        pytest.param("tests/helper.py", [], id="a-helper"),
        pytest.param("tests/conftest.py", [], id="a-conftest"),
        pytest.param("service/other.py", [], id="the-service"),
        pytest.param("pyproject.toml", [], id="the-configuration"),
        pytest.param("data/rooms.yaml", [], id="a-data-file"),
        pytest.param("tests/test_c.py", ["tests/test_a.py", "tests/test_b.py"], id="a-new-test-file"),
        pytest.param("reports/index.html", ["tests/test_a.py", "tests/test_b.py"], id="a-report"),
        pytest.param("variants/faulty/new.toml", ["tests/test_a.py", "tests/test_b.py"], id="a-new-variant"),
    ],
)
def test_a_change_is_noticed(project, store, changed, still_known, memory):
    """Whatever a test file may read counts, but for the other test files."""
    memory(project, store).keep(plan(project, "faulty"), Trial("", (PASSED,)))
    before = plan(project, "faulty")

    text = (
        "[tool.winnow]\ngate = 'service/main.py'\n# changed\n"
        if changed == "pyproject.toml"
        else "# changed\n"
    )
    project.write(changed, text)

    assert sorted(memory(project, store).known(before)) == still_known


def test_only_what_is_unknown_is_run(project, store, memory):
    """The suite is run without the test files that are known; nothing is run where all are."""
    known = memory(project, store)
    one = plan(project)

    assert known.missing(one, []) == (("tests",), ())
    assert known.missing(one, ["tests/test_a.py"]) == (("tests",), ("tests/test_a.py",))
    assert known.missing(one, ["tests/test_a.py", "tests/test_b.py"]) == ((), ())


@pytest.mark.parametrize(
    ("kind", "trial", "kept"),
    [
        ("faulty", Trial("", (PASSED, FAILED)), ["tests/test_a.py", "tests/test_b.py"]),
        ("faulty", Trial("", (PASSED, LATE)), ["tests/test_a.py"]),
        ("correct", Trial("", (PASSED, FAILED)), ["tests/test_a.py"]),
        (None, Trial("", (PASSED, FAILED)), ["tests/test_a.py"]),
        ("faulty", Trial("", (PASSED,), Broken(Cause.ENDED, "9")), []),
        ("faulty", Trial("", (PASSED,), late=True), []),
        ("faulty", Trial("", (Outcome("elsewhere/test_x.py::test", "passed", 0.1),)), []),
    ],
)
def test_what_is_doubtful_is_not_kept(project, store, kind, trial, kept, memory):
    """A time-out, a failure of a correct service, and what broke may be otherwise the next time."""
    memory(project, store).keep(plan(project, kind), trial)

    assert sorted(memory(project, store).known(plan(project, kind))) == kept


def test_what_repeats_itself_alone_is_kept(project, store, memory):
    """A time-out that came again when the trial was repeated alone is a verdict."""
    memory(project, store).keep(plan(project, "faulty"), Trial("", (LATE,)), repeated=True)

    assert memory(project, store).known(plan(project, "faulty"))["tests/test_b.py"] == (LATE,)


@pytest.mark.parametrize(
    "line", ["import test_a", "from tests import (\n    test_a,\n)", "pytest_plugins = ['tests.test_a']"]
)
def test_a_test_file_that_others_import_counts_for_them(project, store, line):
    """Where test files import each other, the suite is one unit."""
    project.write("tests/test_b.py", f"{line}\n")
    config = Config.load(project.folder)

    assert Keys(config, project.folder, suites=["tests"], environment={}).units == ["tests"]


def test_other_names_of_test_files_make_the_suite_one_unit(project):
    """Where pytest is told what a test file is called, we do not guess."""
    project.write("pytest.ini", "[pytest]\npython_files = check_*.py\n")
    config = Config.load(project.folder)

    assert Keys(config, project.folder, suites=["tests"], environment={}).units == ["tests"]


def test_the_environment_counts(project, store):
    """Another value of a variable that a trial has is another key."""
    config = Config.load(project.folder)
    one, other = (Keys(config, project.folder, suites=["tests"], environment={"A": a}) for a in "12")

    assert one.digest != other.digest


def test_a_grade_from_the_store_is_the_same(course):
    """Run again, with hints, on a changed test file and with --fresh: the same verdicts, and the new ones."""
    course.write("suite/test_one.py", GOOD)
    course.write("suite/test_two.py", GOOD.replace('== "echo hi"', ""))

    def verdicts(*options):
        record = json.loads(course.winnow("grade", "--json", *options, "suite").stdout)
        return record["tests"].keys(), [
            (v["name"], v["verdict"], list(v["failures"])) for v in record["variants"]
        ]

    first = verdicts("--fresh")
    assert verdicts() == first
    assert "hint: look at" not in course.winnow("grade", "--hint", "1", "suite").stdout

    course.write("suite/test_two.py", GOOD)
    changed = verdicts()
    assert changed != first
    assert changed == verdicts("--fresh")


def test_a_project_that_changes_meanwhile(course, monkeypatch):
    """The result is shown, but not saved as if it were about the files as they are now."""
    monkeypatch.setenv("WINNOW_NO_NAMESPACES", "1")  # where a suite can reach the project itself
    course.write("pyproject.toml", "[tool.winnow]\nsuites = ['quick']\n")
    source = course.folder / "service/main.py"
    course.write("quick/test_quick.py", f"{GOOD}\nopen({str(source)!r}, 'a').write('# later')\n")

    run = course.winnow("faults")
    assert run.returncode == 2
    assert "Caught: 1 of 1 faults." in run.stdout
    assert "files changed" in run.stderr
    assert not (course.folder / "reports").exists()
