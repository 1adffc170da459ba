"""The only file that talks to Azure: Resource Manager over azure-core, credentials of azure-identity.

Takes paths and bodies, gives what Azure answered, or raises what refusals.py says. Nothing is repeated behind our back:
no retry policy, no poller thread, no logging policy (which would print bodies). A long-running operation is watched by
plain GETs of its own URL, with the clock handed in, up to a limit.
"""

import base64
import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from urllib.parse import quote, urljoin, urlsplit

from azure.core import PipelineClient
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError, ServiceResponseError
from azure.core.pipeline.policies import BearerTokenCredentialPolicy, HeadersPolicy, UserAgentPolicy
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest

from cpi.clouds.azure.wire import names, refusals, resource_tags, sign_in_failures, signatures
from cpi.clouds.azure.wire.operations import Clock, Patience
from cpi.contract.errors import CloudError, LostReplyError, NotFoundError, ThrottledError, TransientError
from cpi.contract.values import JsonValue

Json = Mapping[str, Any]
_TIMEOUTS_S = (10, 90)
_PAUSE_S = 2.0
_GOOD = frozenset({200, 201, 202, 204})
_USUAL_PORTS = {"https": 443, "http": 80}
_UNFINISHED = frozenset({"failed", "canceled", "cancelled"})


class Credential(Protocol):
    """What azure-identity's credentials have in common."""

    def get_token(
        self, *scopes: str, claims: str | None = None, tenant_id: str | None = None, **more: Any
    ) -> AccessToken: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to send to; `ca_file` "" trusts what the system does.

    `tags` are put on every resource that is made there, beside those that its body has.
    """

    url: str
    scope: str
    ca_file: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: JsonValue
    headers: Mapping[str, str]


class Api:
    """One client, shared by all threads."""

    def __init__(
        self,
        address: Address,
        credential: Credential | None,
        *,
        clock: Clock,
        limit_s: float,
        transport: RequestsTransport | None = None,
    ) -> None:
        self._base = address.url.rstrip("/")
        self._ca_file = address.ca_file
        self.tags = address.tags
        self.clock = clock
        self._limit_s = limit_s
        plain: list[Any] = [HeadersPolicy({"Accept": "application/json"}), UserAgentPolicy("compleat")]
        signed = [*plain, BearerTokenCredentialPolicy(credential, address.scope)] if credential else plain
        carrier = transport or _transport(address)
        self._client: PipelineClient[Any, Any] = PipelineClient(self._base, policies=signed, transport=carrier)
        self._plain: PipelineClient[Any, Any] = PipelineClient(self._base, policies=plain, transport=carrier)

    def __repr__(self) -> str:
        return f"Api({self._base})"

    def get(self, path: str, **query: str) -> Json | None:
        """A resource as it is; None: it does not exist."""
        try:
            return _mapping(self._send("GET", self._url(path, query)).body)
        except NotFoundError:
            return None

    def list(self, path: str, **query: str) -> tuple[Json, ...]:
        """All of a list; of a group that does not exist, none."""
        return tuple(self.entries(path, **query))

    def entries(self, path: str, **query: str) -> Iterator[Json]:
        """The same one by one: a page is asked for when its first entry is."""
        url = self._url(path, query)
        while url:
            try:
                body = self._send("GET", url).body
            except NotFoundError:
                return
            if isinstance(body, list):
                yield from map(_mapping, body)
                return
            page = _mapping(body)
            yield from page.get("value") or page.get("Items") or []
            url = str(page.get("nextLink") or page.get("NextPageLink") or "")

    def put(self, path: str, body: Json, *, waits: bool = True) -> Json:
        """Make or change it, and watch until that ended; gives it as it was first answered."""
        if "tags" in body:  # what has none takes none: subnets, containers, role assignments
            body = {**body, "tags": resource_tags.merge(self.tags, body["tags"])}
        return self._change("PUT", path, body, waits=waits)

    def patch(self, path: str, body: Json) -> Json:
        """Change a part, and watch until that ended."""
        return self._change("PATCH", path, body, waits=True)

    def upsert(self, path: str, body: Json) -> Json:
        """Graph's way to make what has a key of its caller's: made and told, or there already and {}."""
        answer = self._send("PATCH", self._url(path, {}), body, headers={"Prefer": "create-if-missing"})
        return _mapping(answer.body)

    def post(self, path: str, body: Json | None = None, *, waits: bool = True) -> Json:
        """Do something with it, and watch until that ended."""
        return self._change("POST", path, body, waits=waits)

    def delete(self, path: str, *, waits: bool = True, **query: str) -> None:
        """After: absent, or with `waits` False about to be. What was absent is well."""
        try:
            answer = self._send("DELETE", self._url(path, query))
        except NotFoundError:
            return
        if waits:
            self._watch(answer, f"DELETE {_short(path)}")

    def ask(self, path: str) -> Answer:
        """A GET with its headers, for whoever wants to know the cloud's clock. Raises as the others do."""
        return self._send("GET", self._url(path, {}))

    def fetch_text(self, url: str) -> str:
        """Text under a URL that is signed by itself: no token of ours goes there."""
        answer = self._run("GET", HttpRequest("GET", url), client=self._plain)
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
        request = HttpRequest("PUT", f"{url}&comp=page", content=content, headers=headers)
        self._run("PUT", request, client=self._plain)

    def size_of_blob(self, url: str) -> int | None:
        """In bytes, of a blob under a URL that is signed by itself; None: it is not there.

        Raises NotFoundError, code azure-container-missing.
        """
        headers = {"x-ms-version": signatures.VERSION}
        try:
            answer = self._run("HEAD", HttpRequest("HEAD", url, headers=headers), client=self._plain)
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
        self._run("PUT", HttpRequest("PUT", url, content=stream, headers=headers), client=self._plain)

    def ca(self) -> str:
        """The PEM that Azure's servers are checked by; "" for the usual authorities."""
        return Path(self._ca_file).read_text(encoding="ascii") if self._ca_file else ""

    def _change(self, method: str, path: str, body: Json | None, *, waits: bool) -> Json:
        answer = self._send(method, self._url(path, {}), body)
        late = self._watch(answer, f"{method} {_short(path)}") if waits else None
        return _mapping(answer.body if answer.body is not None else late)

    def _watch(self, answer: Answer, doing: str) -> JsonValue:
        url, is_status = _operation_url(answer)
        if not url:
            return None
        patience = Patience(self.clock, self._limit_s)
        patience.next_s = refusals.read_pause(answer.headers, default_s=_PAUSE_S)
        for _ in patience.looks():
            look = self._look(url)
            if look is None:
                continue
            if _has_ended(look, doing, is_status=is_status):
                return look.body
            patience.next_s = refusals.read_pause(look.headers, default_s=_PAUSE_S)
        raise LostReplyError(
            "azure-operation-unfinished",
            f"Azure took the order and did not end it: {doing}.",
            why=f"It was still under way after {self._limit_s:.0f} s.",
            fix="Run the command again: it looks first for what came of it.",
        )

    def _look(self, url: str) -> Answer | None:
        """One look; None: that look failed, which says nothing of the operation."""
        try:
            return self._send("GET", url)
        except (ThrottledError, TransientError, LostReplyError):
            return None

    def _url(self, path: str, query: Mapping[str, str]) -> str:
        version = names.version_of(path)
        words = {name.replace("_", "$"): one for name, one in query.items()}
        words = {"api-version": version, **words} if version else words
        return f"{self._base}{path}{'?' if words else ''}" + "&".join(
            f"{name}={quote(value, safe='')}" for name, value in words.items()
        )

    def _send(
        self, method: str, url: str, body: Json | None = None, *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        whole = urljoin(self._base, url)
        if _server(whole) != _server(self._base):
            raise CloudError(
                "azure-strange-link",
                "Azure's answer leads to another server; our token stays here.",
                why=f"It leads to {urlsplit(whole).netloc}, and the resource manager is {urlsplit(self._base).netloc}.",
                fix="Correct `endpoints` in the environment's file if resource_manager is wrong there.",
            )
        request = HttpRequest(method, whole, headers=dict(headers or {}), json=body)
        return self._run(method, request, client=self._client)

    def _run(self, method: str, request: HttpRequest, *, client: PipelineClient[Any, Any]) -> Answer:
        doing = f"{method} {_short(urlsplit(request.url).path)}"
        try:
            response = client.send_request(request)
            answer = Answer(status=response.status_code, body=_content(response), headers=dict(response.headers))
        except ClientAuthenticationError as error:
            raise sign_in_failures.explain(error) from error
        except ServiceRequestError as error:
            raise refusals.explain_unreachable(error, doing) from error
        except ServiceResponseError as error:
            why = refusals.redact(str(error))[:300]
            raise LostReplyError("azure-reply-lost", f"Azure's answer was lost: {doing}.", why=why) from error
        if answer.status not in _GOOD:
            raise refusals.explain(refusals.read_refusal(answer.status, answer.body, answer.headers), doing)
        return answer


def _server(url: str) -> tuple[str, str, int]:
    """Scheme, host and port: Azure's Compute writes the usual port into its links, others leave it out."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _USUAL_PORTS.get(parts.scheme, 0)


def _transport(address: Address) -> RequestsTransport:
    # At level debug it writes whole URLs, and those of blobs and serial logs are signed by themselves.
    logging.getLogger("urllib3").setLevel(logging.INFO)
    return RequestsTransport(
        connection_verify=address.ca_file or True,
        connection_timeout=_TIMEOUTS_S[0],
        read_timeout=_TIMEOUTS_S[1],
        use_env_settings=True,
    )


def _operation_url(answer: Answer) -> tuple[str, bool]:
    lower = {name.lower(): value for name, value in answer.headers.items()}
    if "azure-asyncoperation" in lower:
        return lower["azure-asyncoperation"], True
    return (lower.get("location", ""), False) if answer.status in (201, 202) else ("", False)


def _has_ended(look: Answer, doing: str, *, is_status: bool) -> bool:
    if not is_status:
        return look.status != 202
    body = _mapping(look.body)
    status = str(body.get("status", "")).lower()
    if status in _UNFINISHED:
        raise refusals.explain(refusals.read_refusal(200, body, {}), doing)
    return status == "succeeded"


def _content(response: Any) -> JsonValue:
    text = response.text()
    if not text:
        return None
    try:
        found: JsonValue = json.loads(text)
    except ValueError:
        return str(text)
    return found


def _mapping(value: JsonValue) -> Json:
    return value if isinstance(value, Mapping) else {}


def _short(path: str) -> str:
    return path.split("/providers/", 1)[-1]
