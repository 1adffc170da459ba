"""A VM's cards: pairs of virtual links between its own network namespace and the cloud's bridges.

Takes a VM's record, its networks' records and a netlink socket that stayed in the cloud's namespace.
"""

import contextlib
import os

from cpi.local.inside import netlink, records


def connect(state: str, vm: records.VmRecord, outside: netlink.Netlink) -> None:
    """Give the calling process's new network namespace the VM's cards, addresses and way out."""
    netlink.keep_links_quiet()
    nics = [nic for nic in vm["nics"] if nic["network"]]
    own = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    for number, nic in enumerate(nics):
        network = records.load_network(state, nic["network"])
        if network is None:
            raise FileNotFoundError(f"network {nic['network']} is gone")
        remove_link(outside, nic["link"])
        bridge = outside.index(network["bridge"])
        outside.add_veth(nic["link"], bridge, peer=f"eth{number}", peer_ns=own, mac=nic["mac"])
    os.close(own)
    with netlink.Netlink() as inside:
        inside.set_up(inside.index("lo"))
        for number, nic in enumerate(nics):
            index = inside.index(f"eth{number}")
            inside.add_address(index, nic["ip"], nic["prefix"])
            inside.set_up(index)
        _set_way_out(inside, nics)
        for address in _addresses_of(state, vm["cid"]):
            inside.add_address(inside.index("lo"), address, 32)


def route_addresses(state: str, vm: records.VmRecord, links: netlink.Netlink) -> None:
    """Lead the VM's public addresses to its first card; call in the cloud's namespace."""
    nics = [nic for nic in vm["nics"] if nic["network"]]
    for address in _addresses_of(state, vm["cid"]):
        links.set_host_route(address, nics[0]["ip"])


def remove_links(vm: records.VmRecord) -> None:
    """Remove the VM's ports from the cloud's bridges; gone before is success."""
    with netlink.Netlink() as links:
        for nic in vm["nics"]:
            if nic["link"]:
                remove_link(links, nic["link"])


def remove_link(links: netlink.Netlink, name: str) -> None:
    """Remove one link; a dying namespace may take it first."""
    with contextlib.suppress(OSError):
        links.delete_link(name)


def _set_way_out(inside: netlink.Netlink, nics: list[records.NicRecord]) -> None:
    leading = [nic for nic in nics if "gateway" in nic["defaults"]] or nics
    for nic in leading[:1]:
        if nic["gateway"]:
            inside.set_default_route(nic["gateway"])


def _addresses_of(state: str, cid: str) -> list[str]:
    return [address["ip"] for address in records.list_addresses(state) if address["vm"] == cid]
