"""The HTTP pipeline that every request to Azure takes: our policies, in our order, with no retry.

Takes an address and a credential, gives policies and a transport. A refusal becomes an error of cpi.contract.errors
here, before any package of Microsoft's reads it.
"""

import http
import json
import logging
from collections.abc import Mapping
from dataclasses import field
from typing import Any, Protocol
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, DecodeError, ServiceRequestError, ServiceResponseError
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import ContentDecodePolicy, HeadersPolicy, HTTPPolicy, UserAgentPolicy
from azure.core.pipeline.transport import RequestsTransport
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

from cpi.clouds.azure.wire import refusals, sign_in_failures
from cpi.contract.errors import CloudError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue

_TIMEOUTS_S = (10, 90)
_GOOD = frozenset({200, 201, 202, 204})
_USUAL_PORTS = {"https": 443, "http": 80}


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
    """A response that is no refusal. `body` is None without one, and text where it is no JSON."""

    status: int
    body: JsonValue
    headers: Mapping[str, str]

    @classmethod
    def of(cls, response: Any) -> "Answer":
        """From azure-core's response, read whole."""
        return cls(status=response.status_code, body=_content(response), headers=dict(response.headers))


def signed(address: Address, credential: Credential) -> list[Any]:
    """Policies that send our token, to this address alone; a claims challenge is answered with a new token."""
    return [
        *unsigned(),
        _OnlyJson(),
        _OwnServer(address.url),
        ARMChallengeAuthenticationPolicy(credential, address.scope),
    ]


def unsigned() -> list[Any]:
    """Policies for what needs no token, or is signed by its URL."""
    return [_Refusals(), HeadersPolicy({"Accept": "application/json"}), UserAgentPolicy("compleat")]


def make_transport(address: Address) -> RequestsTransport:
    """The connections, shared by all clients."""
    # At level debug it writes whole URLs, and those of blobs and serial logs are signed by themselves.
    logging.getLogger("urllib3").setLevel(logging.INFO)
    return RequestsTransport(
        connection_verify=address.ca_file or True,
        connection_timeout=_TIMEOUTS_S[0],
        read_timeout=_TIMEOUTS_S[1],
        use_env_settings=True,
    )


def short(path: str) -> str:
    """A resource's path as messages name it."""
    return path.split("/providers/", 1)[-1]


def unreadable(request: Any, why: str) -> CloudError:
    """The error for an answer that cannot be read: a call that changes something may have happened."""
    return refusals.explain_malformed(why, f"{request.method} {short(urlsplit(request.url).path)}")


def read_xml(request: Any, answer: Answer) -> Element:
    """What the blob service answers in XML. Raises CloudError for anything else."""
    try:
        found: Element = ContentDecodePolicy.deserialize_from_text(str(answer.body or ""), "application/xml")
    except DecodeError as error:
        raise unreadable(request, "The answer is not XML.") from error
    return found


class _Refusals(HTTPPolicy[Any, Any]):
    """The outermost policy: whatever is no success is raised as an error of cpi.contract.errors."""

    def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        doing = f"{request.http_request.method} {short(urlsplit(request.http_request.url).path)}"
        try:
            response = self.next.send(request)
            response.http_response.read()  # the packages stream what begins an operation
        except ClientAuthenticationError as error:
            raise sign_in_failures.explain(error) from error
        except ServiceRequestError as error:
            raise refusals.explain_unreachable(error, doing) from error
        except (ServiceResponseError, DecodeError) as error:
            raise refusals.explain_lost(error, doing) from error
        answer = Answer.of(response.http_response)
        if answer.status not in _GOOD:
            refusal = refusals.read_refusal(answer.status, answer.body, answer.headers)
            raise refusals.explain(refusal, doing) from refusals.RefusedCall(answer.body)
        return response


class _OnlyJson(HTTPPolicy[Any, Any]):
    """The resource manager and Graph answer in JSON: what else comes is a proxy's, and no package can read it.

    Its "not found" would pass for the word that a resource is gone.
    """

    def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        response = self.next.send(request)
        response.http_response.read()
        answer = Answer.of(response.http_response)
        says_something = answer.status < 500 and answer.status != http.HTTPStatus.TOO_MANY_REQUESTS
        if says_something and not isinstance(answer.body, Mapping | list | None):
            raise unreadable(request.http_request, "The answer is not JSON.")
        return response


class _OwnServer(HTTPPolicy[Any, Any]):
    """Before the token is added: a link in an answer that leads to another server is not followed."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._own = url

    def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        if _server(request.http_request.url) != _server(self._own):
            raise CloudError(
                "answer-leads-elsewhere",
                "Azure's answer points to another server, which does not get the token.",
                why=f"It points to {urlsplit(request.http_request.url).netloc}; the resource manager is "
                f"{urlsplit(self._own).netloc}.",
                fix="Correct `endpoints` in the environment's file if resource_manager is wrong there.",
            )
        return self.next.send(request)


def _server(url: str) -> tuple[str, str, int]:
    """Scheme, host and port: Azure's Compute writes the usual port into its links, others leave it out."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _USUAL_PORTS.get(parts.scheme, 0)


def _content(response: Any) -> JsonValue:
    text = response.text()
    if not text:
        return None
    try:
        found: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return str(text)
    return found
