"""A VM's cards: pairs of virtual links between its own network namespace and the cloud's router.

Takes a VM's record. No two VMs share a link: the router sends each address out of the link of the VM that has it, and
drops what a VM sends from an address that does not lead back to it. So no VM takes another's address, whatever its
root does.
"""

import contextlib

from cpi.clouds.local.inside.records import records
from cpi.clouds.local.inside.system import netlink

_CONF = "/proc/sys/net/ipv4/conf/{link}/{name}"
# proxy_arp: the router answers for the other addresses of the network. rp_filter 1: a source address must lead back.
_PORT = {"proxy_arp": "1", "rp_filter": "1", "accept_redirects": "0", "send_redirects": "0", "arp_ignore": "0"}


def connect_card(vm: records.LocalVm, peer_ns: int) -> None:
    """Make the VM's links; call in the cloud's namespace, with the descriptor of the VM's."""
    with netlink.Netlink() as links:
        for number, nic in enumerate(_private(vm)):
            remove_link(links, nic["link"])
            index = links.add_veth(nic["link"], peer=f"eth{number}", peer_ns=peer_ns, mac=nic["mac"])
            _guard(nic["link"])
            links.answer_at_once(index)
            links.add_address(index, nic["gateway"], 32)
            links.set_link_route(nic["ip"], index)


def configure(state: str, vm: records.LocalVm) -> None:
    """Give the VM's cards their addresses and way out; call in the VM's namespace, once it is plugged."""
    nics = _private(vm)
    with netlink.Netlink() as inside:
        inside.set_up(inside.index("lo"))
        for number, nic in enumerate(nics):
            index = inside.index(f"eth{number}")
            inside.add_address(index, nic["ip"], nic["prefix"])
            inside.set_up(index)
        _set_way_out(inside, nics)
        public = _addresses_of(state, vm["cid"])
        for address in public:
            inside.add_address(inside.index("lo"), address, 32)
        if len(nics) > 1:
            _keep_to_links(inside, nics, public)


def route_addresses(state: str, vm: records.LocalVm) -> None:
    """Lead the VM's public addresses to its first card; call in the cloud's namespace."""
    nics = _private(vm)
    with netlink.Netlink() as links:
        for address in _addresses_of(state, vm["cid"]):
            links.set_host_route(address, nics[0]["ip"])


def remove_links(vm: records.LocalVm) -> None:
    """Remove the VM's links from the cloud; gone before is success."""
    with netlink.Netlink() as links:
        for nic in _private(vm):
            remove_link(links, nic["link"])


def remove_link(links: netlink.Netlink, name: str) -> None:
    """Remove one link; a dying namespace may take it first."""
    with contextlib.suppress(OSError):
        links.delete_link(name)


def _private(vm: records.LocalVm) -> list[records.NicRecord]:
    return [nic for nic in vm["nics"] if nic["network"]]


def _guard(link: str) -> None:
    for name, value in _PORT.items():
        with open(_CONF.format(link=link, name=name), "w", encoding="utf-8") as file:
            file.write(value)


def _set_way_out(inside: netlink.Netlink, nics: list[records.NicRecord]) -> None:
    leading = [nic for nic in nics if "gateway" in nic["defaults"]] or nics
    for nic in leading[:1]:
        if nic["gateway"]:
            inside.set_default_route(nic["gateway"])


def _keep_to_links(inside: netlink.Netlink, nics: list[records.NicRecord], public: list[str]) -> None:
    """Answer from each address over the link that leads to it: over another one the router would drop it."""
    for number, nic in enumerate(nics):
        addresses = [nic["ip"], *(public if number == 0 else ())]
        inside.route_by_source(addresses, inside.index(f"eth{number}"), nic["gateway"], table=number + 1)


def _addresses_of(state: str, cid: str) -> list[str]:
    return [address["ip"] for address in records.list_addresses(state) if address["vm"] == cid]
