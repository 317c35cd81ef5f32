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
    """Replaces query strings and session cookies with ``***``; keeps every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace secrets in the arguments of the record, where servers put the data of clients."""
        if _is_cookie(record.args):
            record.args = ("Cookie", "***")
        elif isinstance(record.args, Mapping):
            record.args = {name: _hide(value) for name, value in record.args.items()}
        else:
            record.args = tuple(map(_hide, record.args or ()))
        return True


_hide_secrets = HideSecrets()


def hide_secrets() -> None:
    """Make every server logger hide secrets; a second call changes nothing."""
    for name in SERVER_LOGGERS:
        logging.getLogger(name).addFilter(_hide_secrets)


def _is_cookie(args: object) -> bool:
    """Return whether this is the name and value of a Cookie header."""
    return isinstance(args, tuple) and len(args) == 2 and str(args[0]).lower() == "cookie"


def _hide(value: object) -> object:
    if isinstance(value, int | float):
        return value
    text = str(value)
    for secret in _SECRETS:
        text = secret.sub(r"\1***", text)
    return text
