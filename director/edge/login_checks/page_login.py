"""Log in at a page as a browser does, over TLS checked against one CA.

Takes a LoginCheck, gives "" or the problem.
"""

import html.parser
import http.client
import ssl
import urllib.parse
from http.cookies import SimpleCookie

from director.ports.login_checks import LoginCheck

_MAX_BYTES = 1 << 20


class _Form(html.parser.HTMLParser):
    """The page's first form: where it is sent, and its fields."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.hidden: dict[str, str] = {}
        self.user_field = ""
        self.password_field = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        words = {name: value or "" for name, value in attrs}
        if tag == "form" and not self.action:
            self.action = words.get("action", "")
        if tag == "input" and words.get("type") == "hidden":
            self.hidden[words.get("name", "")] = words.get("value", "")
        if tag == "input" and words.get("type", "text") in ("text", "email"):
            self.user_field = self.user_field or words.get("name", "")
        if tag == "input" and words.get("type") == "password":
            self.password_field = words.get("name", "")


class _Visit:
    """A browser's visit: one place, its cookies kept."""

    def __init__(self, login_check: LoginCheck) -> None:
        context = ssl.create_default_context(cadata=login_check.ca)
        self._connection = http.client.HTTPSConnection(
            login_check.endpoint.host, login_check.endpoint.port, timeout=10, context=context
        )
        self._cookies = SimpleCookie()

    def get(self, path: str) -> tuple[str, str]:
        """The page after all redirections, and its path."""
        for _ in range(5):
            status, location, body = self._send("GET", path, "")
            if status not in (302, 303, 307):
                return body, path
            path = urllib.parse.urlparse(location).path or "/"
        raise http.client.HTTPException("redirected in a loop")

    def post(self, path: str, form: dict[str, str]) -> tuple[int, str]:
        """Send a form; gives the status and where it leads."""
        status, location, _ = self._send("POST", path, urllib.parse.urlencode(form))
        return status, location

    def close(self) -> None:
        self._connection.close()

    def _send(self, method: str, path: str, body: str) -> tuple[int, str, str]:
        headers = {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in self._cookies.items())}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body=body or None, headers=headers)
        answer = self._connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            self._cookies.load(cookie)
        return answer.status, answer.headers.get("Location", ""), answer.read(_MAX_BYTES).decode(errors="replace")


def try_login(login_check: LoginCheck) -> str:
    """Log in; "" when the page behind the login is shown."""
    try:
        visit = _Visit(login_check)
        try:
            return _log_in(visit, login_check)
        finally:
            visit.close()
    except (OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}"


def _log_in(visit: _Visit, login_check: LoginCheck) -> str:
    page, path = visit.get(login_check.path)
    form = _parsed(page)
    if not form.password_field:
        return f"{path} shows no login form"
    fields = {**form.hidden, form.user_field: login_check.user, form.password_field: login_check.password}
    status, _ = visit.post(form.action or path, fields)
    if status not in (302, 303):
        return f"the login was answered with status {status}"
    behind, _ = visit.get(login_check.path)
    return "the login form is still shown after the login" if _parsed(behind).password_field else ""


def _parsed(page: str) -> _Form:
    form = _Form()
    form.feed(page)
    return form
