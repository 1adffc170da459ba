"""Which cloud an executable works on, as far as its path and its properties say: the protocol cannot be asked.

Takes a path and the CPI's own properties, gives a CloudIdentity. Only words that say where are taken, never a secret.
"""

import re
from collections.abc import Iterator, Mapping

from cpi.contract.values import CloudIdentity, JsonValue

_PLACES = frozenset(
    {
        "auth_url",
        "availability_zone",
        "datacenter",
        "endpoint",
        "environment",
        "host",
        "location",
        "project",
        "project_id",
        "region",
        "resource_group_name",
        "subscription_id",
        "tenant",
        "tenant_id",
        "url",
        "zone",
    }
)
"""What the CPIs of BOSH call the place of their resources."""

_DEPTH = 6
_LOGIN = re.compile(r"//[^/@]*@")
"""A user and a password in a URL."""


class ExternalIdentity:
    """Implements Identity."""

    def __init__(self, path: str, properties: Mapping[str, JsonValue]) -> None:
        self._path = path
        self._properties = properties

    def identify(self) -> CloudIdentity:
        places = dict(sorted(_places(self._properties, (), _DEPTH)))
        title = ", ".join(f"{name} {value}" for name, value in places.items())
        # Where the properties say the place, another path is another version of the same CPI.
        return CloudIdentity(facts=places or {"executable": self._path}, title=title or "account and region unknown")

    def describe_login(self) -> str:
        return ""


def _places(value: JsonValue, path: tuple[str, ...], depth: int) -> Iterator[tuple[str, str]]:
    """Every plain value under a name that says where, by its path ("aws.region")."""
    if isinstance(value, str | int) and path and path[-1] in _PLACES:
        yield ".".join(path), _LOGIN.sub("//", str(value))
    if depth == 0:
        return
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _places(item, (*path, name), depth - 1)
    elif isinstance(value, list | tuple):
        for at, item in enumerate(value):
            yield from _places(item, (*path, str(at)), depth - 1)
