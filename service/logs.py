"""Keep secrets out of the logs.

uvicorn writes the whole URL of every handshake at INFO, and every header at DEBUG.
"""

import logging
import re
from collections.abc import Mapping

SERVER_LOGGERS = ("uvicorn.access", "uvicorn.asgi", "uvicorn.error", "websockets.server")
_SECRETS = (
    re.compile(r"""(\?)[^\s'"]+"""),  # the query of a URL
    re.compile(r"(query_string': b)('[^']*'|\"[^\"]*\")"),  # the same in an ASGI scope
    re.compile(r"""((?:token|session)=)[^\s'"&;]+"""),  # a cookie
)


class HideSecrets(logging.Filter):
    """Put ``***`` in place of query strings and session cookies; keep every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record's arguments, in which servers pass on what clients sent."""
        if _is_cookie(record.args):
            record.args = ("Cookie", "***")
        elif isinstance(record.args, Mapping):
            record.args = {name: _hide(value) for name, value in record.args.items()}
        else:
            record.args = tuple(map(_hide, record.args or ()))
        return True


_hide_secrets = HideSecrets()


def hide_secrets() -> None:
    """Make every server logger hide secrets; calling it again changes nothing."""
    for name in SERVER_LOGGERS:
        logging.getLogger(name).addFilter(_hide_secrets)


def _is_cookie(args: object) -> bool:
    """Return whether a header's name and value are logged, and it is the one with the session."""
    return isinstance(args, tuple) and len(args) == 2 and str(args[0]).lower() == "cookie"


def _hide(value: object) -> object:
    if isinstance(value, int | float):
        return value
    text = str(value)
    for secret in _SECRETS:
        text = secret.sub(r"\1***", text)
    return text
