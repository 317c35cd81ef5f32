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
    """Results of an earlier run are deleted; files that are not reports stay."""
    clean(config)
    (config.reports / "old").mkdir()
    (config.reports / "old/page.html").write_text("old")
    (config.reports / "index.html").write_text("old")
    (config.reports / "README.md").write_text("kept")

    clean(config)

    assert sorted(path.name for path in config.reports.rglob("*")) == [".winnow", "README.md", "data"]


def test_files_of_others_stay(config):
    """A folder that Winnow never emptied may contain the only copy of a file."""
    (config.reports / "2025").mkdir()
    (config.reports / "2025/sales.csv").write_text("1,2")

    with pytest.raises(WinnowError, match="contains a file that Winnow did not write: 2025"):
        clean(config)
    assert (config.reports / "2025/sales.csv").exists()


def test_a_matrix_is_kept_while_it_is_true(config):
    """The matrix stays until the service, a suite or a variant changes."""
    matrix = config.reports / "matrix.json"
    config.service.mkdir()
    (config.service / "main.py").write_text("before")
    matrix.write_text(json.dumps({"fingerprint": fingerprint(config)}))

    clean(config)
    assert matrix.exists()

    (config.service / "main.py").write_text("after")
    clean(config)
    assert not matrix.exists()


def test_a_missing_folder_is_created(config):
    """The first run creates the reports folder."""
    config.reports.rmdir()

    clean(config)

    assert config.data.is_dir()


def test_a_file_in_the_way(config):
    """The error names the folder, the reason and the next step."""
    config.reports.rmdir()
    config.reports.write_text("in the way")

    with pytest.raises(
        WinnowError, match="reports/ cannot be written: File exists\n  hint: check the permissions"
    ):
        clean(config)


def test_a_full_disk(config, monkeypatch):
    """A full disk is found before the run, not in the middle of it."""

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)

    with pytest.raises(WinnowError, match="reports/ cannot be written: No space left on device"):
        clean(config)
