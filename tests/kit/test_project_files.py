"""Which files of a project are looked at."""

import os

from winnow.project import files


def test_what_cannot_be_read_is_passed_over(tmp_path, monkeypatch):
    """A file or a folder that this user may not open ends nothing; pipes and linked folders are no files."""
    for name in ("a.py", "secret.py", "locked/b.py", "sub/c.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "linked").symlink_to("sub")
    os.mkfifo(tmp_path / "pipe.py")
    monkeypatch.setattr(os, "access", lambda path, _: path.name not in ("secret.py", "locked"))

    assert [path.relative_to(tmp_path).as_posix() for path in files(tmp_path)] == ["a.py", "sub/c.py"]
