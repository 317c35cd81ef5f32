"""``python -m service``: what it says, and that it ends with a sentence when it cannot run."""

import contextlib
import io
import os
import socket
import sys
import unittest
from unittest.mock import patch

import uvicorn
from uvicorn.importer import import_from_string

from service.__main__ import main


class Serve(unittest.TestCase):
    """The command, with a server that does not serve."""

    def run_command(self, *arguments, error=None, **variables):
        """Run it; return what it printed, and the server; ``self.app`` is what it would have served."""
        environment = {f"ECHO_{name}": value for name, value in variables.items()}
        printed = io.StringIO()

        def serve(server, sockets):
            self.app = import_from_string(server.config.app)()
            if error:
                raise error

        with (
            patch.dict(os.environ, environment),
            patch.object(uvicorn.Server, "run", autospec=True, side_effect=serve) as run,
            contextlib.redirect_stdout(printed),
        ):
            main(list(arguments))
        (server,), options = run.call_args
        for listener in options["sockets"]:
            self.port = listener.getsockname()[1]
            listener.close()
        return printed.getvalue(), server

    def test_it_says_where_it_is(self):
        """The address is the real one, a demonstration names its token, and there is a way to stop."""
        printed, _ = self.run_command("--port", "0")

        self.assertIn(f"http://127.0.0.1:{self.port}/\n", printed)
        self.assertIn(f"http://127.0.0.1:{self.port}/chat\n", printed)
        self.assertIn("token=leizishuoceshi", printed)
        self.assertIn("Ctrl-C", printed)

    def test_it_says_so_before_it_serves(self):
        """Whoever reads through a pipe, which keeps lines back, need not wait for the end."""
        pipe, arrived = io.BytesIO(), []
        with (
            patch.object(uvicorn.Server, "run", side_effect=lambda **_: arrived.append(pipe.getvalue())),
            contextlib.redirect_stdout(io.TextIOWrapper(pipe, encoding="utf-8")),
            patch.object(socket, "create_server"),
        ):
            main(["--port", "0"])

        self.assertIn(b"token=leizishuoceshi", arrived[0])

    def test_a_secret_of_ones_own_is_not_printed(self):
        """Whoever has set tokens knows them."""
        printed, _ = self.run_command("--port", "0", TOKENS='{"ada": "a long secret"}')

        self.assertNotIn("a long secret", printed)
        self.assertNotIn("leizishuoceshi", printed)

    def test_the_settings_reach_the_application(self):
        """What the shell says holds for the service, and the server leaves far longer frames unread."""
        _, server = self.run_command("--port", "0", MAX_MESSAGE_BYTES="10")

        self.assertEqual(10, self.app.state.settings.max_message_bytes)
        self.assertEqual(20, server.config.ws_max_size)

    def test_ctrl_c_is_a_way_to_stop(self):
        """No traceback: the command was told to end."""
        printed, _ = self.run_command("--port", "0", error=KeyboardInterrupt)

        self.assertTrue(printed.endswith("stopped\n"))

    def test_a_port_that_is_taken(self):
        """The sentence names the port and the next step."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]

            with self.assertRaisesRegex(SystemExit, f"(?s)127.0.0.1:{port}.*in use.*--port {port + 1}"):
                self.run_command("--port", str(port))

    def test_a_port_that_cannot_be(self):
        """There are 65,535 of them, and they are numbers."""
        for port in ("65536", "-1", "http"):
            with self.subTest(port), contextlib.redirect_stderr(io.StringIO()) as complaint:
                with self.assertRaises(SystemExit):
                    self.run_command("--port", port)

                self.assertIn("--port", complaint.getvalue())

    def test_the_port_by_default_and_the_last_one(self):
        """Without ``--port`` it is the one that the README names, and 65535 is a port like any other."""
        for arguments, port in (([], 8000), (["--port", "65535"], 65_535)):
            with self.subTest(port), patch.object(socket, "create_server", side_effect=OSError("in use")):
                with self.assertRaisesRegex(SystemExit, f"127.0.0.1:{port}: in use"):
                    self.run_command(*arguments)

    def test_settings_that_make_no_sense(self):
        """The sentence says what is wrong with the variable, and keeps the secret."""
        wrong = [
            ("TOKENS", '{"ada": "s3cret", "bob": "s3cret"}', "ECHO_.*same token"),
            ("MAX_MESSAGE_BYTES", "0", "ECHO_.*max_message_bytes"),
        ]
        for name, value, sentence in wrong:
            with self.subTest(name), self.assertRaisesRegex(SystemExit, sentence) as stopped:
                self.run_command("--port", "0", **{name: value})

            self.assertNotIn("s3cret", str(stopped.exception))

    def test_a_setting_that_is_no_json(self):
        """Lists and tables are JSON."""
        with self.assertRaisesRegex(SystemExit, "(?s)tokens.*JSON"):
            self.run_command("--port", "0", TOKENS="ada:secret")

    def test_workers_need_a_place_to_meet(self):
        """Several of them without Redis would not hear of each other: the sentence says what is missing."""
        with self.assertRaisesRegex(SystemExit, "(?s)Redis.*--redis-url redis://"):
            self.run_command("--port", "0", "--workers", "2")

    def test_a_number_of_workers_that_cannot_be(self):
        """There is one at least."""
        for number in ("0", "-1", "two"):
            with self.subTest(number), contextlib.redirect_stderr(io.StringIO()) as complaint:
                with self.assertRaises(SystemExit):
                    self.run_command("--workers", number)

                self.assertIn(f"{number}", complaint.getvalue())

    def test_a_redis_that_is_not_there(self):
        """The sentence names the address, before anybody can connect."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]

        with self.assertRaisesRegex(SystemExit, f"(?s)Redis cannot be reached.*{port}.*start it"):
            self.run_command("--port", "0", "--redis-url", f"redis://127.0.0.1:{port}/0")

    def test_a_redis_that_is_no_address(self):
        """The sentence names the setting."""
        with self.assertRaisesRegex(SystemExit, "redis_url"):
            self.run_command("--port", "0", "--redis-url", "nonsense")
        with self.assertRaisesRegex(SystemExit, "Redis cannot be reached"):
            self.run_command("--port", "0", "--redis-url", "redis://127.0.0.1/0?socket_timeout=soon")

    def test_workers_share_the_listener(self):
        """With a place to meet, so many processes serve the one socket, which drops who takes nothing."""
        with (
            patch("redis.Redis.ping"),
            patch("service.server.Multiprocess") as supervisor,
            patch.dict(os.environ),
            contextlib.redirect_stdout(io.StringIO()),
        ):
            main(["--port", "0", "--workers", "2", "--redis-url", "redis://127.0.0.1:6379/0"])
            self.assertEqual("redis://127.0.0.1:6379/0", os.environ["ECHO_REDIS_URL"])

        (config, (listener,)), _ = supervisor.call_args
        with listener:
            self.assertEqual(2, config.workers)
            if sys.platform == "linux":
                self.assertEqual(5000, listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT))
