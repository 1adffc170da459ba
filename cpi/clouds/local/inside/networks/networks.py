"""Networks (a range with a gateway each) and public addresses of the cloud.

Takes and gives records; changes links only inside the cloud's own network namespace.
"""

import contextlib
import ipaddress
import os
from typing import Any, TypedDict

from cpi.clouds.local.inside.networks import routing
from cpi.clouds.local.inside.records import address_holders, balancer_records, records
from cpi.clouds.local.inside.system import names, netlink
from cpi.clouds.local.inside.system.site import Site
from cpi.contract.errors import ConflictError, NoCapacityError, NotFoundError

PUBLIC_RANGE = ipaddress.ip_network("203.0.113.0/24")


class NetworkOrder(TypedDict):
    name: str
    cidr: str
    route_table: str
    nat_gateway: str
    owner: records.OwnerRecord
    tags: dict[str, str]


class AddressOrder(TypedDict):
    name: str
    owner: records.OwnerRecord
    tags: dict[str, str]


def create_network(site: Site, order: NetworkOrder) -> records.NetworkRecord:
    """Make a network; one of this name there before has these ways out afterwards, whatever made it."""
    found = records.load_whole(records.network_path(site.state, order["name"]), records.NetworkRecord)
    if found is None:
        cidr = ipaddress.ip_network(order["cidr"])
        _refuse_overlap(site, order["name"], cidr)
        gateway = str(cidr[1])
        found = {
            "name": order["name"],
            "cidr": str(cidr),
            "gateway": gateway,
            "gateways": [],
            "owner": order["owner"],
            "tags": order["tags"],
        }
    found["route_table"], found["nat_gateway"] = order["route_table"], order["nat_gateway"]
    records.save_network(site.state, found)
    build_network(found)
    routing.build_routing(site)
    return found


def build_network(network: records.NetworkRecord) -> None:
    """Let the router have the network's gateways; having them before is success."""
    is_ipv6 = ":" in network["cidr"]
    with netlink.Netlink() as links:
        loopback = links.index("lo")
        for gateway in (network["gateway"], *network["gateways"]):
            links.add_address(loopback, gateway, 128 if is_ipv6 else 32)
        if not is_ipv6 and links.has_link(names.bridge_of(network["name"])):
            _reach_bridge(names.bridge_of(network["name"]))


def ensure_gateway(site: Site, network: records.NetworkRecord, gateway: str) -> None:
    """Let the router answer at `gateway` too: a subnet inside the network may name its own."""
    if not gateway or gateway == network["gateway"] or gateway in network["gateways"]:
        return
    if ipaddress.ip_address(gateway) not in ipaddress.ip_network(network["cidr"]):
        raise ConflictError(
            "gateway-outside-network",
            f"Gateway {gateway} is not in network '{network['name']}'.",
            why=f"The network is {network['cidr']}.",
            fix="Correct the subnet's gateway in the cloud config.",
        )
    network["gateways"].append(gateway)
    records.save_network(site.state, network)
    build_network(network)


def delete_network(site: Site, arguments: dict[str, Any]) -> None:
    """Remove a network without VMs; absent is success."""
    name = arguments["name"]
    network = records.load_network(site.state, name)
    if network is None:
        return
    for vm in records.list_vms(site.state):
        if any(nic["network"] == name for nic in vm["nics"]):
            raise ConflictError(
                "network-in-use",
                f"Network '{name}' is in use.",
                why=f"VM {vm['cid']} ({vm['name']}) is on it.",
                fix="Delete the VM first.",
            )
    for balancer in balancer_records.list_balancers(site.state):
        if balancer.get("network") == name:
            raise ConflictError(
                "network-in-use",
                f"Network '{name}' is in use.",
                why=f"Load balancer '{balancer['name']}' has {balancer['ip']} in it.",
                fix="Delete the load balancer first.",
            )
    with netlink.Netlink() as links, contextlib.suppress(OSError):
        links.delete_link(names.bridge_of(name))
    os.unlink(records.network_path(site.state, name))
    routing.build_routing(site)


def create_address(site: Site, order: AddressOrder) -> records.AddressRecord:
    """Reserve the first free public address; one of this name there before is success."""
    path = records.address_path(site.state, order["name"])
    found = records.load_whole(path, records.AddressRecord)
    if found is not None:
        return found
    taken = {address["ip"] for address in records.list_addresses(site.state)}
    used = {
        nic["ip"]: vm["cid"] for vm in records.list_whole_vms(site.state) for nic in vm["nics"] if not nic["network"]
    }
    nameless = [ip for ip in used if ip not in taken]
    if os.path.exists(path) and len(nameless) == 1:  # its record was damaged, and a VM has the address still
        return _save_address(site, order, ip=nameless[0], vm=used[nameless[0]])
    free = next((str(ip) for ip in PUBLIC_RANGE.hosts() if str(ip) not in taken and str(ip) not in used), None)
    if free is None:
        raise NoCapacityError(
            "no-public-address-left",
            "The local cloud has no public address left.",
            why=f"All {len(taken)} of {PUBLIC_RANGE} are reserved.",
            fix="Delete a landing resource of kind public_address.",
        )
    return _save_address(site, order, ip=free, vm="")


def delete_address(site: Site, arguments: dict[str, Any]) -> None:
    """Give a public address back; absent is success."""
    name = arguments["name"]
    address = records.load_address(site.state, name)
    if address is None:
        return
    holder = address_holders.holder_of(site.state, address)
    if holder:
        raise ConflictError(
            "address-in-use",
            f"Public address {address['ip']} ('{name}') is in use.",
            why=f"{holder} has it.",
            fix="Delete that first.",
        )
    os.unlink(records.address_path(site.state, name))


def find_network(site: Site, name: str) -> records.NetworkRecord:
    """The network a VM's network settings mean. Raises NotFoundError, code unknown-network."""
    network = records.load_network(site.state, name)
    if network is None:
        known = ", ".join(f"'{found['name']}'" for found in records.list_networks(site.state)) or "none"
        raise NotFoundError(
            "unknown-network",
            f"The local cloud has no network '{name}'.",
            why=f"It has {known}.",
            fix="Name one of these in the subnet's cloud_properties (network: NAME), or add it to the landing zone.",
        )
    return network


def find_address(site: Site, ip: str) -> records.AddressRecord:
    """The public address a vip network means. Raises NotFoundError, code unknown-public-address."""
    for address in records.list_addresses(site.state):
        if address["ip"] == ip:
            return address
    raise NotFoundError(
        "unknown-public-address",
        f"The local cloud has no public address {ip}.",
        why=f"It has {', '.join(found['ip'] for found in records.list_addresses(site.state)) or 'none'}.",
        fix="Use an address of the landing zone, e.g. ((jumpbox_public_ip)).",
    )


def _save_address(site: Site, order: AddressOrder, *, ip: str, vm: str) -> records.AddressRecord:
    record: records.AddressRecord = {
        "name": order["name"],
        "ip": ip,
        "vm": vm,
        "owner": order["owner"],
        "tags": order["tags"],
    }
    records.save_address(site.state, record)
    return record


def _reach_bridge(bridge: str) -> None:
    """VMs of a cloud that an earlier version built share a bridge; the router leads from it to those that do not."""
    with open(f"/proc/sys/net/ipv4/conf/{bridge}/proxy_arp", "w", encoding="utf-8") as file:
        file.write("1")


def _refuse_overlap(site: Site, name: str, cidr: ipaddress.IPv4Network | ipaddress.IPv6Network) -> None:
    for other in records.list_networks(site.state):
        if cidr.overlaps(ipaddress.ip_network(other["cidr"])):
            raise ConflictError(
                "ranges-overlap",
                f"Network '{name}' ({cidr}) overlaps another.",
                why=f"Network '{other['name']}' is {other['cidr']}.",
                fix="Give it a range of its own.",
            )
