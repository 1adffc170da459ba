"""Who is logged in: signed tokens kept by the browser.

Takes keys and the time, gives tokens and says what a token is worth. A token is `id.role.expires.signature`; the
server keeps nothing but the ids that logged out before they expired.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Role = Literal["admin", "guest"]

_TOKEN = re.compile(r"([A-Za-z0-9_-]{22,64})\.(admin|guest)\.([0-9]{1,12})\.([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A visitor, logged in or not; `expires` in seconds since 1970."""

    id: str
    role: Role
    expires: int


class Sessions:
    """Makes tokens with the first key, and reads those of every key."""

    def __init__(self, keys: Sequence[str], *, lifetime_s: float, now: Callable[[], float]) -> None:
        self.take_over(keys)
        self._lifetime_s = lifetime_s
        self._now = now
        self._ended: dict[str, int] = {}

    def take_over(self, keys: Sequence[str]) -> None:
        """Use these instead; sessions that ended stay ended."""
        self._keys = [hashlib.sha256(b"console session key\0" + key.encode()).digest() for key in keys]

    def start(self, role: Role) -> Session:
        """Make a session with a new id, so that nobody can have planted it."""
        return Session(id=secrets.token_urlsafe(24), role=role, expires=int(self._now() + self._lifetime_s))

    def token(self, session: Session) -> str:
        """Give the text the browser keeps."""
        body = f"{session.id}.{session.role}.{session.expires}"
        return f"{body}.{self._sign('session', body)}"

    def read(self, token: str) -> Session | None:
        """Give the session of a token; None when it is forged, expired or ended."""
        parts = _TOKEN.fullmatch(token)
        if parts is None:
            return None
        body, _, signature = token.rpartition(".")
        if not self._has_signed("session", body, signature=signature):
            return None
        role: Role = "admin" if parts[2] == "admin" else "guest"
        session = Session(id=parts[1], role=role, expires=int(parts[3]))
        return None if session.expires <= self._now() or session.id in self._ended else session

    def end(self, session: Session) -> None:
        """Make every copy of the session's token worthless."""
        now = self._now()
        self._ended = {id_: expires for id_, expires in self._ended.items() if expires > now}
        self._ended[session.id] = session.expires

    def form_token(self, session: Session) -> str:
        """Give what this session's forms must carry, so that no other site can send them."""
        return self._sign("form", session.id)

    def accepts_form(self, session: Session, form_token: str) -> bool:
        """Say whether a form came from a page of this session."""
        return self._has_signed("form", session.id, signature=form_token)

    def _has_signed(self, purpose: str, text: str, *, signature: str) -> bool:
        signatures = [_signature(key, purpose, text) for key in self._keys]
        return any([hmac.compare_digest(signature.encode(), each.encode()) for each in signatures])

    def _sign(self, purpose: str, text: str) -> str:
        return _signature(self._keys[0], purpose, text)


def _signature(key: bytes, purpose: str, text: str) -> str:
    return hmac.new(key, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()
