"""The suites. They test the service as it comes, whatever the shell has set for `nox -s serve`."""

import os

for name in [name for name in os.environ if name.startswith("ECHO_")]:
    del os.environ[name]
