"""Load balancers in the local cloud's state: balancers/NAME.json, one file each.

Takes a state directory and records, gives records; how they are written is in records.
"""

import os
from typing import NotRequired, TypedDict
from urllib.parse import quote

from cpi.clouds.local.inside.records import records

DIRECTORY = "balancers"


class BalancingRecord(TypedDict):
    """Connections to `port` go to `machine_port`. `probe_protocol` is tcp, http, https, or "" for no probe."""

    name: str
    port: int
    machine_port: int
    idle_minutes: int
    probe_protocol: str
    probe_port: int
    probe_path: str
    probe_interval_s: int
    probe_failures: int


class BalancerRecord(TypedDict):
    """`ip` is in front. `address` is the name of that public address; one inside of `network` has "" there, and `asked`
    is the requested address, "" for any. Each of `nat_rules` leads to the one VM that names it.
    """

    name: str
    address: str
    ip: str
    network: NotRequired[str]
    asked: NotRequired[str]
    rules: list[BalancingRecord]
    nat_rules: NotRequired[list[BalancingRecord]]
    owner: records.OwnerRecord
    tags: NotRequired[dict[str, str]]


def load_balancer(state: str, name: str) -> BalancerRecord | None:
    """Raises CloudError, code record-damaged."""
    return records.load(balancer_path(state, name), BalancerRecord)


def list_balancers(state: str) -> list[BalancerRecord]:
    """All but those whose record is damaged."""
    try:
        found = sorted(name for name in os.listdir(f"{state}/{DIRECTORY}") if name.endswith(".json"))
    except FileNotFoundError:  # a cloud that an earlier version built
        return []
    loaded = (records.load_whole(f"{state}/{DIRECTORY}/{name}", BalancerRecord) for name in found)
    return [record for record in loaded if record is not None]


def all_rules(balancer: BalancerRecord) -> list[tuple[str, BalancingRecord]]:
    """Each rule after what VMs name to be behind it: the balancer, or "BALANCER/RULE"."""
    name = balancer["name"]
    nat_rules = balancer.get("nat_rules", [])
    return [
        *((name, rule) for rule in balancer["rules"]),
        *((nat_name(name, rule["name"]), rule) for rule in nat_rules),
    ]


def names_of(balancer: BalancerRecord) -> list[str]:
    """What VMs can name of it."""
    return list(dict.fromkeys((balancer["name"], *(name for name, _ in all_rules(balancer)))))


def nat_name(balancer: str, rule: str) -> str:
    """What a VM names to be the one that a rule leads to."""
    return f"{balancer}/{rule}"


def named_by(vm: records.LocalVm) -> list[str]:
    """The balancers that a VM is behind, and the rules that lead to it alone."""
    written = (vm["cloud_properties"].get(key) for key in ("load_balancers", "load_balancer_nat_rules"))
    return [str(name) for named in written if isinstance(named, list | tuple) for name in named]


def save_balancer(state: str, balancer: BalancerRecord) -> None:
    os.makedirs(f"{state}/{DIRECTORY}", exist_ok=True)
    records.save(balancer_path(state, balancer["name"]), balancer)


def balancer_path(state: str, name: str) -> str:
    """The path of a balancer's record; any name makes one safe file name."""
    return f"{state}/{DIRECTORY}/{quote(name, safe='')}.json"
