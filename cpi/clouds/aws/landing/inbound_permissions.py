"""What the rules of a template's security group let in, as EC2 has permissions. Pure.

Takes a planned resource or EC2's answer, gives permissions, each for one source.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue

ALL = "-1"
_NO_PORT = -1
_SOURCES = (
    ("IpRanges", "CidrIp"),
    ("Ipv6Ranges", "CidrIpv6"),
    ("UserIdGroupPairs", "GroupId"),
    ("PrefixListIds", "PrefixListId"),
)
"""Where EC2 lists sources, and what it calls one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """`kind` is EC2's list of the source; without ports both are -1."""

    protocol: str
    first: int = _NO_PORT
    last: int = _NO_PORT
    source: str
    kind: str = "IpRanges"

    @property
    def line(self) -> str:
        """For people, and to be compared."""
        protocol = "all" if self.protocol == ALL else self.protocol
        ports = "" if self.first == _NO_PORT else f" {self.first}"
        ports += f"-{self.last}" if self.last != self.first else ""
        return f"{protocol}{ports} from {self.source}"


def planned(written: JsonValue) -> tuple[Permission, ...]:
    """Those of a resource's property `permissions`, each once."""
    return tuple(dict.fromkeys(one for each in _each(written) for one in _planned(each)))


def there(answer: Mapping[str, Any]) -> tuple[Permission, ...]:
    """Those of a security group as EC2 describes it."""
    return tuple(one for each in answer.get("IpPermissions", ()) for one in _there(each))


def render(permissions: Iterable[Permission]) -> list[dict[str, Any]]:
    """As EC2 takes them. All protocols have no ports."""
    keys = dict(_SOURCES)
    return [
        {
            "IpProtocol": one.protocol,
            **({} if one.protocol == ALL else {"FromPort": one.first, "ToPort": one.last}),
            one.kind: [{keys[one.kind]: one.source}],
        }
        for one in permissions
    ]


def _planned(written: Mapping[str, Any]) -> Iterator[Permission]:
    for source in written["sources"]:
        yield Permission(
            protocol=str(written["protocol"]), first=int(written["first"]), last=int(written["last"]), source=source
        )


def _there(answer: Mapping[str, Any]) -> Iterator[Permission]:
    first, last = int(answer.get("FromPort", _NO_PORT)), int(answer.get("ToPort", _NO_PORT))
    for kind, key in _SOURCES:
        for source in answer.get(kind, ()):
            yield Permission(
                protocol=str(answer["IpProtocol"]), first=first, last=last, source=str(source[key]), kind=kind
            )


def _each(value: Any) -> Iterator[Mapping[str, Any]]:
    yield from value
