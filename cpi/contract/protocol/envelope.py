"""The two documents of one CPI call: the request on standard input, the response on standard output.

Takes bytes, gives values, and back. Standard library only: `info` must answer quickly. Source: cloudfoundry/bosh
src/bosh-director/lib/clouds/external_cpi.rb (strictness of responses), docs of the CPI API v2.
"""

import json
from collections.abc import Mapping
from dataclasses import field
from typing import cast

from cpi.contract.errors import CloudError
from cpi.contract.json_value import JsonValue
from cpi.contract.value_classes import dataclass

STANDARD_KEYS = frozenset({"director_uuid", "request_id", "vm"})
"""The director's own keys of the context; all others are properties of a cpi-config."""

_REFUSAL_KEYS = {"type": str, "message": str, "ok_to_retry": bool}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call. `api_version` None is how a director first asks for `info`."""

    method: str
    arguments: tuple[JsonValue, ...] = ()
    context: Mapping[str, JsonValue] = field(default_factory=dict)
    api_version: int | None = None

    @property
    def request_id(self) -> str:
        """The director's name for this call, "" if it gave none."""
        found = self.context.get("request_id")
        return found if isinstance(found, str) else ""

    def properties(self) -> Mapping[str, JsonValue]:
        """The context without the director's own keys."""
        return {key: value for key, value in self.context.items() if key not in STANDARD_KEYS}


@dataclass(frozen=True, slots=True, kw_only=True)
class CpiError:
    """An error as it crosses: `type` is a Ruby class name of BOSH's."""

    type: str
    message: str
    ok_to_retry: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """Either a result or a refusal; `log` is free text."""

    result: JsonValue = None
    refusal: CpiError | None = None
    log: str = ""


def write_request(request: Request) -> bytes:
    """Give the document, keys in the order BOSH writes them."""
    document: dict[str, JsonValue] = {
        "method": request.method,
        "arguments": list(request.arguments),
        "context": dict(request.context),
    }
    if request.api_version is not None:
        document["api_version"] = request.api_version
    return json.dumps(document).encode()


def read_request(data: bytes) -> Request:
    """Read the document. Raises CloudError, code `cpi-request-invalid`."""
    document = _object(data)
    if document is None:
        raise _bad_request("It is not a JSON object.")
    method, arguments = document.get("method"), document.get("arguments", [])
    context, version = document.get("context"), document.get("api_version")
    if not isinstance(method, str):
        raise _bad_request("'method' is not a string.")
    if not isinstance(arguments, list):
        raise _bad_request("'arguments' is not an array.")
    context = {} if context is None else context
    if not isinstance(context, dict):
        raise _bad_request("'context' is not an object.")
    if version is not None and (not isinstance(version, int) or isinstance(version, bool)):
        raise _bad_request("'api_version' is not a whole number.")
    return Request(method=method, arguments=tuple(arguments), context=context, api_version=version)


def write_response(response: Response) -> bytes:
    """Give the document; a refusal has no result."""
    error: JsonValue = None
    if response.refusal is not None:
        refusal = response.refusal
        error = {"type": refusal.type, "message": refusal.message, "ok_to_retry": refusal.ok_to_retry}
    result = None if response.refusal else response.result
    return json.dumps({"result": result, "error": error, "log": response.log}).encode()


def read_response(data: bytes) -> Response:
    """Read the document as strictly as a director does. Raises CloudError, code `cpi-response-invalid`."""
    document = _object(data)
    if document is None:
        raise _bad_response("Expected exactly one JSON object on standard output.")
    if missing := [key for key in ("result", "log") if key not in document]:
        raise _bad_response(f"'{missing[0]}' is missing.")
    if not isinstance(document["log"], str):
        raise _bad_response("'log' is not a string.")
    refusal = _read_refusal(document.get("error"))
    return Response(result=cast(JsonValue, document["result"]), refusal=refusal, log=document["log"])


def _read_refusal(error: object) -> CpiError | None:
    if error is None:
        return None
    if not isinstance(error, dict) or error.keys() != _REFUSAL_KEYS.keys():
        raise _bad_response("Expected exactly the keys type, message and ok_to_retry in 'error'.")
    for key, kind in _REFUSAL_KEYS.items():
        if not isinstance(error[key], kind):
            raise _bad_response(f"'error.{key}' is not a {'boolean' if kind is bool else 'string'}.")
    return CpiError(type=error["type"], message=error["message"], ok_to_retry=error["ok_to_retry"])


def _object(data: bytes) -> dict[str, object] | None:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _bad_request(why: str) -> CloudError:
    return CloudError(
        "cpi-request-invalid",
        "Standard input has no CPI request.",
        why=why,
        fix='Send one JSON object: {"method": ..., "arguments": [...], "context": {...}}.',
    )


def _bad_response(why: str) -> CloudError:
    return CloudError(
        "cpi-response-invalid",
        "The CPI's answer does not follow BOSH's CPI protocol.",
        why=why,
        fix="Use a CPI that supports version 1 or 2 of the protocol; its log has its output.",
    )
