"""Whether the addresses that a plan wants fit into subnets that are there. Pure.

Takes interfaces to come and subnets as Azure tells them, gives findings.
"""

import ipaddress
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cpi.azure import findings, networks
from cpi.errors import CloudError
from cpi.values import Finding, NetworkKind, NetworkSettings

Json = Mapping[str, Any]
_KEPT = 5
"""Azure keeps the first four addresses of each subnet and its last one.

Source: MicrosoftDocs/azure-docs articles/virtual-network/virtual-networks-faq.md.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An interface to come: of which VM, and in which subnet (by id)."""

    vm: str
    network: NetworkSettings
    subnet_id: str


def check(wanted: Sequence[Wanted], subnets: Mapping[str, Json], staying: Mapping[str, int]) -> list[Finding]:
    """Addresses outside, kept by Azure or asked for twice, and subnets too small.

    `subnets` by id, without those that do not exist yet; `staying` is how many addresses of each are held and stay.
    """
    there = [one for one in wanted if one.subnet_id in subnets]
    return [*_misplaced(there, subnets), *_twice(there), *_full(there, subnets, staying)]


def _misplaced(wanted: Sequence[Wanted], subnets: Mapping[str, Json]) -> Iterator[Finding]:
    for one in wanted:
        if one.network.kind is not NetworkKind.MANUAL:
            continue
        try:
            networks.check_address(one.network, subnets[one.subnet_id])
        except CloudError as error:
            yield findings.of_error(error)
            continue
        cidr = networks.read_cidr(subnets[one.subnet_id])
        at = int(ipaddress.ip_address(one.network.ip)) - int(cidr.network_address)
        if at < _KEPT - 1 or at == cidr.num_addresses - 1:
            yield findings.of_kept(one.network.ip, one.vm, str(cidr))


def _twice(wanted: Sequence[Wanted]) -> Iterator[Finding]:
    counts = Counter((one.subnet_id, one.network.ip) for one in wanted if one.network.ip)
    for (_, ip), count in counts.items():
        if count > 1:
            yield findings.of_twice(ip, count)


def _full(wanted: Sequence[Wanted], subnets: Mapping[str, Json], staying: Mapping[str, int]) -> Iterator[Finding]:
    for subnet_id, count in Counter(one.subnet_id for one in wanted).items():
        cidr = networks.read_cidr(subnets[subnet_id])
        free = max(0, cidr.num_addresses - _KEPT - staying.get(subnet_id, 0))
        if count > free:
            yield findings.of_full(str(cidr), free=free, wanted=count)
