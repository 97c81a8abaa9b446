"""Answers only those who ask for one of our own names: a foreign one could only mislead."""

import ipaddress
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_MISDIRECTED = 421


class KnownHosts:
    """Wraps an application; the port is left aside, as a tunnel's end has one of its own.

    Where the platform listens on every address of the machine (`0.0.0.0`), any address of it may
    be asked for by number. A name that leads here from elsewhere is not known.
    """

    def __init__(self, app: ASGIApp, names: Collection[str], *, any_number: bool) -> None:
        self._app = app
        self._names = frozenset(name.lower() for name in names)
        self._any_number = any_number

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        host = Headers(scope=scope).get("host") if scope["type"] == "http" else None
        if host is None or self._is_known(_name_of(host)):
            await self._app(scope, receive, send)
            return
        known = ", ".join(sorted(self._names))
        text = f"Nothing is served here under this name. It is known as {known}.\n"
        await PlainTextResponse(text, _MISDIRECTED)(scope, receive, send)

    def _is_known(self, name: str) -> bool:
        return (
            name in self._names
            or name.endswith(".localhost")
            or (self._any_number and _is_number(name))
        )


def _name_of(host: str) -> str:
    """Return the name in a `Host` header, without port, in lower case."""
    name = host.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0].rstrip(".")


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
