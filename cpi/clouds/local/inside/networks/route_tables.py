"""Route tables of the cloud: what a machine of a network sends is looked up in the network's table first.

Takes and gives records; changes tables and rules inside the cloud's own network namespace.
"""

import contextlib
import os
from typing import Any

from cpi.clouds.local.inside.networks import table_routes
from cpi.clouds.local.inside.records import records, route_records
from cpi.clouds.local.inside.records.orders import RouteTableOrder
from cpi.clouds.local.inside.records.route_records import RouteTableRecord
from cpi.clouds.local.inside.system import packet_rules
from cpi.clouds.local.inside.system.packet_rules import Hook, PacketChain
from cpi.clouds.local.inside.system.route_links import RouteLinks
from cpi.clouds.local.inside.system.site import Site
from cpi.contract.errors import ConflictError

_MANGLE = -150
"""Before the way of a packet is looked up."""


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
    build_tables(site)
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


def build_tables(site: Site) -> None:
    """Let the router have every table as networks, machines and routes are now; twice does nothing more.

    Packets are marked by the network that they come from, where they can come from one alone, or else by their link:
    rules that look at marks leave the check of where an address belongs (rp_filter) alone.
    """
    tables = route_records.list_tables(site.state)
    if not tables:
        return
    networks = [one for one in records.list_networks(site.state) if ":" not in one["cidr"]]
    forwarders = [nic for vm in records.list_whole_vms(site.state) if forwards(vm) for nic in _cards(vm)]
    numbers = {table["name"]: table["number"] for table in tables}
    led = {one["name"]: numbers.get(one.get("route_table", ""), 0) for one in networks}
    with RouteLinks() as links:
        appliances = {nic["ip"]: nic["link"] for nic in forwarders if links.has_link(nic["link"])}
        for table in tables:
            routes = table_routes.routes_of(table, [one["cidr"] for one in networks], appliances)
            links.set_table(table["number"], routes)
        links.set_rules(set(led.values()) - {0})
    by_link = [
        packet_rules.from_link(nic["link"]) + packet_rules.set_mark(led[nic["network"]]) + packet_rules.accept()
        for nic in forwarders
    ]
    by_range = [
        packet_rules.from_range(one["cidr"]) + packet_rules.set_mark(led[one["name"]])
        for one in networks
        if led[one["name"]]
    ]
    marks = PacketChain(
        name="marks", kind="filter", hook=Hook.PREROUTING, priority=_MANGLE, rules=(*by_link, *by_range)
    )
    packet_rules.replace_chains((marks,) if by_range else ())


def _cards(vm: records.LocalVm) -> list[records.NicRecord]:
    return [nic for nic in vm["nics"] if nic["network"] and ":" not in nic["ip"]]


def forwards(vm: records.LocalVm) -> bool:
    """Whether a machine takes traffic that is for others."""
    return vm["cloud_properties"].get("ip_forwarding") is True
