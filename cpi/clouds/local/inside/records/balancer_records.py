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
    """`address` is the name of its public address, `ip` that address."""

    name: str
    address: str
    ip: str
    rules: list[BalancingRecord]
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


def named_by(vm: records.LocalVm) -> list[str]:
    """The balancers that a VM is behind."""
    named = vm["cloud_properties"].get("load_balancers")
    return [str(name) for name in named] if isinstance(named, list | tuple) else []


def save_balancer(state: str, balancer: BalancerRecord) -> None:
    os.makedirs(f"{state}/{DIRECTORY}", exist_ok=True)
    records.save(balancer_path(state, balancer["name"]), balancer)


def balancer_path(state: str, name: str) -> str:
    """The path of a balancer's record; any name makes one safe file name."""
    return f"{state}/{DIRECTORY}/{quote(name, safe='')}.json"
