"""Which address ranges share addresses. Pure.

Takes ranges by name, gives the pairs that overlap.
"""

import ipaddress
from collections.abc import Iterator, Sequence
from itertools import combinations

from cpi.contract.value_classes import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What people call a range, and the range as it is written ("10.0.0.0/16")."""

    name: str
    cidr: str


def overlapping(new: Sequence[Range], there: Sequence[Range] = ()) -> Iterator[tuple[Range, Range]]:
    """Pairs of `new` ranges that overlap, and of a new one with one that is `there`; what is no range is left out."""
    pairs = [*combinations(new, 2), *((one, other) for one in new for other in there)]
    for one, other in pairs:
        mine, theirs = _network(one), _network(other)
        if mine and theirs and mine.version == theirs.version and mine.overlaps(theirs):
            yield one, other


def is_within(narrow: str, wide: str) -> bool:
    """Whether a range is a part of another; what is no range is in none."""
    inner, outer = (_network(Range(name="", cidr=text)) for text in (narrow, wide))
    if isinstance(inner, ipaddress.IPv4Network) and isinstance(outer, ipaddress.IPv4Network):
        return inner.subnet_of(outer)
    return False


def _network(one: Range) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(one.cidr)
    except ValueError:
        return None
