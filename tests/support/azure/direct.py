"""The stand-in without sockets: a `requests` adapter that asks it in the same process, below azure-core's transport.

Takes the stand-in's answer and faults, gives a transport. What it raises is what `requests` raises over sockets.
"""

import io
import json
from collections.abc import Callable
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, urlsplit

import requests
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse
from urllib3.exceptions import MaxRetryError, NameResolutionError, ProtocolError

from tests.support.azure.answers import Reply, Request
from tests.support.azure.faults import Act, Faults
from tests.support.azure.held_blobs import BASE, HeldBlobs
from tests.support.azure.wire import Answer, Log, reply_to


def make_transport(answer: Answer, faults: Faults, log: Log, *, blobs: HeldBlobs | None = None) -> RequestsTransport:
    """azure-core's transport, with the stand-in where the network would be."""
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", _Direct(answer, faults, log, body_of=_json))
    if blobs is not None:
        session.mount(BASE, _Direct(blobs.answer, faults, log, body_of=_bytes))
    return RequestsTransport(session=session, session_owner=False, use_env_settings=False)


class _Direct(BaseAdapter):
    def __init__(self, answer: Answer, faults: Faults, log: Log, *, body_of: Callable[[Any], Any]) -> None:
        super().__init__()
        self._body_of = body_of
        self._answer = answer
        self._faults = faults
        self._log = log

    def send(self, request: requests.PreparedRequest, *_args: Any, **_more: Any) -> requests.Response:
        reply = reply_to(_read(request, self._body_of), self._answer, faults=self._faults, log=self._log)
        if reply is Act.UNREACHABLE:
            cause = NameResolutionError("management.azure.com", None, OSError(-2, "Name or service not known"))  # type: ignore[arg-type]
            raise requests.ConnectionError(MaxRetryError(None, request.url or "", cause), request=request)  # type: ignore[arg-type]
        if isinstance(reply, Act):
            lost = ProtocolError("Connection aborted.", ConnectionResetError(104, "Connection reset by peer"))
            raise requests.ConnectionError(lost, request=request)
        return _written(request, reply)

    def close(self) -> None:
        """Nothing is open."""


def _read(request: requests.PreparedRequest, body_of: Callable[[Any], Any]) -> Request:
    url = urlsplit(request.url or "")
    return Request(
        method=request.method or "",
        path=url.path.rstrip("/"),
        query={key.lower(): value for key, value in parse_qsl(url.query, keep_blank_values=True)},
        headers={key.lower(): str(value) for key, value in request.headers.items()},
        body=body_of(request.body),
        base=f"https://{url.netloc.removesuffix(':443')}",  # a client names no usual port as its Host
    )


def _json(body: bytes | None) -> Any:
    return json.loads(body) if body else None


def _bytes(body: BinaryIO | None) -> bytes:
    return body.read() if body else b""


def _written(request: requests.PreparedRequest, reply: Reply) -> requests.Response:
    answer = requests.Response()
    answer.status_code = reply.status
    answer.request = request
    answer.url = request.url or ""
    is_text = isinstance(reply.body, str)
    text = b"" if reply.body is None else (reply.body if is_text else json.dumps(reply.body)).encode()
    answer.headers.update({"Content-Type": "application/json; charset=utf-8", **reply.headers})
    answer.raw = HTTPResponse(io.BytesIO(text), status=reply.status, preload_content=False)
    return answer
