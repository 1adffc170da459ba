"""The web application: who may see what, at which address.

Takes Settings, a probe and a clock, gives an ASGI application.
"""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from console import pages, services
from console.guard import Guard, Verdict
from console.sessions import Session, Sessions
from console.settings import Settings
from console.shield import Shield

Pause = Callable[[float], Awaitable[object]]

# The prefix makes browsers keep it to this very host, over TLS alone.
COOKIE = "__Host-console"
_FORM_LIMIT_BYTES = 8 * 1024


def make_app(
    settings: Settings, *, probe: services.Probe, now: Callable[[], float], pause: Pause = asyncio.sleep
) -> Starlette:
    """Put the application together; `pause` waits for seconds. Its `state.take_over` takes other settings."""
    console = _Console(settings, probe=probe, now=now, pause=pause)
    routes = [
        Route("/", console.home, methods=["GET"]),
        Route("/login", console.login_form, methods=["GET"]),
        Route("/login", console.login, methods=["POST"]),
        Route("/logout", console.logout, methods=["POST"]),
        Route("/api/services", console.api, methods=["GET"]),
        Route("/services/{number:int}/password", console.password, methods=["POST"]),
        Route("/healthz", _healthz, methods=["GET"]),
    ]
    application = Starlette(routes=routes, middleware=[Middleware(Shield)])
    application.state.take_over = console.take_over
    return application


async def _healthz(request: Request) -> Response:
    return PlainTextResponse("ok\n")


class _Console:
    """The answers, one method an address."""

    def __init__(self, settings: Settings, *, probe: services.Probe, now: Callable[[], float], pause: Pause) -> None:
        self._settings = settings
        self._pause = pause
        self._probe = probe
        self._now = now
        self._guard = Guard(settings.admin_user, settings.admin_passwords, now=now)
        self._sessions = Sessions(settings.session_keys, lifetime_s=settings.session_hours * 3600, now=now)

    def take_over(self, settings: Settings) -> None:
        """Answer by these from now on; who is logged in stays so while a key of theirs counts."""
        self._settings = settings
        self._guard.take_over(settings.admin_user, settings.admin_passwords)
        self._sessions.take_over(settings.session_keys)

    async def home(self, request: Request) -> Response:
        """Show the services. Basic credentials are taken too, so that a program needs no form."""
        session = self._admin(request)
        if session is None and "authorization" in request.headers:
            return await self._basic(request, self._services_page)
        if session is None:
            return RedirectResponse("/login", status_code=303)
        return await self._services_page(request, session)

    async def api(self, request: Request) -> Response:
        """Give what the page shows, without passwords, as JSON."""
        session = self._admin(request)
        if session is None and "authorization" in request.headers:
            return await self._basic(request, self._services_json)
        if session is None:
            return JSONResponse({"error": "not logged in"}, status_code=401)
        return await self._services_json(request, session)

    async def login_form(self, request: Request) -> Response:
        """Show the login form."""
        if self._admin(request) is not None:
            return RedirectResponse("/", status_code=303)
        return self._login_page(request)

    async def login(self, request: Request) -> Response:
        """Judge a login; a good one gets a session with a new id."""
        form = await _read_form(request)
        session = self._session(request)
        if session is None or not self._sessions.accepts_form(session, form.get("form_token", "")):
            return self._login_page(request, message="That form was too old. Please log in again.", status=403)
        user = form.get("user", "")
        match await self._judge(request, user, form.get("password", "")):
            case "accepted":
                answer = RedirectResponse("/", status_code=303)
                self._set_cookie(answer, self._sessions.start("admin"))
                return answer
            case "refused":
                return self._login_page(request, message="User or password is wrong.", status=401, user=user)
            case "too-many":
                return self._too_many(request)

    async def logout(self, request: Request) -> Response:
        """End the session, on every copy of its cookie."""
        session = self._session(request)
        form = await _read_form(request)
        if session is not None and self._sessions.accepts_form(session, form.get("form_token", "")):
            self._sessions.end(session)
        answer = RedirectResponse("/login", status_code=303)
        answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="strict")
        return answer

    async def password(self, request: Request) -> Response:
        """Reveal one password: as JSON to the script, inside the page to a browser without it."""
        wants_json = "application/json" in request.headers.get("accept", "")
        session = self._admin(request)
        if session is None:
            return _refuse(wants_json, 401, "not logged in")
        form = await _read_form(request)
        if not self._sessions.accepts_form(session, form.get("form_token", "")):
            return _refuse(wants_json, 403, "the form did not come from this page")
        number = request.path_params["number"]
        if number >= len(self._settings.services):
            return _refuse(wants_json, 404, "no such service")
        if wants_json:
            return JSONResponse({"password": self._settings.services[number].password})
        return await self._services_page(request, session, revealed=number)

    async def _services_page(self, request: Request, session: Session, *, revealed: int | None = None) -> Response:
        shown = await self._ask(revealed)
        frame = self._frame(request, session)
        return HTMLResponse(
            pages.describe_services(frame, shown, checked_at=self._clock_text(), user=self._settings.admin_user)
        )

    async def _services_json(self, request: Request, session: Session) -> Response:
        shown = await self._ask(None)
        listed = [
            {
                "number": one.number,
                "name": services.title(one.service),
                "instance": one.service.instance,
                "address": one.service.address,
                "port": one.service.port,
                "up": one.state.up,
                "version": one.state.version,
                "trouble": one.state.trouble,
                "facts_html": pages.facts_of(one.state),
            }
            for one in shown
        ]
        words = pages.summary(len(shown), sum(not one.state.up for one in shown))
        return JSONResponse({"summary": words, "checked_at": self._clock_text(), "services": listed})

    async def _basic(self, request: Request, show: Callable[[Request, Session], Awaitable[Response]]) -> Response:
        user, password = _basic_credentials(request.headers["authorization"])
        match await self._judge(request, user, password):
            case "accepted":
                return await show(request, self._sessions.start("guest"))
            case "refused":
                # Without `www-authenticate`: a browser must not open its own dialogue over the form.
                return PlainTextResponse("User or password is wrong.\n", status_code=401)
            case "too-many":
                return self._too_many(request)

    async def _judge(self, request: Request, user: str, password: str) -> Verdict:
        """Judge a login; where many failed before, slowly, whatever comes of it."""
        delay_s = self._guard.delay_s(_address(request))
        if delay_s:
            await self._pause(delay_s)
        return self._guard.judge(user, password, address=_address(request))

    async def _ask(self, revealed: int | None) -> tuple[pages.Shown, ...]:
        asked = self._settings.services
        states = await run_in_threadpool(services.ask_all, asked, self._probe)
        return tuple(
            pages.Shown(
                number=number, service=service, state=state, password=service.password if number == revealed else ""
            )
            for number, (service, state) in enumerate(zip(asked, states, strict=True))
        )

    def _login_page(self, request: Request, *, message: str = "", status: int = 200, user: str = "") -> Response:
        session = self._session(request) or self._sessions.start("guest")
        html = pages.describe_login(self._frame(request, session), message=message, user=user)
        answer = HTMLResponse(html, status_code=status)
        self._set_cookie(answer, session)
        return answer

    def _too_many(self, request: Request) -> Response:
        seconds = self._guard.retry_after_s(_address(request))
        answer = self._login_page(request, message=f"Too many attempts. Try again in {seconds} s.", status=429)
        answer.headers["retry-after"] = str(seconds)
        return answer

    def _session(self, request: Request) -> Session | None:
        return self._sessions.read(request.cookies.get(COOKIE, ""))

    def _admin(self, request: Request) -> Session | None:
        session = self._session(request)
        return session if session is not None and session.role == "admin" else None

    def _set_cookie(self, answer: Response, session: Session) -> None:
        token = self._sessions.token(session)
        answer.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="strict")

    def _frame(self, request: Request, session: Session) -> pages.Frame:
        return pages.Frame(
            title=self._settings.title,
            deployment=self._settings.deployment,
            nonce=request.state.nonce,
            form_token=self._sessions.form_token(session),
        )

    def _clock_text(self) -> str:
        return datetime.fromtimestamp(self._now(), tz=UTC).strftime("%H:%M:%S UTC")


def _refuse(wants_json: bool, status: int, reason: str) -> Response:
    if wants_json:
        return JSONResponse({"error": reason}, status_code=status)
    if status == 401:
        return RedirectResponse("/login", status_code=303)
    return PlainTextResponse(reason, status_code=status)


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""


def _basic_credentials(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password


async def _read_form(request: Request) -> dict[str, str]:
    """Read a small URL-encoded form; one that is too long, or of another kind, reads as empty."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _FORM_LIMIT_BYTES:
            return {}
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return {}
    return {name: values[-1] for name, values in fields.items()}
