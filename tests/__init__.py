"""The suites."""

import logging

logging.getLogger("service").addHandler(logging.NullHandler())  # only tests read its log
