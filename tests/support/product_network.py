"""A stand-in for a Pivotal Network on loopback: tokens, releases, EULAs, files by signed addresses.

Takes files, gives an address; refuses what the network refuses: no login, no EULA, an address that was used up.
"""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REFRESH_TOKEN = "refresh-token-of-a-user-of-the-network"
OLD_TOKEN = "0123456789abcdefghij"


@dataclass(slots=True)
class Network:
    """`files` are those of product p-redis, release 3.5.0. `cut_at` ends downloads after so many bytes.

    `sha256` is what it says of every file, None for the truth. `asked` are the requests, method and path, without what
    signs an address.
    """

    files: dict[str, bytes]
    url: str = ""
    is_eula_accepted: bool = False
    sha256: str | None = None
    cut_at: int | None = None
    asked: list[str] = field(default_factory=list)
    signed: set[str] = field(default_factory=set)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        path, _, query = handler.path.partition("?")
        self.asked.append(f"{handler.command} {path}")
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        if path.startswith("/signed/"):
            self._give(handler, path.removeprefix("/signed/"), query)
            return
        status, tree, location = self._api(handler, path, body)
        content = json.dumps(tree).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content)))
        if location:
            handler.send_header("Location", location)
        handler.end_headers()
        handler.wfile.write(content)

    def _api(self, handler: BaseHTTPRequestHandler, path: str, body: bytes) -> tuple[int, object, str]:
        if path == "/api/v2/authentication/access_tokens" and handler.command == "POST":
            is_known = json.loads(body).get("refresh_token") == REFRESH_TOKEN
            return (200, {"access_token": "access"}, "") if is_known else (401, {"message": "unknown"}, "")
        if handler.headers.get("Authorization") not in ("Bearer access", f"Token {OLD_TOKEN}"):
            return 401, {}, ""
        releases = "/api/v2/products/p-redis/releases"
        found = re.fullmatch(rf"{releases}/35/product_files/(\d+)/download", path)
        if path == releases and handler.command == "GET":
            return 200, {"releases": [{"id": 34, "version": "3.4.0"}, {"id": 35, "version": "3.5.0"}]}, ""
        if path == f"{releases}/35/product_files" and handler.command == "GET":
            return 200, {"product_files": [self._file(at, name) for at, name in enumerate(self.files)]}, ""
        if path == f"{releases}/35/eula_acceptance" and handler.command == "POST":
            self.is_eula_accepted = True
            return 200, {"accepted_at": "2026-11-30"}, ""
        if found and handler.command == "POST":
            if not self.is_eula_accepted:
                return 451, {"message": "user must accept the EULA"}, ""
            signature = f"signature={len(self.asked)}"
            self.signed.add(signature)
            return 302, {}, f"{self.url}/signed/{list(self.files)[int(found[1])]}?{signature}"
        return 404, {}, ""

    def _file(self, at: int, name: str) -> dict[str, object]:
        digest = self.sha256 or hashlib.sha256(self.files[name]).hexdigest()
        return {"id": at, "aws_object_key": f"product-files/p-redis/{name}", "sha256": digest}

    def _give(self, handler: BaseHTTPRequestHandler, name: str, signature: str) -> None:
        if signature not in self.signed or handler.headers.get("Authorization"):
            handler.send_error(403)
            return
        self.signed.remove(signature)
        content, asked = self.files[name], handler.headers.get("Range", "bytes=0-")
        start = int(asked.removeprefix("bytes=").rstrip("-"))
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        handler.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        handler.send_header("Content-Length", str(len(content) - start))
        handler.end_headers()
        handler.wfile.write(content[start:][: self.cut_at])
        handler.close_connection = True


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[Network]:
    """Serve until the block ends."""
    network = Network(files=files)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            network.answer(self)

        def do_POST(self) -> None:
            network.answer(self)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    network.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield network
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
