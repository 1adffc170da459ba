"""Names as BOSH's DNS has them: of instances, of groups, of links; and the numbers by which short names write them.

Takes names, gives DNS names. The numbers follow from the names, so no record of them can be lost
(docs/decisions/dns.md). Source: cloudfoundry/bosh src/bosh-director/lib/bosh/director/dns/canonicalizer.rb,
dns_encoder.rb, dns_name_generator.rb.
"""

import hashlib
import re
from collections.abc import Iterable

from cpi.contract.value_classes import dataclass

ROOT = "bosh"
"""The root domain, unless the environment names another."""

_FEW, _MANY = 10**7, 10**12
"""A name lists AZs in one label of 63 characters, so their numbers are short."""

_HEALTH = {"healthy": "s3", "unhealthy": "s1", "all": "s4"}
_FIRST_CHECK = {"synchronous": "y1", "asynchronous": "y0"}


def canonical_name(name: str) -> str:
    """Lower case, `_` as `-`, nothing but letters, digits and `-`."""
    return re.sub(r"[^a-z0-9-]", "", name.lower().replace("_", "-"))


def az_number(name: str) -> str:
    """The number of an AZ."""
    return _number(_FEW, "az", name)


def network_number(name: str) -> str:
    """The number of a network."""
    return _number(_FEW, "network", name)


def instance_number(instance: str) -> str:
    """The number of an instance, by its id."""
    return _number(_MANY, "instance", instance)


def group_number(deployment: str, group: str) -> str:
    """The number of an instance group."""
    return _number(_MANY, "instance-group", deployment, group)


def link_number(deployment: str, group_name: str) -> str:
    """The number of the instances that provide a link, by its `link_group_name`."""
    return _number(_MANY, "link", deployment, group_name)


def link_group_name(alias: str, kind: str) -> str:
    """What BOSH calls the group of instances that provide a link."""
    return f"{alias}-{kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where a name leads, as people wrote it: an instance group of a deployment on a network."""

    group: str
    network: str
    deployment: str
    domain: str = ROOT

    def labels(self) -> str:
        """All of a long name but its first label."""
        own = (canonical_name(each) for each in (self.group, self.network, self.deployment))
        return ".".join((*own, self.domain))


def long_name(first: str, place: Whereabouts) -> str:
    """The name whose first label is an instance's id or index, or a query."""
    return f"{first}.{place.labels()}"


def query(
    *, azs: Iterable[str] = (), status: str = "default", first_check: str = "", others: Iterable[str] = ()
) -> str:
    """The first label that asks for instances: numbers of AZs, health; `others` are ready parts, such as "n3".

    Parts are sorted as text, as BOSH sorts them: the label becomes part of certificates and configurations.
    """
    parts = [*(f"a{az}" for az in azs), *others, _HEALTH.get(status, "s0")]
    if first_check in _FIRST_CHECK:
        parts.append(_FIRST_CHECK[first_check])
    return f"q-{''.join(sorted(parts))}"


def short_name(first: str, number: str, domain: str) -> str:
    """The name that asks for the group of that number."""
    return f"{first}.q-g{number}.{domain}"


def _number(below: int, *words: str) -> str:
    digest = hashlib.sha256("\0".join(words).encode()).digest()
    return str(1 + int.from_bytes(digest[:8], "big") % (below - 1))
