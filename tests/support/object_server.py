"""A server on loopback with the paths of an object store: /BUCKET/OBJECT as S3 and Google Cloud Storage have them.

Takes objects, gives them; keeps the requests. It checks that a signature is there, not that it is right.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    needs: str = ""


@dataclass(slots=True)
class ObjectServer:
    """`asked` are paths with their queries, `headers` what came with each, in order."""

    port: int = 0
    answers: dict[str, _Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def keep(self, path: str, body: bytes, *, needs: str = "") -> None:
        """Keep an object; one that `needs` a parameter is refused to a request without it."""
        self.answers[path] = _Answer(status=200, headers={}, body=body, needs=needs)

    def answer(self, path: str, status: int, headers: Mapping[str, str]) -> None:
        """Answer a path so, whatever is asked."""
        self.answers[path] = _Answer(status=status, headers=headers)

    def found(self, asked: str, headers: Mapping[str, str]) -> _Answer:
        self.asked.append(asked)
        self.headers.append(headers)
        path, _, query = asked.partition("?")
        answer = self.answers.get(path, _Answer(status=404, headers={}))
        return answer if f"{answer.needs}=" in f"{query}=" else _Answer(status=403, headers={})


@contextmanager
def serving() -> Iterator[ObjectServer]:
    """Serve until the block ends."""
    store = ObjectServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = store.found(self.path, {name.title(): value for name, value in self.headers.items()})
            self.send_response(answer.status)
            for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    store.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield store
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
