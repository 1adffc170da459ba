"""The web application of a page: who may see what, at which address.

Takes a PageOrder and a task to look at, gives an ASGI application.
"""

import time
from collections.abc import Callable
from importlib import resources

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from director.app.use_cases.watch import WatchedTask
from director.page import stream
from director.page.entrance import Entrance, EntryResult
from director.page.fragments import Fragments
from director.page.presence import Presence

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_ASSETS = {"icon.svg": "image/svg+xml", "page.css": "text/css", "page.js": "text/javascript"}

_WORDS = {
    EntryResult.WRONG: "This address is not the one that the command printed: its token is wrong.",
    EntryResult.USED: "This address was opened before. It works once, for the first browser that opens it.",
    EntryResult.EXPIRED: "This address has expired.",
}

Answer = Callable[[Request], Response]


class PageApplication:
    """The answers, one method an address. `new_task` gives a task to look at from its beginning."""

    def __init__(
        self, fragments: Fragments, *, entrance: Entrance, presence: Presence, hosts: frozenset[str],
        new_task: Callable[[], WatchedTask],
    ) -> None:  # fmt: skip
        self.program = "compleat"
        self._fragments = fragments
        self._entrance = entrance
        self._presence = presence
        self._hosts = hosts
        self._new_task = new_task
        self._cookie = f"__Host-compleat-{min(host.rpartition(':')[2] for host in hosts)}"

    def asgi(self) -> Starlette:
        """The application."""
        application = Starlette(
            routes=[
                Route("/", self._guarded(self._home), methods=["GET"]),
                Route("/stream", self._guarded(self._stream), methods=["GET"]),
                Route("/enter/{token}", self._shielded(self._enter), methods=["GET"]),
                Route("/{asset}", self._shielded(_asset), methods=["GET"]),
            ]
        )
        application.router.redirect_slashes = False  # a redirect would repeat the request's Host header
        return application

    def _guarded(self, answer: Answer) -> Answer:
        """For browsers that have entered alone."""

        def checked(request: Request) -> Response:
            if not self._entrance.knows(request.cookies.get(self._cookie, "")):
                words = "Open the address that the command printed; its token lets one browser in."
                return self._refusal("This page is not open to this browser", words)
            self._presence.note_visit()
            return answer(request)

        return self._shielded(checked)

    def _shielded(self, answer: Answer) -> Answer:
        """For requests to this very address alone: a name that leads here is another site's. Adds the headers."""

        def checked(request: Request) -> Response:
            is_own_host = request.headers.get("host", "") in self._hosts
            response = answer(request) if is_own_host else PlainTextResponse("Wrong Host header.\n", status_code=421)
            response.headers.update(_HEADERS)
            return response

        return checked

    def _enter(self, request: Request) -> Response:
        result, cookie = self._entrance.enter(request.path_params["token"])
        if result is not EntryResult.ENTERED:
            return self._refusal("This address does not open the page", _WORDS[result])
        # A redirect would be part of a navigation from elsewhere, and a strict cookie is not sent with that.
        html = self._fragments.message("Opening the page", ["The page of the task opens."], onward="/")
        response = HTMLResponse(html)
        response.set_cookie(self._cookie, cookie, path="/", secure=True, httponly=True, samesite="strict")
        return response

    def _home(self, request: Request) -> Response:
        task = self._new_task()
        task.look()
        return HTMLResponse(self._fragments.page(task.view(), program=self.program, now=time.time()))

    def _stream(self, request: Request) -> Response:
        changes = stream.changes(self._new_task(), self._fragments, presence=self._presence, program=self.program)
        return StreamingResponse(changes, media_type="text/event-stream")

    def _refusal(self, title: str, words: str) -> Response:
        lines = [words, "`compleat watch` prints a new address."]
        return HTMLResponse(self._fragments.message(title, lines), status_code=403)


def _asset(request: Request) -> Response:
    name = request.path_params["asset"]
    if name not in _ASSETS:
        return PlainTextResponse("Nothing is here.\n", status_code=404)
    content = resources.files("director.page").joinpath("assets", name).read_bytes()
    return Response(content, media_type=_ASSETS[name])
