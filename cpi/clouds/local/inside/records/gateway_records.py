"""NAT gateways in the local cloud's state: nat_gateways/NAME.json, one file each.

Takes a state directory and records, gives records; how they are written is in records.
"""

import os
from typing import TypedDict
from urllib.parse import quote

from cpi.clouds.local.inside.records import records

DIRECTORY = "nat_gateways"


class GatewayRecord(TypedDict):
    """`address` is the name of its public address, `ip` that address. `idle_minutes` is noted alone."""

    name: str
    address: str
    ip: str
    idle_minutes: int
    owner: records.OwnerRecord
    tags: dict[str, str]


def list_gateways(state: str) -> list[GatewayRecord]:
    """All but those whose record is damaged."""
    try:
        found = sorted(name for name in os.listdir(f"{state}/{DIRECTORY}") if name.endswith(".json"))
    except FileNotFoundError:  # a cloud that an earlier version built
        return []
    loaded = (records.load_whole(f"{state}/{DIRECTORY}/{name}", GatewayRecord) for name in found)
    return [record for record in loaded if record is not None]


def save_gateway(state: str, gateway: GatewayRecord) -> None:
    os.makedirs(f"{state}/{DIRECTORY}", exist_ok=True)
    records.save(gateway_path(state, gateway["name"]), gateway)


def gateway_path(state: str, name: str) -> str:
    """The path of a gateway's record; any name makes one safe file name."""
    return f"{state}/{DIRECTORY}/{quote(name, safe='')}.json"
