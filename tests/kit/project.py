"""A copy of the project, which a test may break."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = ["service", "tests/__init__.py", "tests/unit", "tests/ws", "noxfile.py", "pyproject.toml"]
TIME_LIMIT = 120  # seconds that one command may take


class Project:
    """A copy of the project's files in a separate folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in PARTS:
            target = folder / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / part, target)

    def path(self, name: str) -> Path:
        """Return the path of one file."""
        return self.folder / name

    def edit(self, name: str, find: str, replace: str) -> None:
        """Replace a text that occurs in the file exactly once."""
        text = self.path(name).read_text(encoding="utf-8")
        assert text.count(find) == 1, f"{name} has {text.count(find)} times {find!r}"
        self.path(name).write_text(text.replace(find, replace), encoding="utf-8")

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command of this Python in the folder; its output is one text."""
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        return subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(self.folder), "PATH": path} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=TIME_LIMIT,
        )

    def nox(self, session: str) -> subprocess.CompletedProcess[str]:
        """Run a session of the noxfile, in the environment that is there."""
        return self.run("nox", "--no-venv", "--no-install", "-s", session)
