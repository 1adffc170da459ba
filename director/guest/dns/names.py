"""A name in one of our domains, read: which instances it asks for.

Takes the labels before the domain, gives what to look for. Source: cloudfoundry/bosh-dns-release
src/bosh-dns/dns/server/criteria/criteria.go, query.go.
"""

from __future__ import annotations

import re
from typing import Dict, FrozenSet, List, NamedTuple, Optional

SMART, UNHEALTHY, HEALTHY, ALL = 0, 1, 3, 4

_PART = re.compile(r"([aimnsy])(\d{1,18})")
_GROUP = re.compile(r"q-g(\d{1,18})")
_FIELDS = {"a": "az_id", "i": "instance_index", "m": "num_id", "n": "network_id"}


class BadName(Exception):
    """A name that is in one of our domains, but asks nothing."""


class Wanted(NamedTuple):
    """What a name asks for. `place` are group, network and deployment, each maybe with a `*` at one end.

    `instance` is an id or an index, "" for a query; `filters` are the numbers allowed, by field.
    """

    place: Optional["tuple[str, str, str]"]
    group_id: str
    instance: str
    filters: Dict[str, FrozenSet[str]]
    health: int
    is_checked_first: bool


def read_name(labels: List[str]) -> Wanted:
    """What the labels before the domain ask for. Raises BadName."""
    if len(labels) not in (2, 4):
        raise BadName()
    first, rest = labels[0], labels[1:]
    filters, health, is_checked_first = _read_query(first) if first.startswith("q-") else ({}, SMART, False)
    instance = "" if first.startswith("q-") else first
    if len(rest) == 3:
        return Wanted((rest[0], rest[1], rest[2]), "", instance, filters, health, is_checked_first)
    group = _GROUP.fullmatch(rest[0])
    if group is None and rest[0] != "*":
        raise BadName()
    return Wanted(None, group.group(1) if group else "", instance, filters, health, is_checked_first)


def is_pattern(text: str) -> bool:
    """Whether it means more than itself."""
    return text.startswith("*") or text.endswith("*")


def fits(pattern: str, text: str) -> bool:
    """`*`, `*suffix` or `prefix*`; anything else means itself."""
    if pattern.startswith("*"):
        return text.endswith(pattern[1:])
    return text.startswith(pattern[:-1]) if pattern.endswith("*") else text == pattern


def _read_query(label: str) -> "tuple[Dict[str, FrozenSet[str]], int, bool]":
    parts: Dict[str, List[str]] = {}
    for key, number in _PART.findall(label[2:]):
        parts.setdefault(key, []).append(number)
    if not parts:
        raise BadName()
    filters = {_FIELDS[key]: frozenset(numbers) for key, numbers in parts.items() if key in _FIELDS}
    health = int(parts.get("s", ["0"])[0])
    return filters, health if health in (UNHEALTHY, HEALTHY, ALL) else SMART, parts.get("y", ["0"])[0] == "1"
