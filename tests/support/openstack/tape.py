"""Exchanges with a real OpenStack: recorded through the SDK's session, and played by an HTTP server on loopback.

Takes exchanges in their order, gives an address of Keystone; a request that was not recorded gets an error.
"""

import contextlib
import gzip
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

HERE = "@here@"
"""A placeholder for the player's address."""

_NEVER = "2999-01-01T00:00:00.000000Z"
"""When a token that is played expires: the recorded ones lived for a day, and a client asks for another then."""

_REAL = re.compile(r"http://172\.29\.64\.2:(\d+)")


class Recorder:
    """A hook for the SDK's HTTP session."""

    def __init__(self) -> None:
        self.exchanges: list[dict[str, Any]] = []

    def hear(self, answer: requests.Response, *_: Any, **__: Any) -> None:
        """Keep one exchange, without tokens and passwords."""
        asked = answer.request
        path = _REAL.sub(r"/\1", str(asked.url))
        is_login = path.endswith("/auth/tokens")
        body = asked.body.decode() if isinstance(asked.body, bytes) else asked.body
        exchange = {
            "asked": f"{asked.method} {path}",
            "body": None if is_login or not body else json.loads(str(body)),
            "status": answer.status_code,
            "answer": _read(_REAL.sub(rf"{HERE}/\1", answer.text)) if answer.text else None,
        }
        self.exchanges.append(exchange)

    def save(self, file: Path) -> None:
        """One exchange a line."""
        lines = "".join(json.dumps(one, separators=(",", ":")) + "\n" for one in self.exchanges)
        file.write_bytes(gzip.compress(lines.encode(), mtime=0))


def _read(text: str) -> Any:
    """Swift refuses with a sentence for people, which stays text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def load(file: Path) -> list[dict[str, Any]]:
    """What a recorder saved, with tokens that live."""
    exchanges = [json.loads(line) for line in gzip.decompress(file.read_bytes()).decode().splitlines()]
    for one in exchanges:
        if one["asked"].endswith("/auth/tokens") and "token" in (one["answer"] or {}):
            one["answer"]["token"]["expires_at"] = _NEVER
    return exchanges


class _Player(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, exchanges: list[dict[str, Any]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.exchanges = list(exchanges)
        self.here = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: _Player

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        left = self.server.exchanges
        expected: dict[str, Any] = left.pop(0) if left else {"asked": "nothing more", "body": None}
        asked = f"{self.command} {self.path}"
        is_right = asked == expected["asked"] and (asked.endswith("/auth/tokens") or body == expected["body"])
        if not is_right:
            reported = f"recorded is {expected['asked']} {expected['body']}, asked was {asked} {body}"
            return self._send(400, {"badRequest": {"code": 400, "message": reported}})
        return self._send(expected["status"], expected["answer"])

    do_GET = do_POST = do_PUT = do_DELETE = _answer

    def _send(self, status: int, answer: Any) -> None:
        content = json.dumps(answer).replace(HERE, self.server.here).encode() if answer is not None else b""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Subject-Token", "token")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def playing(exchanges: list[dict[str, Any]]) -> Iterator[_Player]:
    """The exchanges, played until the block ends."""
    player = _Player(exchanges)
    thread = threading.Thread(target=player.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield player
    finally:
        player.shutdown()
        player.server_close()
        thread.join()
