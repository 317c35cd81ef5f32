"""Unit tests of ``python -m service``: its output, its options and its error messages.

Run it alone: ``python -m unittest tests.unit.test_serve``.
"""

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
    """The command, with a fake in place of the server's ``run``."""

    def run_command(self, *arguments, error=None, **variables):
        """Run the command; return its output and the server. ``self.app`` is the application it serves."""
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

    def test_the_output_names_the_address(self):
        """The output names the real address, the demonstration token, and the key that stops the server."""
        printed, _ = self.run_command("--port", "0")

        self.assertIn(f"http://127.0.0.1:{self.port}/\n", printed)
        self.assertIn(f"http://127.0.0.1:{self.port}/chat\n", printed)
        self.assertIn("token=leizishuoceshi", printed)
        self.assertIn("Ctrl-C", printed)

    def test_the_output_is_flushed_before_serving(self):
        """The output is flushed before the server runs, so that a pipe shows it at once."""
        pipe, received = io.BytesIO(), []
        with (
            patch.object(uvicorn.Server, "run", side_effect=lambda **_: received.append(pipe.getvalue())),
            contextlib.redirect_stdout(io.TextIOWrapper(pipe, encoding="utf-8")),
            patch.object(socket, "create_server"),
        ):
            main(["--port", "0"])

        self.assertIn(b"token=leizishuoceshi", received[0])

    def test_configured_tokens_are_not_printed(self):
        """The output contains neither a configured token nor the demonstration token."""
        printed, _ = self.run_command("--port", "0", TOKENS='{"ada": "a long secret"}')

        self.assertNotIn("a long secret", printed)
        self.assertNotIn("leizishuoceshi", printed)

    def test_the_settings_reach_the_application(self):
        """An ``ECHO_`` variable sets the limit of the application, and twice that limit in the server."""
        _, server = self.run_command("--port", "0", MAX_MESSAGE_BYTES="10")

        self.assertEqual(10, self.app.state.settings.max_message_bytes)
        self.assertEqual(20, server.config.ws_max_size)

    def test_ctrl_c_stops_without_a_traceback(self):
        """Ctrl-C ends the command with the line ``stopped`` and without a traceback."""
        printed, _ = self.run_command("--port", "0", error=KeyboardInterrupt)

        self.assertTrue(printed.endswith("stopped\n"))

    def test_a_port_in_use(self):
        """The error for a port in use names the address and suggests the next port."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]

            with self.assertRaisesRegex(SystemExit, f"(?s)127.0.0.1:{port}.*in use.*--port {port + 1}"):
                self.run_command("--port", str(port))

    def test_an_invalid_port(self):
        """A port that is not a number from 0 to 65535 is refused with an error that names the option."""
        for port in ("65536", "-1", "http"):
            with self.subTest(port), contextlib.redirect_stderr(io.StringIO()) as errors:
                with self.assertRaises(SystemExit):
                    self.run_command("--port", port)

                self.assertIn("--port", errors.getvalue())

    def test_the_default_port_and_the_highest_port(self):
        """The default port is 8000, and 65535 is a valid port."""
        for arguments, port in (([], 8000), (["--port", "65535"], 65_535)):
            with self.subTest(port), patch.object(socket, "create_server", side_effect=OSError("in use")):
                with self.assertRaisesRegex(SystemExit, f"127.0.0.1:{port}: in use"):
                    self.run_command(*arguments)

    def test_invalid_settings(self):
        """The error for an invalid setting names the setting and shows no token."""
        wrong = [
            ("TOKENS", '{"ada": "s3cret", "bob": "s3cret"}', "ECHO_.*same token"),
            ("MAX_MESSAGE_BYTES", "0", "ECHO_.*max_message_bytes"),
        ]
        for name, value, sentence in wrong:
            with self.subTest(name), self.assertRaisesRegex(SystemExit, sentence) as stopped:
                self.run_command("--port", "0", **{name: value})

            self.assertNotIn("s3cret", str(stopped.exception))

    def test_a_setting_that_is_not_json(self):
        """The error for a setting that must be JSON says so."""
        with self.assertRaisesRegex(SystemExit, "(?s)tokens.*JSON"):
            self.run_command("--port", "0", TOKENS="ada:secret")

    def test_several_workers_need_redis(self):
        """Several workers without Redis are refused with an error that names the missing option."""
        with self.assertRaisesRegex(SystemExit, "(?s)Redis.*--redis-url redis://"):
            self.run_command("--port", "0", "--workers", "2")

    def test_an_invalid_number_of_workers(self):
        """A value of ``--workers`` that is not a positive number is refused with an error that names it."""
        for number in ("0", "-1", "two"):
            with self.subTest(number), contextlib.redirect_stderr(io.StringIO()) as errors:
                with self.assertRaises(SystemExit):
                    self.run_command("--workers", number)

                self.assertIn(f"{number}", errors.getvalue())

    def test_redis_that_cannot_be_reached(self):
        """The error for a Redis that cannot be reached names its address, before the server starts."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]

        with self.assertRaisesRegex(SystemExit, f"(?s)Redis cannot be reached.*{port}.*start it"):
            self.run_command("--port", "0", "--redis-url", f"redis://127.0.0.1:{port}/0")

    def test_an_invalid_redis_url(self):
        """The error for an invalid Redis URL names the setting or the connection that failed."""
        with self.assertRaisesRegex(SystemExit, "redis_url"):
            self.run_command("--port", "0", "--redis-url", "nonsense")
        with self.assertRaisesRegex(SystemExit, "Redis cannot be reached"):
            self.run_command("--port", "0", "--redis-url", "redis://127.0.0.1/0?socket_timeout=soon")

    def test_workers_share_the_listener(self):
        """With Redis, all workers serve one socket, and TCP drops a client that acknowledges nothing."""
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
