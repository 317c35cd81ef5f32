"""Runs test suites, grades them with variants of a service, and reports the results.

This package never imports the service under test. It reads and copies the service's files; the
configuration names the ASGI application.
"""

from winnow.transports import Closed, Deadlock, Refused, TimedOut, TransportError

__all__ = ["Closed", "Deadlock", "Refused", "TimedOut", "TransportError"]
