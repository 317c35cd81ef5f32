"""A small project in which suites are graded: a service with one correct and one faulty variant."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

SERVICE = """
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

def answer(text):
    return "echo " + text

async def echo(websocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(answer(text))

app = Starlette(routes=[WebSocketRoute("/", echo)])
"""
VARIANT = """
promise = {{ en = "{promise}", zh = "{promise}" }}
[[hint]]
en = "look at {name}"
zh = "看 {name}"
[[edit]]
file = "service/main.py"
find = '''{find}'''
replace = '''{replace}'''
"""
GOOD = """
from starlette.testclient import TestClient
from service.main import app

def test_echo():
    with TestClient(app).websocket_connect("/") as ws:
        ws.send_text("hi")
        assert ws.receive_text() == "echo hi"
"""


class Course:
    """A project with a small service and its variants, in which suites are graded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written: set[str] = set()  # what is in the folder
        self.write("pyproject.toml", "[tool.winnow]\ngate = 'service/main.py'\ntrial_timeout = 6\n")
        self.write("service/__init__.py", "")
        self.write("service/main.py", SERVICE)
        self.variant("correct", "formatted", '"echo " + text', 'f"echo {text}"')
        self.variant("faulty", "no-prefix", '"echo " + text', "text")

    def write(self, name: str, text: str) -> None:
        """Write one file."""
        self.written.add(Path(name).parts[0])
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")

    def variant(self, kind: str, name: str, find: str, replace: str) -> None:
        """Add a variant."""
        self.write(
            f"variants/{kind}/{name}.toml",
            VARIANT.format(name=name, promise=f"the promise of {name}", find=find, replace=replace),
        )

    def needs(self, name: str, program: str) -> None:
        """Let a fault need this program."""
        self._add(name, f"needs = '{program}'")

    def names(self, name: str, suite: str) -> None:
        """Let a fault name a slow suite."""
        self._add(name, f"suite = '{suite}'")

    def _add(self, name: str, line: str) -> None:
        path = self.folder / f"variants/faulty/{name}.toml"
        path.write_text(f"{line}\n{path.read_text(encoding='utf-8')}", encoding="utf-8")

    def retarget(self, folder: str) -> None:
        """Let the variants change a service in this folder."""
        for path in (self.folder / "variants").rglob("*.toml"):
            path.write_text(path.read_text("utf-8").replace("service/", folder), encoding="utf-8")

    def grade(self, suite: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Grade this suite from the command line; keep standard output and error separate."""
        self.write("test_suite.py", suite)
        return self.winnow("grade", *options, "test_suite.py")

    def winnow(self, *arguments: str, language: str = "en_GB.UTF-8") -> subprocess.CompletedProcess[str]:
        """Run one command in the project, in a terminal of this language."""
        return subprocess.run(
            [sys.executable, "-m", "winnow.cli", *arguments],
            cwd=self.folder,
            env={**os.environ, "LC_ALL": language},
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )

    def pytest(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run pytest itself in the project."""
        return subprocess.run(
            [sys.executable, "-B", "-m", "pytest", "-p", "no:cacheprovider", *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )


def mine() -> set[str]:
    """The processes that a hostile suite has marked."""
    marked = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"winnow-hostile" in path.read_bytes():
                marked.add(path.parent.name)
        except OSError:
            continue
    return marked
