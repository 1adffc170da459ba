"""Route tables in the local cloud's state: route_tables/NAME.json, one file each.

Takes a state directory and records, gives records; how they are written is in records.
"""

import os
from typing import TypedDict
from urllib.parse import quote

from cpi.clouds.local.inside.records import records

DIRECTORY = "route_tables"
_FIRST_NUMBER = 1000


class RouteRecord(TypedDict):
    """`next_hop` is internet, network, none or appliance, and `address` the appliance's, "" without one."""

    name: str
    prefix: str
    next_hop: str
    address: str


class RouteTableRecord(TypedDict):
    """`number` is the router's table."""

    name: str
    number: int
    routes: list[RouteRecord]
    owner: records.OwnerRecord
    tags: dict[str, str]


def list_tables(state: str) -> list[RouteTableRecord]:
    """All but those whose record is damaged."""
    try:
        found = sorted(name for name in os.listdir(f"{state}/{DIRECTORY}") if name.endswith(".json"))
    except FileNotFoundError:  # a cloud that an earlier version built
        return []
    loaded = (records.load_whole(f"{state}/{DIRECTORY}/{name}", RouteTableRecord) for name in found)
    return [record for record in loaded if record is not None]


def free_number(state: str) -> int:
    """A number that no table has."""
    taken = {table["number"] for table in list_tables(state)}
    return next(number for number in range(_FIRST_NUMBER, _FIRST_NUMBER + len(taken) + 1) if number not in taken)


def save_table(state: str, table: RouteTableRecord) -> None:
    os.makedirs(f"{state}/{DIRECTORY}", exist_ok=True)
    records.save(table_path(state, table["name"]), table)


def table_path(state: str, name: str) -> str:
    """The path of a table's record; any name makes one safe file name."""
    return f"{state}/{DIRECTORY}/{quote(name, safe='')}.json"
