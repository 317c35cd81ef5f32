"""The files of a project that Winnow reads."""

import os

from winnow.project import files


def test_what_cannot_be_read_is_passed_over(tmp_path, monkeypatch):
    """An unreadable file or folder is left out without an error, and so are pipes and linked folders."""
    for name in ("a.py", "secret.py", "locked/b.py", "sub/c.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "linked").symlink_to("sub")
    os.mkfifo(tmp_path / "pipe.py")
    monkeypatch.setattr(os, "access", lambda path, _mode: path.name not in ("secret.py", "locked"))

    assert [path.relative_to(tmp_path).as_posix() for path in files(tmp_path)] == ["a.py", "sub/c.py"]
