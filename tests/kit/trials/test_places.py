"""Each trial has its own network, ``/tmp`` and project, and has no information about its variant."""

import os
import socket
from pathlib import Path

import pytest

from tests.kit.course import GOOD

pytestmark = pytest.mark.timeout(120)
SNOOPER = """
import gc, inspect, os, sys
from service import main

def test_what_the_process_knows():
    names = [k for frame in inspect.stack(0) for k in frame.frame.f_locals]
    known = [str(v)[:200] for frame in inspect.stack(0) for v in frame.frame.f_locals.values()]
    known += [repr(o) for o in gc.get_objects() if type(o).__module__.startswith("winnow.")]
    known += sys.argv + list(os.environ.values()) + os.listdir(".")
    assert not [text for text in known if "no-prefix" in text or "faulty" in text]
    assert "winnow.variants" not in sys.modules
    assert not {"variant", "job", "catalogue"} & set(names)
"""
FIXED_PORT = """
import asyncio, socket, threading, time
import pytest, uvicorn
from websockets.sync.client import connect
from service.main import app

@pytest.fixture
def server():
    server = uvicorn.Server(uvicorn.Config(app, port=PORT, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    yield
    server.should_exit = True
    thread.join()

@pytest.mark.parametrize("word", ["hi", "there", "again"])
def test_echo(server, word):
    with connect("ws://127.0.0.1:PORT/") as ws:
        ws.send(word)
        assert ws.recv(timeout=5) == f"echo {word}"
"""
IN_TMP = """
import os, time
from pathlib import Path
from service.main import answer

def test_a_file_at_an_absolute_path():
    path = Path("/tmp/winnow-test-of-places")
    assert not path.exists()
    path.write_text(str(os.getpid()))
    deadline = time.monotonic() + 0.2
    while time.monotonic() < deadline:
        assert path.read_text() == str(os.getpid())
    path.unlink()
    assert answer("x") == "echo x"
"""
WRITER = """
from pathlib import Path
from service.main import answer

def test_it_writes():
    Path("service/main.py").write_text("broken")
    Path("left.txt").write_text("left")
    Path("data/big.bin").write_bytes(b"x")
    assert answer("x") == "echo x"
"""


def free_port():
    """A free port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def more_variants(course, number=5):
    """Add variants of both kinds, so that trials are run at once."""
    for n in range(number):
        course.variant("correct", f"again-{n}", '"echo " + text', f'"echo " + text + "" * {n}')
        course.variant("faulty", f"shout-{n}", '"echo " + text', f'"echo " + text.upper() + "!" * {n}')


def test_a_test_finds_out_nothing_about_its_variant(course):
    """Neither the stack, the heap, the arguments, the environment nor the folder name a variant."""
    run = course.grade(SNOOPER)

    assert run.returncode == 1
    assert "Valid" in run.stdout, run.stdout
    assert "Caught: 0 of 1" in run.stdout


def test_servers_on_one_port_do_not_meet(course):
    """A suite that starts its server on a fixed port is judged as if it were alone."""
    more_variants(course)

    run = course.grade(FIXED_PORT.replace("PORT", str(free_port())), "--workers", "4")

    assert run.returncode == 0, run.stdout + run.stderr
    assert "Caught: 6 of 6" in run.stdout


def test_files_at_one_absolute_path_do_not_meet(course):
    """A suite that writes to a fixed path in /tmp is judged as if it were alone, and leaves nothing there."""
    more_variants(course)

    run = course.grade(IN_TMP, "--workers", "4")

    assert run.returncode == 0, run.stdout + run.stderr
    assert not list(Path("/tmp").glob("winnow-test-of-places"))  # noqa: S108


def test_nothing_that_a_test_writes_reaches_the_project(course):
    """A test that overwrites the service, and a big file beside it, changes its own copy alone."""
    course.write("data/small.txt", "small")
    big = course.folder / "data/big.bin"
    big.write_bytes(bytes(3 * 1024 * 1024))
    before = (course.folder / "service/main.py").read_text("utf-8")

    run = course.grade(WRITER)

    assert run.returncode == 0, run.stdout + run.stderr
    assert (course.folder / "service/main.py").read_text("utf-8") == before
    assert big.stat().st_size == 3 * 1024 * 1024


def test_what_needs_the_machine_s_network_is_run_outside(course):
    """A suite that needs a server of the machine is judged where it reaches that, one trial at a time."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        run = course.grade(
            f"import socket\n{GOOD}    socket.create_connection(('127.0.0.1', {port})).close()\n"
        )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "one at a time" in run.stdout


def test_hidden_files_links_and_pipes_come_along_or_do_no_harm(course):
    """All that the project has is in a trial; what cannot be copied is left out without a word."""
    course.write("rooms.yaml", "rooms: hall")
    course.write(".env", "WORD=hi")
    course.write("common/__init__.py", "X = 1")
    (course.folder / "common/link").symlink_to("../rooms.yaml")
    (course.folder / "common/nowhere").symlink_to("/no/such/file")
    os.mkfifo(course.folder / "common/pipe")

    run = course.grade(
        f"from pathlib import Path\nimport common\n{GOOD}"
        "    assert Path('rooms.yaml').read_text() == 'rooms: hall'\n"
        "    assert Path('.env').read_text() == 'WORD=hi'\n"
        "    assert Path('common/link').read_text() == 'rooms: hall'\n"
        "    assert not Path('variants').exists()\n"
    )

    assert run.returncode == 0, run.stdout + run.stderr


SUBPROCESS = """
import socket, subprocess, sys, time
import pytest
from websockets.sync.client import connect

@pytest.fixture(scope="module")
def port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "service.main:app", "--port", str(port)]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.02)
    yield port
    server.terminate()
    server.wait()

def test_echo(port):
    with connect(f"ws://127.0.0.1:{port}/") as ws:
        ws.send("hi")
        assert ws.recv(timeout=5) == "echo hi"
"""


def test_a_service_in_a_process_of_its_own_is_the_variant(course):
    """A suite that imports nothing of the service, but starts it by a command, is judged all the same."""
    run = course.grade(SUBPROCESS)

    assert run.returncode == 0, run.stdout + run.stderr
    assert "Caught: 1 of 1" in run.stdout


@pytest.fixture
def without_namespaces(monkeypatch):
    """Let the system not allow places of their own."""
    monkeypatch.setenv("WINNOW_NO_NAMESPACES", "1")


@pytest.mark.parametrize("suite", [SUBPROCESS, WRITER, GOOD], ids=["process", "writer", "good"])
def test_where_the_system_allows_no_namespaces(course, without_namespaces, suite):
    """Trials run in copies at a path of their own, and the verdicts are the same."""
    course.write("data/big.bin", "")
    (course.folder / "data/big.bin").write_bytes(bytes(3 * 1024 * 1024))

    run = course.grade(suite)

    assert run.returncode == 0, run.stdout + run.stderr
    assert (course.folder / "data/big.bin").stat().st_size == 3 * 1024 * 1024


def test_a_fixed_port_without_namespaces(course, without_namespaces):
    """Trials that would meet on a port are run one at a time, and one sentence says so."""
    more_variants(course)

    run = course.grade(FIXED_PORT.replace("PORT", str(free_port())), "--workers", "4")

    assert run.returncode == 0, run.stdout + run.stderr
    assert "one at a time" in run.stdout
