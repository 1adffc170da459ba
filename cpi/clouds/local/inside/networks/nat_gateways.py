"""NAT gateways of the cloud: what machines of a network send to public addresses leaves from the gateway's.

Takes and gives records; runs in the cloud's namespaces. The router itself has the address, so that answers reach it.
"""

import contextlib
import os
from typing import Any

from cpi.clouds.local.inside.networks import routing
from cpi.clouds.local.inside.records import address_holders, gateway_records, records
from cpi.clouds.local.inside.records.gateway_records import GatewayRecord
from cpi.clouds.local.inside.records.orders import GatewayOrder
from cpi.clouds.local.inside.system import netlink
from cpi.clouds.local.inside.system.site import Site
from cpi.contract.errors import ConflictError, NotFoundError


def create_gateway(site: Site, order: GatewayOrder) -> GatewayRecord:
    """Make a gateway; one of this name there before has this address afterwards."""
    found = records.load_whole(gateway_records.gateway_path(site.state, order["name"]), GatewayRecord)
    address = records.load_address(site.state, order["address"])
    if address is None:
        raise NotFoundError(
            "unknown-public-address",
            f"The local cloud has no public address '{order['address']}'.",
            why=f"NAT gateway '{order['name']}' translates to it.",
            fix="Run `compleat up` again: it creates what is missing.",
        )
    address_holders.require_free(site.state, address, for_=address_holders.gateway_title(order["name"]))
    gateway: GatewayRecord = {
        "name": order["name"],
        "address": order["address"],
        "ip": address["ip"],
        "idle_minutes": order["idle_minutes"],
        "owner": found["owner"] if found else order["owner"],
        "tags": order["tags"],
    }
    if found is not None and found["ip"] != gateway["ip"]:
        _let_go(found["ip"])  # before the record: nothing else would know of it
    gateway_records.save_gateway(site.state, gateway)
    build_gateway(gateway)
    routing.build_routing(site)
    return gateway


def build_gateway(gateway: GatewayRecord) -> None:
    """Let the router have the gateway's address; twice is success."""
    with netlink.Netlink() as links:
        links.add_address(links.index("lo"), gateway["ip"], 32)


def delete_gateway(site: Site, arguments: dict[str, Any]) -> None:
    """Remove a gateway that no network has; absent is success."""
    name = arguments["name"]
    for network in records.list_networks(site.state):
        if network.get("nat_gateway") == name:
            raise ConflictError(
                "nat-gateway-in-use",
                f"NAT gateway '{name}' is in use.",
                why=f"Network '{network['name']}' has it.",
                fix="Delete the network first, or let it have no NAT gateway.",
            )
    path = gateway_records.gateway_path(site.state, name)
    gateway = records.load_whole(path, GatewayRecord)
    if gateway is not None:
        _let_go(gateway["ip"])  # before the record: nothing else would know of it
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def _let_go(ip: str) -> None:
    """The router has the address no more; not having it is success."""
    with netlink.Netlink() as links, contextlib.suppress(OSError):
        links.delete_address(links.index("lo"), ip, 32)
