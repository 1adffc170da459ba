"""A server on loopback from which blobs are fetched by digest, with TLS or without.

Takes blobs, gives the sources that an agent fetches.
"""

import functools
import hashlib
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cpi.contract.values import SignedUrl
from director.model.agents.agent_answers import StoredBlob
from director.model.ids import Digest
from tests.support.azure.tls import make_certificates


@dataclass(slots=True)
class Store:
    """`asked` are the digests that anyone asked for, in order."""

    url: str = ""
    ca: str = ""
    blobs: dict[Digest, bytes] = field(default_factory=dict)
    asked: list[Digest] = field(default_factory=list)

    def keep(self, content: bytes) -> StoredBlob:
        """Keep a blob; its URL holds the word "secret"."""
        digest = Digest(f"sha256:{hashlib.sha256(content).hexdigest()}")
        self.blobs[digest] = content
        url = SignedUrl(url=f"{self.url}/{digest}?signature=secret", ca=self.ca)
        return StoredBlob(digest=digest, size=len(content), url=url)


@contextmanager
def open_store(folder: Path, *, is_tls: bool = False) -> Iterator[Store]:
    """Serve until the block ends. With TLS, `folder` gets an authority of the store's own."""
    store = Store()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, store))
    if is_tls:
        certificates = make_certificates(folder)
        server.socket = certificates.server_context().wrap_socket(server.socket, server_side=True)
        store.ca = Path(certificates.ca).read_text(encoding="ascii")
    store.url = f"{'https' if is_tls else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield store
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(http.server.BaseHTTPRequestHandler):
    def __init__(self, store: Store, *others: object) -> None:
        self._store = store
        super().__init__(*others)  # type: ignore[arg-type] # as socketserver calls it

    def do_GET(self) -> None:
        digest = Digest(self.path.strip("/").partition("?")[0])
        self._store.asked.append(digest)
        content = self._store.blobs.get(digest)
        self.send_response(200 if content is not None else 404)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Nothing."""
