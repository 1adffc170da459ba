"""A console with invented services and a clock of our own, and a visitor who keeps its cookie.

The application is called as a server calls it (ASGI), without sockets.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from console import app, services, settings
from starlette.types import ASGIApp, Message

PASSWORDS = ("pg-word-<secret>&\"'", "rd-secret-word", "open-sesame", "s" * 40)
UP = services.State(up=True, version="18.4", answered_ms=12.3, facts=(("Keys", "<b>3</b>"),), trouble="")
DOWN = services.State(up=False, version="", answered_ms=3000.0, facts=(), trouble="refused by <10.0.0.6>")

POSTGRES = settings.Service(
    kind="postgresql", instance="postgres/0", address="10.0.0.5", port=5432,
    database="platform", user="platform", password=PASSWORDS[0],
)  # fmt: skip
REDIS = settings.Service(kind="redis", instance="redis/0", address="10.0.0.6", port=6379, password=PASSWORDS[1])
SETTINGS = settings.Settings(
    title="Plat & form", deployment="platform", port=8443, admin_user="admin", admin_password=PASSWORDS[2],
    previous_admin_password="former-sesame", session_key=PASSWORDS[3], previous_session_key="f" * 40, session_hours=8, certificate="", private_key="", services=(POSTGRES, REDIS),
)  # fmt: skip


@dataclass(slots=True)
class Clock:
    """Seconds since 1970, moved by hand."""

    seconds: float = 1_000_000.0

    def __call__(self) -> float:
        """Give the time."""
        return self.seconds


@dataclass(slots=True)
class World:
    """The clock, and what the services answer."""

    clock: Clock = field(default_factory=Clock)
    states: dict[str, services.State] = field(default_factory=lambda: {"postgresql": UP, "redis": DOWN})

    pauses: list[float] = field(default_factory=list)

    def visitor(self) -> "Visitor":
        """Start a console of these, and visit it."""
        probe = lambda service: self.states[service.kind]  # noqa: E731
        return Visitor(app=app.make_app(SETTINGS, probe=probe, now=self.clock, pause=self._pause))

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the console answered; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    def json(self) -> Any:
        """Read the body as JSON."""
        return json.loads(self.text)


@dataclass(slots=True, kw_only=True)
class Visitor:
    """A browser without script; `cookie` is the one it was given last."""

    app: ASGIApp
    cookie: str = ""

    def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for a page; no redirection is followed."""
        return self._ask("GET", path, b"", headers or {})

    def post(
        self, path: str, form: Mapping[str, str] | bytes = b"", *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a form, or any bytes."""
        return self._ask("POST", path, form if isinstance(form, bytes) else urlencode(form).encode(), headers or {})

    def form_token(self, path: str = "/login") -> str:
        """Read the token out of a page's first form."""
        found = re.search(r'name="form_token" value="([0-9a-f]{64})"', self.get(path).text)
        assert found is not None
        return found[1]

    def log_in(self, password: str = PASSWORDS[2], user: str = "admin") -> int:
        """Fill in the login form; give the status."""
        form = {"user": user, "password": password, "form_token": self.form_token()}
        return self.post("/login", form).status

    def _ask(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        sent = {"host": "console", **({"cookie": f"{app.COOKIE}={self.cookie}"} if self.cookie else {}), **headers}
        path, _, query = target.partition("?")
        scope: dict[str, Any] = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "https", "method": method,
            "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent.items()],
            "client": ("10.0.0.9", 40000), "server": ("console", 8443),
        }  # fmt: skip
        answer = asyncio.run(_call(self.app, scope, body))
        given = answer.headers.get("set-cookie", "")
        if given:
            self.cookie = given.partition(";")[0].partition("=")[2].strip('"')
        return answer


async def _call(asked: ASGIApp, scope: dict[str, Any], body: bytes) -> Answer:
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    await asked(scope, receive, send)
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in messages[0]["headers"]}
    text = b"".join(message.get("body", b"") for message in messages[1:]).decode()
    return Answer(status=messages[0]["status"], headers=headers, text=text)
