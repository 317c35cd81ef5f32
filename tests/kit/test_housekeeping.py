"""The reports folder before a run."""

import errno
import json
from pathlib import Path

import pytest

from winnow.config import Config
from winnow.errors import WinnowError
from winnow.project import clean, fingerprint


@pytest.fixture
def config(tmp_path):
    """A project with a reports folder."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "pyproject.toml").write_text("[tool.winnow]")
    return Config.load(tmp_path)


def test_what_the_last_run_wrote_is_gone(config):
    """A page never tells of another run; what is not a report stays."""
    clean(config)
    (config.reports / "old").mkdir()
    (config.reports / "old/page.html").write_text("old")
    (config.reports / "index.html").write_text("old")
    (config.reports / "README.md").write_text("kept")

    clean(config)

    assert sorted(path.name for path in config.reports.rglob("*")) == [".winnow", "README.md", "data"]


def test_what_somebody_else_wrote_stays(config):
    """A folder that was never emptied by Winnow may hold what nobody has elsewhere."""
    (config.reports / "2025").mkdir()
    (config.reports / "2025/sales.csv").write_text("1,2")

    with pytest.raises(WinnowError, match="holds what Winnow has not written: 2025"):
        clean(config)
    assert (config.reports / "2025/sales.csv").exists()


def test_a_matrix_is_kept_while_it_is_true(config):
    """What took a minute to find stays, until the service, a suite or a variant changes."""
    matrix = config.reports / "matrix.json"
    config.service.mkdir()
    (config.service / "main.py").write_text("before")
    matrix.write_text(json.dumps({"fingerprint": fingerprint(config)}))

    clean(config)
    assert matrix.exists()

    (config.service / "main.py").write_text("after")
    clean(config)
    assert not matrix.exists()


def test_a_folder_that_is_not_there_is_made(config):
    """The first run makes it."""
    config.reports.rmdir()

    clean(config)

    assert config.data.is_dir()


def test_a_file_in_the_way(config):
    """The sentence names the folder, the reason and where to look."""
    config.reports.rmdir()
    config.reports.write_text("in the way")

    with pytest.raises(WinnowError, match="reports/ cannot be written: File exists\n  hint: make room"):
        clean(config)


def test_a_full_disk(config, monkeypatch):
    """A disk that would be full in the middle of the run is found before it."""

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)

    with pytest.raises(WinnowError, match="reports/ cannot be written: No space left on device"):
        clean(config)
