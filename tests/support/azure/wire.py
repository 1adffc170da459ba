"""An HTTPS server on loopback that hands requests to a function, with faults, lost answers and a log.

Takes certificates and a function, gives a base address while it is open.
"""

import json
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.azure.answers import Call, Reply, Request
from tests.support.azure.faults import Act, Faults, Rule
from tests.support.azure.tls import Certificates

Answer = Callable[[Request, Rule | None], Reply]


class Log:
    """Every call in order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[Call] = []

    def add(self, call: Call) -> None:
        """One more."""
        with self._lock:
            self._calls.append(call)

    def calls(self) -> list[Call]:
        """All so far."""
        with self._lock:
            return list(self._calls)

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._calls.clear()


def reply_to(request: Request, answer: Answer, *, faults: Faults, log: Log) -> Reply | Act:
    """What a request comes to: a reply, or how the connection ends without one."""
    rule = faults.met_by(request)
    if rule and rule.act in (Act.RESET, Act.UNREACHABLE):
        return rule.act
    if rule and rule.act is Act.ANSWER:
        reply = Reply(status=rule.status, body=rule.answer(), headers=dict(rule.headers))
    else:
        reply = answer(request, rule)
    is_lost = rule is not None and rule.act is Act.LOST
    log.add(Call(request=request, reply=None if is_lost else reply))
    return Act.LOST if is_lost else reply


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 200

    def __init__(self, answer: Answer, faults: Faults, log: Log, ahead_s: Callable[[], float]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.ahead_s = ahead_s
        self.answer = answer
        self.faults = faults
        self.log = log
        self.base = f"https://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is nothing to print; whatever else happens is a mistake of the stand-in's."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


@contextmanager
def serving(
    certificates: Certificates, answer: Answer, *, faults: Faults, log: Log, ahead_s: Callable[[], float] = lambda: 0.0
) -> Iterator[str]:
    """The base address, while it serves; its clock is `ahead_s` ahead."""
    server = Server(answer, faults, log, ahead_s)
    context = certificates.server_context()
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.base
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536
    disable_nagle_algorithm = True
    timeout = 30
    server: Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quiet."""

    def _serve(self) -> None:
        request = self._read()
        reply = reply_to(request, self.server.answer, faults=self.server.faults, log=self.server.log)
        if isinstance(reply, Act):
            self._hang_up()
        else:
            self._send(reply)

    def _read(self) -> Request:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length) if length else b""
        url = urlsplit(self.path)
        is_form = "form-urlencoded" in (self.headers.get("Content-Type") or "")
        body: Any = None
        if self.headers.get("Content-Type") == "application/octet-stream":
            body = raw
        elif raw:
            body = dict(parse_qsl(raw.decode(), keep_blank_values=True)) if is_form else json.loads(raw)
        return Request(
            method=self.command,
            path=url.path.rstrip("/"),
            query={key.lower(): value for key, value in parse_qsl(url.query, keep_blank_values=True)},
            headers={key.lower(): value for key, value in self.headers.items()},
            body=body,
            base=f"https://{self.headers['Host']}",
        )

    def _send(self, reply: Reply) -> None:
        is_text = isinstance(reply.body, str)
        raw = b"" if reply.body is None else (reply.body if is_text else json.dumps(reply.body)).encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if raw and "Content-Type" not in reply.headers:
            self.send_header("Content-Type", "text/plain" if is_text else "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(raw)
        self.wfile.flush()

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The cloud's clock may be another one."""
        return super().date_time_string(time.time() + self.server.ahead_s() if timestamp is None else timestamp)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = do_HEAD = _serve
