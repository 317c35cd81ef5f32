"""The suites. They test the service as it comes, whatever the shell has set for `nox -s serve`."""

import logging
import os

for name in [name for name in os.environ if name.startswith("ECHO_")]:
    del os.environ[name]

logging.getLogger("service").addHandler(logging.NullHandler())  # its log is read by tests, not by people
