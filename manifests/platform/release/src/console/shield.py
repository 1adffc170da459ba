"""What every answer carries, and the access log.

Takes the application, gives it back wrapped: security headers with a fresh nonce for each answer, and one log line of
method, path, status and time. Queries, bodies and cookies are never logged.
"""

import logging
import secrets
import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = {
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_POLICY = (
    "default-src 'none'; base-uri 'none'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "img-src data:; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'"
)

_STRICT = "max-age=31536000"

_log = logging.getLogger("console.access")


class Shield:
    """Middleware; a page finds its nonce in `request.state.nonce`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce
        status = 500

        async def send_shielded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers["content-security-policy"] = _POLICY.format(nonce=nonce)
                if _has_name(scope):
                    headers["strict-transport-security"] = _STRICT
            await send(message)

        try:
            await self._app(scope, receive, send_shielded)
        finally:
            spent_ms = (time.monotonic() - began) * 1000
            # The raw path is still percent-encoded: no line break of a visitor's gets into the log.
            path = scope.get("raw_path", b"").split(b"?")[0].decode("ascii", "backslashreplace")
            address = scope["client"][0] if scope.get("client") else "-"
            _log.info("%s %s %s %d %.0f ms", address, scope["method"], path, status, spent_ms)


def _has_name(scope: Scope) -> bool:
    """Whether the visitor called us by a name of our own. Browsers keep nothing of an address, and on localhost keeping
    to TLS would break every other program's plain HTTP."""
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1").rpartition("]")[2].partition(":")[0].lower()
    is_address = not host or host.replace(".", "").isdigit()
    return not is_address and host != "localhost" and not host.endswith(".localhost")
