"""A call as AWS gets it: which service, which action, with which parameters.

Takes a WSGI environment, gives a Call; `put_back` lets the next application read the body again.
"""

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

Environ = dict[str, Any]

_SCOPE = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`parameters` of a query call are its form, of a JSON call the top of its document; S3's action is "GET /path"."""

    service: str
    action: str
    region: str = "us-east-1"
    access_key: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)

    def numbered(self, name: str) -> list[str]:
        """The values of a list parameter: "InstanceId.1", "InstanceId.2"."""
        found = [(key, value) for key, value in self.parameters.items() if re.fullmatch(rf"{name}\.\d+", key)]
        return [value for _, value in sorted(found, key=lambda item: int(item[0].rpartition(".")[2]))]

    def series(self, pattern: str) -> list[str]:
        """The values of one member of a list of structures: "NetworkInterface.1.Ipv6Addresses.{}.Ipv6Address"."""
        found, number = [], 1
        while (value := self.parameters.get(pattern.format(number))) is not None:
            found.append(value)
            number += 1
        return found

    def get(self, name: str, default: str = "") -> str:
        """One parameter."""
        return self.parameters.get(name, default)

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing."""
        return self.action.startswith(("Describe", "Get", "List", "Simulate", "GET", "HEAD", "Decode"))


def read_call(environ: Environ) -> Call:
    """Read it, body and all, and put the body back."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    access_key, region, service = scope.groups() if scope else ("", "us-east-1", "s3")
    if service == "s3" or service == "ebs":
        return Call(
            service=service,
            action=f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}",
            region=region,
            access_key=access_key,
        )
    body = environ["wsgi.input"].read(length)
    put_back(environ, body)
    action, parameters = _read_body(environ, body)
    return Call(service=service, action=action, region=region, access_key=access_key, parameters=parameters)


def put_back(environ: Environ, body: bytes) -> None:
    """Give the environment a body."""
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))


def rewrite(environ: Environ, parameters: Mapping[str, str]) -> None:
    """Give a query call other parameters."""
    put_back(environ, urlencode(parameters).encode())


def _read_body(environ: Environ, body: bytes) -> tuple[str, dict[str, str]]:
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        document = json.loads(body or b"{}")
        return target.rpartition(".")[2], {
            name: json.dumps(value) if isinstance(value, dict | list) else str(value)
            for name, value in document.items()
        }
    form = dict(parse_qsl(body.decode(), keep_blank_values=True))
    action = form.get("Action") or f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
    return action, form
