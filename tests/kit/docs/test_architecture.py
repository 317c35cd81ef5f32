"""docs/architecture.md names every module and every folder, and only paths that exist."""

import re
from pathlib import Path

import pytest

from winnow.trials.child import FILE, MEMORY

ROOT = Path(__file__).parents[3]
NAMED = set(re.findall(r"`([\w./-]+)`", (ROOT / "docs/architecture.md").read_text(encoding="utf-8")))
WRITTEN = {"reports/matrix.json", "reports/mutation.json"}  # by a run


def folders(parent):
    """The folders in this one, without hidden ones and what Python writes."""
    names = [path.name for path in parent.iterdir() if path.is_dir()]
    return {name for name in names if not name.startswith((".", "__")) and not name.endswith(".egg-info")}


def test_everything_that_it_names_exists():
    """Every path in the document is a file or a folder of the repository."""
    paths = {name for name in NAMED if re.match(r"(winnow|service|tests|variants|docs|bench|reports)/", name)}

    assert [path for path in sorted(paths - WRITTEN) if not (ROOT / path).exists()] == []


def test_it_names_every_module_of_the_harness():
    """Every module and every package of ``winnow/`` is in the document."""
    paths = [path.relative_to(ROOT) for path in (ROOT / "winnow").rglob("*.py")]
    modules = {f"{path.parent}/" if path.name == "__init__.py" else path.as_posix() for path in paths}

    assert sorted(modules - NAMED) == []


def test_it_names_every_folder():
    """Every folder at the top of the repository is in the document, and every folder of tests."""
    names = {f"{name}/" for name in folders(ROOT)} | {f"tests/{name}/" for name in folders(ROOT / "tests")}

    assert sorted(names - NAMED) == []


@pytest.mark.parametrize("document", ["architecture.md", "your-project.md"])
def test_the_limits_of_a_trial_are_right(document):
    """The documents name the memory that a trial may use, and the size of a file that it may write."""
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")

    assert f"{MEMORY // 1024**3} GiB" in text
    assert f"{FILE // 1024**2} MiB" in text
