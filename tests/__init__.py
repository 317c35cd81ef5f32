"""The suites."""

import logging

logging.getLogger("service").addHandler(logging.NullHandler())  # its log is read by tests, not by people
