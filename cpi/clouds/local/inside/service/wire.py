"""The lines between a caller and the service: requests, answers, and refusals as the errors they are.

Takes values, gives bytes; and back. An answer is {"done": ...} or {"error": {...}}.
"""

import json
from collections.abc import Mapping
from typing import Any

from cpi.contract.errors import (
    CloudError,
    ConflictError,
    DeniedError,
    NoCapacityError,
    NotFoundError,
    NotSupportedError,
    TransientError,
)
from cpi.contract.values import JsonValue

_CLASSES = {
    kind.__name__: kind
    for kind in (
        CloudError,
        ConflictError,
        DeniedError,
        NoCapacityError,
        NotFoundError,
        NotSupportedError,
        TransientError,
    )
}


def write_request(operation: str, arguments: Mapping[str, object]) -> bytes:
    return json.dumps({"op": operation, "arguments": arguments}).encode() + b"\n"


def read_request(line: bytes) -> tuple[str, Any]:
    """The operation's name and its arguments, as the caller wrote them."""
    request = json.loads(line)
    return request["op"], request["arguments"]


def write_done(value: object) -> bytes:
    return json.dumps({"done": value}).encode() + b"\n"


def write_error(error: CloudError) -> bytes:
    answer = {
        "class": type(error).__name__,
        "code": error.code,
        "what": error.what,
        "why": error.why,
        "fix": error.fix,
    }
    return json.dumps({"error": answer}).encode() + b"\n"


def read_answer(line: bytes) -> Any:
    """What the service did; raises the CloudError it refused with."""
    answer = json.loads(line)
    if "error" not in answer:
        return answer["done"]
    reported: Mapping[str, JsonValue] = answer["error"]
    kind = _CLASSES[str(reported["class"])]
    raise kind(str(reported["code"]), str(reported["what"]), why=str(reported["why"]), fix=str(reported["fix"]))
