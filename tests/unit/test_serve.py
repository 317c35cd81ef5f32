"""``python -m service``: what it says, and that it ends with a sentence when it cannot run."""

import contextlib
import io
import os
import socket
import unittest
from unittest.mock import patch

import uvicorn

from service.__main__ import main


class Serve(unittest.TestCase):
    """The command, with a server that does not serve."""

    def run_command(self, *arguments, error=None, **variables):
        """Run it; return what it printed, and how the server was called."""
        environment = {f"ECHO_{name}": value for name, value in variables.items()}
        printed = io.StringIO()
        with (
            patch.dict(os.environ, environment),
            patch.object(uvicorn.Server, "run", autospec=True, side_effect=error) as run,
            contextlib.redirect_stdout(printed),
        ):
            main(list(arguments))
        (server,), options = run.call_args
        for listener in options["sockets"]:
            self.port = listener.getsockname()[1]
            listener.close()
        return printed.getvalue(), server

    def test_it_says_where_it_is(self):
        """The address is the real one, and a demonstration names its token."""
        printed, _ = self.run_command("--port", "0")

        self.assertIn(f"http://127.0.0.1:{self.port}/\n", printed)
        self.assertIn("token=leizishuoceshi", printed)

    def test_a_secret_of_ones_own_is_not_printed(self):
        """Whoever has set tokens knows them."""
        printed, _ = self.run_command("--port", "0", TOKENS='{"ada": "a long secret"}')

        self.assertNotIn("a long secret", printed)
        self.assertNotIn("leizishuoceshi", printed)

    def test_the_settings_reach_the_application(self):
        """What the shell says holds for the service, and the server leaves far longer frames unread."""
        _, server = self.run_command("--port", "0", MAX_MESSAGE_BYTES="10")

        self.assertEqual(10, server.config.app.state.settings.max_message_bytes)
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
        for port in ("70000", "-1", "http"):
            with self.subTest(port), contextlib.redirect_stderr(io.StringIO()) as complaint:
                with self.assertRaises(SystemExit):
                    self.run_command("--port", port)

                self.assertIn("--port", complaint.getvalue())

    def test_settings_that_make_no_sense(self):
        """The sentence names the variable, and keeps the secret."""
        wrong = {"TOKENS": '{"ada": "s3cret", "bob": "s3cret"}', "MAX_MESSAGE_BYTES": "0"}
        for name, value in wrong.items():
            with self.subTest(name), self.assertRaises(SystemExit) as stopped:
                self.run_command("--port", "0", **{name: value})

            self.assertIn("ECHO_", str(stopped.exception))
            self.assertNotIn("s3cret", str(stopped.exception))

    def test_a_setting_that_is_no_json(self):
        """Lists and tables are JSON."""
        with self.assertRaisesRegex(SystemExit, "(?s)tokens.*JSON"):
            self.run_command("--port", "0", TOKENS="ada:secret")
