"""A request and a reply, as the stand-in's rooms hand them on.

Takes and gives plain values.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_RESOURCE = re.compile(
    r"(?P<scope>/subscriptions/[^/]+/resourceGroups/(?P<group>[^/]+))/providers/(?P<space>[^/]+)/(?P<rest>.+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`base` is the server's own address, for links."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    base: str


@dataclass(slots=True, kw_only=True)
class Reply:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One recorded call, for tests that count or check calls."""

    request: Request
    reply: Reply | None

    @property
    def words(self) -> str:
        """Method and path, for asserts."""
        return f"{self.request.method} {self.request.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A path inside a resource group: types and names in turns; `action` is a POST's verb, `is_list` ends in a type."""

    group: str
    scope: str
    space: str
    kind: str
    id: str
    name: str
    parent: str
    is_list: bool
    action: str


def read_target(request: Request) -> Target | None:
    """Where a request goes; None: not into a resource group."""
    found = _RESOURCE.fullmatch(request.path)
    if found is None:
        return None
    words = found["rest"].split("/")
    action = ""
    if request.method == "POST" or words[-1].lower() == "instanceview":
        action = words.pop()
    is_list = len(words) % 2 == 1
    kind = f"{found['space']}/" + "/".join(words[0::2])
    start = f"{found['scope']}/providers/{found['space']}"
    whole = "/".join([start, *words])
    own = whole if not is_list else "/".join([start, *words[:-1]])
    parent_words = words[:-2] if not is_list else words[:-1]
    parent = "/".join([start, *parent_words]) if parent_words else ""
    return Target(
        group=found["group"],
        scope=found["scope"],
        space=found["space"],
        kind=kind,
        id=own,
        name=words[-1] if not is_list else "",
        parent=parent,
        is_list=is_list,
        action=action,
    )
