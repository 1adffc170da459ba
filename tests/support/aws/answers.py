"""Answers of our own, in the form each kind of service speaks.

Takes codes and words, gives Answers.
"""

import json
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from tests.support.aws.calls import Call

Headers = list[tuple[str, str]]
Start = Callable[..., Any]

_REASONS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 409: "Conflict", 503: "Unavailable"}
_QUERY = ("iam", "sts", "elasticloadbalancing")
_JSON = ("ssm", "servicequotas", "pricing", "ebs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether the call did what it was asked."""
        return self.status.startswith("2")

    def send(self, start: Start) -> Iterable[bytes]:
        """Answer a WSGI call; each answer of AWS has an id of the request."""
        reported = [value for name, value in self.headers if name.lower() == "content-length"]
        kept = [(name, value) for name, value in self.headers if name.lower() not in ("content-length", "connection")]
        # An answer to HEAD tells the length of a body that it does not have.
        length = reported[0] if reported and not self.body else str(len(self.body))
        start(self.status, [*kept, ("Content-Length", length), ("x-amzn-RequestId", str(uuid.uuid4()))])
        return [self.body]


def refusal(call: Call, code: str, message: str, *, status: int = 400) -> Answer:
    """An error as the call's service words it."""
    line = f"{status} {_REASONS.get(status, 'Error')}"
    if call.service in _JSON:
        body = json.dumps({"__type": code, "message": message, "Message": message}).encode()
        return Answer(status=line, headers=(("Content-Type", "application/x-amz-json-1.1"),), body=body)
    code, message = escape(code), escape(message)
    if call.service in _QUERY:
        text = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    elif call.service in ("s3", "route53"):
        text = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    else:
        text = f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors></Response>"
    return Answer(status=line, headers=(("Content-Type", "text/xml"),), body=text.encode())


def json_answer(document: object) -> Answer:
    """A JSON service's answer."""
    body = json.dumps(document).encode()
    return Answer(status="200 OK", headers=(("Content-Type", "application/x-amz-json-1.1"),), body=body)


def xml_answer(text: str) -> Answer:
    """A query service's answer."""
    return Answer(status="200 OK", headers=(("Content-Type", "text/xml"),), body=text.encode())
