"""A web server on loopback that answers as a test says."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`length` is the Content-Length told, None for the true one."""

    status: int = 200
    body: bytes = b""
    length: int | None = None
    location: str = ""


@dataclass(slots=True)
class Web:
    """Answers by path, the last of them again and again; `asked` are the paths in order."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str) -> Answer:
        self.asked.append(path)
        answers = self.answers.get(path) or [Answer(status=404)]
        return answers.pop(0) if len(answers) > 1 else answers[0]


@contextmanager
def serving(answers: dict[str, list[Answer]]) -> Iterator[Web]:
    """Serve until the block ends."""
    web = Web(answers=answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = web.answer(self.path)
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(answer.body) if answer.length is None else answer.length))
            if answer.location:
                self.send_header("Location", answer.location.replace("{url}", web.url))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
