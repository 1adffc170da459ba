"""The only door to Azure: a verb on a path becomes an operation of Microsoft's management packages, or a plain request.

Takes paths and bodies, gives what Azure answered, or raises what refusals.py says. Nothing is repeated behind our back:
no retry policy, no poller thread, no logging policy (which would print bodies). What no package has (an operation's
URL, Graph, roles, quotas, prices) is sent by azure-core through the same pipeline. A call that Azure is still carrying
out raises Underway; `look` is a plain GET of the operation's own URL. Nothing here waits.
"""

import base64
import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, urljoin

from azure.core import PipelineClient
from azure.core.pipeline.transport import HttpTransport
from azure.core.rest import HttpRequest

from cpi.clouds.azure.wire import names, pipeline, refusals, resource_tags, signatures
from cpi.clouds.azure.wire.packages.clients import Clients
from cpi.clouds.azure.wire.pipeline import Address, Answer, Credential
from cpi.clouds.azure.wire.underway import PAUSE_S, ArmOperation, Underway
from cpi.contract.errors import NotFoundError
from cpi.contract.long_running import Pending
from cpi.contract.values import JsonValue
from cpi.kit.operation_clock import OperationClock

Json = Mapping[str, Any]
_UNFINISHED = frozenset({"failed", "canceled", "cancelled"})
_AGAIN_S = 5.0
_NO_QUERY: Mapping[str, str] = {}
_QUERIES = {"filter": "$filter", "select": "$select"}


class Api:
    """One client, shared by all threads."""

    def __init__(
        self,
        address: Address,
        credential: Credential | None,
        *,
        clock: OperationClock,
        limit_s: float,
        transport: HttpTransport[Any, Any] | None = None,
    ) -> None:
        self._base = address.url.rstrip("/")
        self._ca_file = address.ca_file
        self.tags = address.tags
        self.clock = clock
        self.limit_s = limit_s
        plain, carrier = pipeline.unsigned(), transport or pipeline.make_transport(address)
        signed = pipeline.signed(address, credential) if credential else plain
        self._clients = Clients(address, credential, policies=signed, transport=carrier) if credential else None
        self._client: PipelineClient[Any, Any] = PipelineClient(self._base, policies=signed, transport=carrier)
        self._plain: PipelineClient[Any, Any] = PipelineClient(self._base, policies=plain, transport=carrier)

    def __repr__(self) -> str:
        return f"Api({self._base})"

    def get(self, path: str, **query: str) -> Json | None:
        """A resource as it is; None: it does not exist. Queries are named as the packages name them."""
        try:
            return _mapping(self._ask("get", path, query).body)
        except NotFoundError:
            return None

    def list(self, path: str, **query: str) -> tuple[Json, ...]:
        """All of a list; of a group that does not exist, none."""
        return tuple(self.entries(path, **query))

    def entries(self, path: str, **query: str) -> Iterator[Json]:
        """The same one by one: a page is requested when its first entry is needed."""
        bound = self._clients.find("list", path) if self._clients else None
        try:
            yield from bound.entries(**query) if bound else self._pages(path, query)
        except NotFoundError:
            return

    def put(self, path: str, body: Json, *, waits: bool = True) -> Json:
        """Make or change it; gives Azure's answer. Raises Underway, unless its end does not matter (`waits` False)."""
        if "tags" in body:  # what has none takes none: subnets, containers, role assignments
            body = {**body, "tags": resource_tags.merge(self.tags, body["tags"])}
        return self._change("put", path, body, waits=waits)

    def patch(self, path: str, body: Json) -> Json:
        """Change a part. Raises Underway."""
        return self._change("patch", path, body, waits=True)

    def upsert(self, path: str, body: Json) -> Json:
        """Graph's way to make what has a key of its caller's: made and told, or there already and {}."""
        request = HttpRequest("PATCH", self._url(path, {}), json=body, headers={"Prefer": "create-if-missing"})
        return _mapping(self._send(request).body)

    def post(self, path: str, body: Json | None = None, *, waits: bool = True) -> Json:
        """Do something with it. Raises Underway, unless its end does not matter: `waits` False."""
        return self._change("post", path, body, waits=waits)

    def delete(self, path: str) -> None:
        """After: absent. What was absent is success. Raises Underway."""
        try:
            answer = self._ask("delete", path)
        except NotFoundError:
            return
        _stop_if_under_way(answer, f"DELETE {pipeline.short(path)}")

    def look(self, operation: ArmOperation) -> tuple[ArmOperation | None, JsonValue]:
        """Look once: the operation, None once it ended or is not known any more; and its result."""
        if not operation.url:
            return None, None
        try:
            look = self._send(HttpRequest("GET", urljoin(self._base, operation.url)))
        except NotFoundError:
            return None, None
        if _has_ended(look, operation):
            return None, look.body
        return replace(operation, after_s=refusals.read_pause(look.headers, default_s=PAUSE_S)), None

    def stop_until(self, is_done: bool, doing: str) -> None:
        """The same for what has no operation to look at: the call is made again after a while."""
        if not is_done:
            raise Underway(ArmOperation(url="", doing=doing, after_s=_AGAIN_S))

    def pending(self, operation: ArmOperation, *, handle: str, limit_s: float = 0.0) -> Pending:
        """The request parameters and texts of a pending operation; its limit is the settings' unless it is higher."""
        limit_s = max(limit_s, self.limit_s)
        return Pending(handle=handle, after_s=operation.after_s, text=f"Azure: {operation.doing}", limit_s=limit_s)

    def ask(self, path: str) -> Answer:
        """A GET with its headers, which hold the cloud's clock. Raises as the others do."""
        return self._ask("get", path)

    def fetch_text(self, url: str) -> str:
        """Text under a signed URL; the request carries no token."""
        answer = self._send_plain(HttpRequest("GET", url))
        return answer.body if isinstance(answer.body, str) else json.dumps(answer.body)

    def write_pages(self, url: str, *, offset: int, content: bytes) -> None:
        """Write a part of a page blob under a URL that is signed by itself; both are whole pages of 512 bytes."""
        headers = {
            "x-ms-version": signatures.VERSION,
            "x-ms-page-write": "update",
            "x-ms-range": f"bytes={offset}-{offset + len(content) - 1}",
            "Content-MD5": base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode(),
            "Content-Type": "application/octet-stream",
        }
        self._send_plain(HttpRequest("PUT", f"{url}&comp=page", content=content, headers=headers))

    def size_of_blob(self, url: str) -> int | None:
        """In bytes, of a blob under a URL that is signed by itself; None: it is not there.

        Raises NotFoundError, code storage-missing.
        """
        headers = {"x-ms-version": signatures.VERSION}
        try:
            answer = self._send_plain(HttpRequest("HEAD", url, headers=headers))
        except NotFoundError as error:
            if error.code == refusals.CONTAINER_MISSING:
                raise
            return None
        return int({name.lower(): value for name, value in answer.headers.items()}["content-length"])

    def write_blob(self, url: str, stream: BinaryIO, *, size: int) -> None:
        """Write a blob in one piece under a URL that is signed by itself; after: it is there whole, or as before."""
        headers = {
            "x-ms-version": signatures.VERSION,
            "x-ms-blob-type": "BlockBlob",
            "Content-Length": str(size),
            "Content-Type": "application/octet-stream",
        }
        self._send_plain(HttpRequest("PUT", url, content=stream, headers=headers))

    def sizes_of_blobs(self, url: str) -> Iterator[tuple[str, int]]:
        """Names and sizes in bytes of all blobs under a container's URL that is signed by itself, page after page.

        Raises NotFoundError, code storage-missing.
        """
        headers, marker = {"x-ms-version": signatures.VERSION}, ""
        for _ in range(refusals.MOST_PAGES):
            words = f"restype=container&comp=list&marker={quote(marker, safe='')}"
            request = HttpRequest("GET", f"{url}&{words}", headers=headers)
            page = pipeline.read_xml(request, self._send_plain(request))
            for blob in page.iter("Blob"):
                yield blob.findtext("Name", ""), int(blob.findtext("Properties/Content-Length", "0"))
            marker = page.findtext("NextMarker", "")
            if not marker:
                return
        raise refusals.endless("blobs")

    def delete_blob(self, url: str) -> None:
        """Delete a blob under a URL that is signed by itself; gone before is success."""
        with contextlib.suppress(NotFoundError):
            self._send_plain(HttpRequest("DELETE", url, headers={"x-ms-version": signatures.VERSION}))

    def ca(self) -> str:
        """The PEM that Azure's servers are checked by; "" for the usual authorities."""
        return Path(self._ca_file).read_text(encoding="ascii") if self._ca_file else ""

    def _change(self, verb: str, path: str, body: Json | None, *, waits: bool) -> Json:
        answer = self._ask(verb, path, body=body)
        if waits:
            _stop_if_under_way(answer, f"{verb.upper()} {pipeline.short(path)}")
        return _mapping(answer.body)

    def _ask(self, verb: str, path: str, query: Mapping[str, str] = _NO_QUERY, *, body: Json | None = None) -> Answer:
        """One call: the operation of a package, or where none has it the request that its path says."""
        bound = self._clients.find(verb, path) if self._clients else None
        if bound is not None:
            return bound.call(*([body] if body is not None else []), **query)
        return self._send(HttpRequest(verb.upper(), self._url(path, query), json=body))

    def _pages(self, path: str, query: Mapping[str, str]) -> Iterator[Json]:
        """A list that no package gives as pages."""
        bound, url = self._clients.find("list at once", path) if self._clients else None, self._url(path, query)
        for _ in range(refusals.MOST_PAGES):
            body = bound.call(**query).body if bound else self._send(HttpRequest("GET", urljoin(self._base, url))).body
            if isinstance(body, list):
                yield from map(_mapping, body)
                return
            page = _mapping(body)
            yield from page.get("value") or page.get("Items") or []
            url = str(page.get("nextLink") or page.get("NextPageLink") or "")
            if not url:
                return
        raise refusals.endless(pipeline.short(path))

    def _url(self, path: str, query: Mapping[str, str]) -> str:
        version = names.version_of(path)
        words = {_QUERIES.get(name, name): one for name, one in query.items()}
        words = {"api-version": version, **words} if version else words
        return f"{self._base}{path}{'?' if words else ''}" + "&".join(
            f"{name}={quote(value, safe='')}" for name, value in words.items()
        )

    def _send(self, request: HttpRequest) -> Answer:
        return Answer.of(self._client.send_request(request))

    def _send_plain(self, request: HttpRequest) -> Answer:
        """Without our token."""
        return Answer.of(self._plain.send_request(request))


def _operation_of(answer: Answer, doing: str) -> ArmOperation | None:
    lower = {name.lower(): value for name, value in answer.headers.items()}
    is_status = "azure-asyncoperation" in lower
    url = lower["azure-asyncoperation"] if is_status else lower.get("location", "")
    if not url or (not is_status and answer.status not in (201, 202)):
        return None
    after_s = refusals.read_pause(answer.headers, default_s=PAUSE_S)
    return ArmOperation(url=url, doing=doing, is_status=is_status, after_s=after_s)


def _stop_if_under_way(answer: Answer, doing: str) -> None:
    operation = _operation_of(answer, doing)
    if operation is not None:
        raise Underway(operation)


def _has_ended(look: Answer, operation: ArmOperation) -> bool:
    if not operation.is_status:
        return look.status != 202
    body = _mapping(look.body)
    status = str(body.get("status", "")).lower()
    if status in _UNFINISHED:
        raise refusals.explain(refusals.read_refusal(200, body, {}), operation.doing)
    return status == "succeeded"


def _mapping(value: JsonValue) -> Json:
    return value if isinstance(value, Mapping) else {}
