"""Route tables of the cloud: what a machine of a network sends is looked up in the network's table first.

Takes and gives records; runs in the cloud's namespaces.
"""

import contextlib
import os
from typing import Any

from cpi.clouds.local.inside.networks import routing
from cpi.clouds.local.inside.records import records, route_records
from cpi.clouds.local.inside.records.orders import RouteTableOrder
from cpi.clouds.local.inside.records.route_records import RouteTableRecord
from cpi.clouds.local.inside.system.route_links import RouteLinks
from cpi.clouds.local.inside.system.site import Site
from cpi.contract.errors import ConflictError


def create_table(site: Site, order: RouteTableOrder) -> RouteTableRecord:
    """Make a table; one of this name there before has these routes afterwards."""
    found = records.load_whole(route_records.table_path(site.state, order["name"]), RouteTableRecord)
    table: RouteTableRecord = {
        "name": order["name"],
        "number": found["number"] if found else route_records.free_number(site.state),
        "routes": order["routes"],
        "owner": found["owner"] if found else order["owner"],
        "tags": order["tags"],
    }
    route_records.save_table(site.state, table)
    routing.build_routing(site)
    return table


def delete_table(site: Site, arguments: dict[str, Any]) -> None:
    """Remove a table that no network has; absent is success."""
    name = arguments["name"]
    for network in records.list_networks(site.state):
        if network.get("route_table") == name:
            raise ConflictError(
                "route-table-in-use",
                f"Route table '{name}' is in use.",
                why=f"Network '{network['name']}' has it.",
                fix="Delete the network first, or let it have no route table.",
            )
    path = route_records.table_path(site.state, name)
    table = records.load_whole(path, RouteTableRecord)
    if table is not None:
        with RouteLinks() as links:
            links.set_table(table["number"], [])
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
