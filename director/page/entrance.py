"""Who may see the page: the first browser that opens the printed address, by a cookie that it gets.

Takes tokens, cookies and the time, gives results. Secrets are compared in constant time.
"""

import hmac
import secrets
from collections.abc import Callable
from enum import Enum

TOKEN_HOURS = 12
"""So long the printed address may be opened."""
_MOST_VISITORS = 1


class EntryResult(Enum):
    ENTERED = "entered"
    USED = "used"
    EXPIRED = "expired"
    WRONG = "wrong"


class Entrance:
    """A token that is accepted once, in exchange for a cookie that is valid until the process ends."""

    def __init__(self, token: str, *, now: Callable[[], float]) -> None:
        self._token = token.encode()
        self._now = now
        self._until = now() + TOKEN_HOURS * 3600
        self._cookies: list[bytes] = []

    def enter(self, token: str) -> tuple[EntryResult, str]:
        """The result, and the value of the cookie for one who enters."""
        if not hmac.compare_digest(token.encode("utf-8", "replace"), self._token):
            return EntryResult.WRONG, ""
        if len(self._cookies) >= _MOST_VISITORS:
            return EntryResult.USED, ""
        if self._now() > self._until:
            return EntryResult.EXPIRED, ""
        cookie = secrets.token_urlsafe(32)
        self._cookies.append(cookie.encode())
        return EntryResult.ENTERED, cookie

    def knows(self, cookie: str) -> bool:
        """Whether it gave this cookie."""
        given = cookie.encode("utf-8", "replace")
        return any(hmac.compare_digest(given, each) for each in self._cookies)
