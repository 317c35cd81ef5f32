"""The harness: it runs suites, grades them with variants of the service, and reports the results.

It never imports the service under test: that is files, and an ASGI application named in the configuration.
"""

from winnow.transports import Closed, Deadlock, Refused, TimedOut, TransportError

__all__ = ["Closed", "Deadlock", "Refused", "TimedOut", "TransportError"]
