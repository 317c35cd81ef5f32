"""The fixtures in projects of many kinds, run by pytest itself."""

import os
import re
import subprocess
import sys

import pytest

CONFIG = """
[tool.winnow]
service = "shop"
app = "shop.api:app"
suites = ["checks"]

[tool.pytest.ini_options]
pythonpath = ["."]
"""
API = """
import asyncio
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

orders = asyncio.Queue()

async def talk(websocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(f"you said {text}")

async def queue(websocket):
    await websocket.accept()
    reader = asyncio.create_task(orders.get())
    await orders.put(await websocket.receive_text())
    await websocket.send_text(f"you said {await reader}")

app = Starlette(routes=[WebSocketRoute("/ws", talk), WebSocketRoute("/queue", queue)])
"""
TALK = """
    with connect("/ws") as ws:
        ws.send({0})
        assert ws.recv() == f"you said {{{0}}}"
"""
HELLO = "\ndef test_hello(connect):\n    word = 'hi'" + TALK.format("word")
FOUR_KINDS_OF_NAMES = f"""
import pytest

@pytest.mark.parametrize(argnames="word", argvalues=["a", "b"])
def test_keywords(connect, word): {TALK.format("word")}

@pytest.mark.parametrize(argvalues=["a"], argnames=("word",))
def test_a_tuple(connect, word): {TALK.format("word")}

@pytest.mark.parametrize("transport_cost, transports", [("1", "2")])
def test_names(connect, transport_cost, transports): {TALK.format("transport_cost")}

@pytest.mark.parametrize("transport", ["bus"])
def test_the_very_name(connect, transport): {TALK.format("transport")}
"""
NOT_REPEATED = f"""
import unittest
import pytest

def test_by_name(request):
    connect, word = request.getfixturevalue("connect"), request.getfixturevalue("transport")
    assert word == "in-process"
    {TALK.format("word")}

@pytest.mark.transports("live-wsproto", "in-process")
def test_by_name_and_marker(request):
    connect, word = request.getfixturevalue("connect"), request.getfixturevalue("transport")
    assert word == "live-wsproto"
    {TALK.format("word")}

class TestShop(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def open(self, connect):
        self.connect = connect

    def test_it(self):
        connect, word = self.connect, "hi"
        {TALK.format("word").replace(chr(10), chr(10) + "    ")}
"""
OWN = """
import pytest

@pytest.fixture(scope="session")
def server(): return "http://127.0.0.1:9"

@pytest.fixture
def transport(): return ("tcp", 9)

@pytest.fixture
def http(): return "a client of our own"

def test_ours(server, transport, http):
    assert (server, transport, http) == ("http://127.0.0.1:9", ("tcp", 9), "a client of our own")
"""
OWN_CONNECT = """
import pytest

@pytest.fixture(params=["a", "b"])
def connect(request): return request.param

@pytest.fixture
def app(): return None

def test_ours(connect, app): assert connect in "ab" and app is None
"""
WRAPPED = f"""
import pytest

@pytest.fixture
def connect(connect):
    return lambda path: connect(path, token="t")

@pytest.mark.usefixtures("connect")
def test_nothing(): pass
{HELLO}
"""
GARBAGE = """
import gc

def pytest_collection_modifyitems(): print("collecting", gc.isenabled())

def pytest_runtest_setup(): print("running", gc.isenabled(), gc.get_freeze_count() > 0)
"""


FILES = {
    "test_names": FOUR_KINDS_OF_NAMES,
    "test_once": NOT_REPEATED,
    "test_own": OWN + HELLO,
    "test_own_connect": OWN_CONNECT,
    "test_wrapped": WRAPPED,
    "test_queue": HELLO.replace("/ws", "/queue"),
}


def run(folder, *options, files, app="app", **environment):
    """Run pytest in a small project with these test files; return what it says."""
    for name in ("shop", "checks"):
        (folder / name).mkdir()
    (folder / "shop" / "api.py").write_text(API)
    (folder / "pyproject.toml").write_text(CONFIG.replace("shop.api:app", f"shop.api:{app}"))
    for name, text in files.items():
        (folder / "checks" / f"{name}.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "--tb=short", *options, "checks"],
        cwd=folder,
        env=os.environ | {"WINNOW_LANG": "en"} | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What pytest says of all the files."""
    return run(tmp_path_factory.mktemp("project"), "-rA", files=FILES)


@pytest.mark.parametrize(
    ("name", "passed"),
    [
        pytest.param("names", 15, id="however-a-test-is-parametrized"),
        pytest.param("once", 3, id="where-pytest-cannot-repeat-a-test"),
        pytest.param("own", 4, id="fixtures-of-the-projects-own"),
        pytest.param("own_connect", 2, id="a-connect-of-the-projects-own"),
        pytest.param("wrapped", 6, id="a-connect-that-wraps-ours"),
    ],
)
def test_the_fixtures_keep_to_their_names(said, name, passed):
    """Each conversation is held as often as it should be, and every test passes."""
    outcomes = re.findall(rf"^(\w+) checks/test_{name}\.py::", said, re.MULTILINE)

    assert outcomes == ["PASSED"] * passed


def test_a_queue_of_a_module(said):
    """It belongs to the event loop of the first transport: on the second one it is said what to do."""
    assert "FAILED checks/test_queue.py::test_hello[live-sansio]" in said
    assert "let a function make the application" in said


@pytest.mark.parametrize(
    ("app", "problem"),
    [("__name__", "not an ASGI application and does not create one"), ("nobody", "has no 'nobody'")],
)
def test_what_makes_no_application(tmp_path, app, problem):
    """It is said what was found."""
    assert problem in run(tmp_path, files={"test_hello": HELLO}, app=app)


def test_the_garbage_collector_of_others(tmp_path):
    """Where nothing is recorded, it is as the project has it."""
    said = run(tmp_path, "-s", files={"conftest": GARBAGE, "test_hello": HELLO})

    assert "collecting True" in said
    assert "running True False" in said


@pytest.mark.parametrize("trial", [False, True])
def test_the_garbage_collector_of_ours(tmp_path, trial):
    """In a trial, and where results are saved, it pauses while tests are collected."""
    options = ["-s"] if trial else ["-s", f"--winnow-results={tmp_path / 'results.json'}"]
    environment = {"WINNOW_TRIAL": "1"} if trial else {}
    said = run(tmp_path, *options, files={"conftest": GARBAGE, "test_hello": HELLO}, **environment)

    assert "collecting False" in said
    assert "running True True" in said
