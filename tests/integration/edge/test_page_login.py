"""Logging in at a page, against a real TLS server."""

import http.server
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cpi.contract.values import Endpoint, JsonValue
from director.edge.login_checks.page_login import try_login
from director.edge.secrets import mint
from director.model.environments.desired import VariableSpec
from director.ports.login_checks import LoginCheck

_FORM = b"""<form action="/login" method="post"><input type="hidden" name="token" value="t0">
<input name="user"><input name="password" type="password"></form>"""


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if "session=good" in self.headers.get("Cookie", ""):
            self._answer(200, b"<h1>Welcome</h1>")
        elif self.path == "/login":
            self._answer(200, _FORM)
        else:
            self._answer(303, b"", ("Location", "/login"))

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers["Content-Length"]))
        if form == b"token=t0&user=admin&password=right+one":
            self._answer(303, b"", ("Location", "/"), ("Set-Cookie", "session=good; Secure; HttpOnly"))
        else:
            self._answer(200, _FORM)

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Endpoint, str]]:
    """A page behind a login, and its CA."""
    made: dict[str, JsonValue] = {}
    made["ca"] = mint.make_value(_certificate("ca", is_ca=True), made.__getitem__)
    leaf = mint.make_value(_certificate("leaf", ca="ca", alternative_names=["127.0.0.1"]), made.__getitem__)
    assert isinstance(leaf, dict)
    pem: Path = tmp_path_factory.mktemp("tls") / "server.pem"
    pem.write_text(f"{leaf['certificate']}{leaf['private_key']}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Endpoint(host="127.0.0.1", port=server.server_port), str(leaf["ca"])
        server.shutdown()


def test_the_right_password_gets_behind_the_login(page: tuple[Endpoint, str]) -> None:
    assert try_login(_trial(page, password="right one")) == ""


def test_a_wrong_password_is_told(page: tuple[Endpoint, str]) -> None:
    assert try_login(_trial(page, password="wrong")) == "the login was answered with status 200"


def _nobody_s(name: str) -> JsonValue:
    raise KeyError(name)


def test_a_certificate_of_another_ca_is_told(page: tuple[Endpoint, str]) -> None:
    other = mint.make_value(_certificate("other", is_ca=True), _nobody_s)
    assert isinstance(other, dict)
    assert "CERTIFICATE_VERIFY_FAILED" in try_login(_trial((page[0], str(other["certificate"])), password="right one"))


def test_a_closed_port_is_told(page: tuple[Endpoint, str]) -> None:
    closed = (Endpoint(host="127.0.0.1", port=1), page[1])
    assert try_login(_trial(closed, password="x")).startswith("ConnectionRefusedError")


def test_the_password_is_not_in_the_trials_repr(page: tuple[Endpoint, str]) -> None:
    assert "right one" not in repr(_trial(page, password="right one"))


def _trial(page: tuple[Endpoint, str], *, password: str) -> LoginCheck:
    return LoginCheck(endpoint=page[0], path="/", user="admin", ca=page[1], password=password)


def _certificate(name: str, **options: JsonValue) -> VariableSpec:
    return VariableSpec(name=name, type="certificate", options={"common_name": name, "key_length": 2048, **options})
