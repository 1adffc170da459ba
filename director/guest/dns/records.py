"""The records that the director published, looked up by name.

Takes records.json as BOSH has it and aliases, gives the instances a name asks for. Columns are found by their names;
what is not readable of one row leaves the others. Source: cloudfoundry/bosh-dns-release
src/bosh-dns/dns/server/records/record_set.go, aliases/config.go.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Dict, FrozenSet, List, Mapping, NamedTuple, Optional, Sequence

from director.guest.dns import names
from director.guest.dns.names import BadName, Wanted

AGENT_DOMAIN = "bosh-agent-id"
UPCHECK = "upcheck.bosh-dns"

_NEEDED = ("id", "instance_group", "network", "deployment", "ip", "domain")
_FILTERS = {"smart": "s0", "unhealthy": "s1", "healthy": "s3", "all": "s4"}
_CHECKS = {"synchronous": "y1", "asynchronous": "y0"}
_DEEPEST = 16
_MOST_ROWS = 100_000


class RecordRow(NamedTuple):
    """An instance's address on one network."""

    id: str
    group: str
    network: str
    deployment: str
    ip: str
    domain: str
    group_ids: FrozenSet[str]
    numbers: Dict[str, str]
    agent_id: str


class Found(NamedTuple):
    """`rows` that a name asks for, before health is looked at. `group_id` is the group whose health counts."""

    rows: List[RecordRow]
    health: int
    group_id: str = ""
    is_checked_first: bool = False


class RecordSet:
    """An index of rows and aliases; `own` domains are answered here and nowhere else."""

    def __init__(self, document: Mapping[str, Any], aliases: Mapping[str, Sequence[str]]) -> None:
        self.rows = _read_rows(document)
        self._by_place: Dict["tuple[str, str, str]", List[RecordRow]] = {}
        self._by_group: Dict[str, List[RecordRow]] = {}
        self._by_ip: Dict[str, List[RecordRow]] = {}
        for row in self.rows:
            self._by_place.setdefault((row.group, row.network, row.deployment), []).append(row)
            self._by_ip.setdefault(row.ip, []).append(row)
            for group in row.group_ids:
                self._by_group.setdefault(group, []).append(row)
        self.aliases = {**_written_aliases(document, self._by_group), **_read_aliases(aliases)}
        self.domains = {row.domain for row in self.rows} | {AGENT_DOMAIN, UPCHECK}

    def domain_of(self, name: str) -> str:
        """The longest of our domains that the name is in, "" for a name of others."""
        fitting = [domain for domain in self.domains if name == domain or name.endswith("." + domain)]
        return max(fitting, key=len, default="")

    def is_own(self, name: str) -> bool:
        return self._targets(name) is not None or bool(self.domain_of(name))

    def find(self, name: str, depth: int = 0) -> List[Found]:
        """What the name asks for; several for an alias of several targets. Raises BadName."""
        targets = self._targets(name)
        if targets is not None and depth < _DEEPEST:
            return [found for target in targets for found in self._of_target(target, depth + 1)]
        domain = self.domain_of(name)
        if name == UPCHECK:
            return [_of_address("127.0.0.1"), _of_address("::1")]
        if not domain or name == domain:
            return []
        first = name[: -len(domain) - 1]
        if domain == AGENT_DOMAIN:
            return [Found([row for row in self.rows if row.agent_id == first], names.ALL)]
        return [self._wanted(names.read_name(first.split(".")), domain)]

    def rows_of(self, instance: str) -> List[RecordRow]:
        """The rows of one instance."""
        return [row for row in self.rows if row.id == instance]

    def names_of(self, address: str) -> List[str]:
        """The names of instances at that address."""
        rows = self._by_ip.get(address, ())
        return sorted("%s.%s.%s.%s.%s." % (row.id, row.group, row.network, row.deployment, row.domain) for row in rows)

    def _targets(self, name: str) -> Optional[List[str]]:
        if name in self.aliases:
            return self.aliases[name]
        first, _, rest = name.partition(".")
        below = self.aliases.get("_." + rest)
        if below is None or not rest:
            return None
        return [first + target[1:] if target.startswith("_.") else target for target in below]

    def _of_target(self, target: str, depth: int) -> List[Found]:
        if _is_address(target):
            return [_of_address(target)]
        try:
            return self.find(target, depth)
        except BadName:
            return []

    def _wanted(self, wanted: Wanted, domain: str) -> Found:
        rows = [row for row in self._candidates(wanted) if row.domain == domain and _fits(row, wanted)]
        return Found(rows, wanted.health, wanted.group_id, wanted.is_checked_first)

    def _candidates(self, wanted: Wanted) -> Sequence[RecordRow]:
        if wanted.place is None:
            return self._by_group.get(wanted.group_id, ()) if wanted.group_id else self.rows
        if not any(map(names.is_pattern, wanted.place)):
            return self._by_place.get(wanted.place, ())
        return [
            row for row in self.rows if all(map(names.fits, wanted.place, (row.group, row.network, row.deployment)))
        ]


def _fits(row: RecordRow, wanted: Wanted) -> bool:
    if wanted.instance:
        is_index = wanted.instance.isdigit()
        return (row.numbers["instance_index"] if is_index else row.id) == wanted.instance
    return all(row.numbers[field] in allowed for field, allowed in wanted.filters.items())


def _of_address(address: str) -> Found:
    return Found([RecordRow("", "", "", "", address, "", frozenset(), {}, "")], names.ALL)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _read_rows(document: Mapping[str, Any]) -> List[RecordRow]:
    keys, infos = document.get("record_keys"), document.get("record_infos")
    if not isinstance(keys, list) or not isinstance(infos, list):
        return []
    rows = []
    for info in infos[:_MOST_ROWS]:
        if isinstance(info, list) and len(info) == len(keys):
            row = _read_row({str(key): info[place] for place, key in enumerate(keys)})
            if row is not None:
                rows.append(row)
    return rows


def _read_row(fields: Mapping[str, Any]) -> Optional[RecordRow]:
    needed = [fields.get(name) for name in _NEEDED]
    if not all(isinstance(value, str) and value for value in needed):
        return None
    given = fields.get("group_ids")
    numbers = {name: _text(fields.get(name)) for name in ("num_id", "az_id", "network_id", "instance_index")}
    groups = frozenset(map(_text, given)) if isinstance(given, list) else frozenset()
    identity, group, network, deployment, ip, domain = map(str, needed)
    domain = domain.strip(".").lower()
    return RecordRow(
        identity.lower(), group, network, deployment, ip, domain, groups, numbers, _text(fields.get("agent_id"))
    )


def _text(value: object) -> str:
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _read_aliases(aliases: Mapping[str, Sequence[str]]) -> Dict[str, List[str]]:
    return {_plain(name): [_target(target) for target in targets] for name, targets in aliases.items()}


def _plain(name: str) -> str:
    return name.strip(".").lower()


def _target(target: str) -> str:
    plain = _plain(target)
    return "q-s0" + plain[1:] if plain.startswith("*.") else plain


def _written_aliases(document: Mapping[str, Any], by_group: Mapping[str, Sequence[RecordRow]]) -> Dict[str, List[str]]:
    """The aliases of manifests: the instances that provide a link, by its group."""
    made: Dict[str, List[str]] = {}
    written = document.get("aliases")
    listed = written.items() if isinstance(written, dict) else ()
    definitions = [(str(name), one) for name, ones in listed for one in (ones if isinstance(ones, list) else ())]
    for name, one in definitions:
        targets = _alias_targets(_plain(name), one, by_group) if isinstance(one, dict) else ()
        for own, target in targets:
            made.setdefault(own, []).append(target)
    return made


def _alias_targets(
    name: str, one: Mapping[str, Any], by_group: Mapping[str, Sequence[RecordRow]]
) -> "List[tuple[str, str]]":
    group = _text(one.get("group_id"))
    health = _FILTERS.get(str(one.get("health_filter")), "s0") + _CHECKS.get(str(one.get("initial_health_check")), "")
    end = "q-g%s.%s" % (group, _plain(_text(one.get("root_domain"))))
    if one.get("placeholder_type") == "uuid" and name.startswith("_."):
        return [
            (row.id + name[1:], "q-m%s%s.%s" % (row.numbers["num_id"], health, end)) for row in by_group.get(group, ())
        ]
    return [(name, "q-%s.%s" % (health, end))]
