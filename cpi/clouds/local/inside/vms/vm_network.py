"""A VM's cards: pairs of virtual links between its own network namespace and the cloud's router.

Takes a VM's record. No two VMs share a link: the router sends each address out of the link of the VM that has it, and
drops what a VM sends from an address that does not lead back to it. So no VM takes another's address, whatever its
root does.
"""

import contextlib

from cpi.clouds.local.inside.networks import routing
from cpi.clouds.local.inside.records import records
from cpi.clouds.local.inside.system import netlink

_CONF = "/proc/sys/net/ipv4/conf/{link}/{name}"
# proxy_arp: the router answers for the other addresses of the network. rp_filter 1: a source address must lead back.
_PORT = {"proxy_arp": "1", "rp_filter": "1", "accept_redirects": "0", "send_redirects": "0", "arp_ignore": "0"}

# A machine that forwards sends from addresses of others: any that leads somewhere in the cloud.
_FORWARDING_PORT = {"rp_filter": "2"}
_FORWARDER = {"ip_forward": "1", "conf/all/rp_filter": "2", "conf/all/send_redirects": "0"}


def connect_card(vm: records.LocalVm, peer_ns: int) -> None:
    """Make the VM's links; call in the cloud's namespace, with the descriptor of the VM's."""
    with netlink.Netlink() as links:
        for number, nics in enumerate(_interfaces(vm)):
            link = nics[0]["link"]
            remove_link(links, link)
            index = links.add_veth(link, peer=f"eth{number}", peer_ns=peer_ns, mac=nics[0]["mac"])
            _guard(link, forwards=routing.forwards(vm))
            if any(map(is_ipv6, nics)):
                _guard_ipv6(links, link, nics)
            links.answer_at_once(index)
            for nic in nics:
                links.add_address(index, nic["gateway"], 128 if is_ipv6(nic) else 32)
                links.set_link_route(nic["ip"], index)


def configure(state: str, vm: records.LocalVm) -> None:
    """Give the VM's cards their addresses and way out; call in the VM's namespace, once it is plugged."""
    cards = _interfaces(vm)
    for name, value in _FORWARDER.items() if routing.forwards(vm) else ():
        with open(f"/proc/sys/net/ipv4/{name}", "w", encoding="utf-8") as file:
            file.write(value)
    with netlink.Netlink() as inside:
        inside.set_up(inside.index("lo"))
        for number, nics in enumerate(cards):
            index = inside.index(f"eth{number}")
            for nic in nics:
                inside.add_address(index, nic["ip"], 128 if is_ipv6(nic) else nic["prefix"])
            inside.set_up(index)
            for nic in filter(is_ipv6, nics):
                inside.set_link_route(nic["gateway"], index)
        nics = _private(vm)
        _set_way_out(inside, [nic for nic in nics if not is_ipv6(nic)])
        _set_way_out(inside, [nic for nic in nics if is_ipv6(nic)])
        public = _addresses_of(state, vm["cid"])
        for address in public:
            inside.add_address(inside.index("lo"), address, 32)
        if len(cards) > 1:
            _keep_to_links(inside, cards, public)


def is_ipv6(nic: records.NicRecord) -> bool:
    """By its address."""
    return ":" in nic["ip"]


def has_ipv6(vm: records.LocalVm) -> bool:
    """Whether one of its cards has an IPv6 address."""
    return any(map(is_ipv6, _private(vm)))


def route_addresses(state: str, vm: records.LocalVm) -> None:
    """Lead the VM's public addresses to its first card; call in the cloud's namespace."""
    first = [nic["ip"] for nic in _private(vm) if not is_ipv6(nic)][:1]
    with netlink.Netlink() as links:
        for address in _addresses_of(state, vm["cid"]):
            for own in first:
                links.set_host_route(address, own)


def remove_links(vm: records.LocalVm) -> None:
    """Remove the VM's links from the cloud; gone before is success."""
    with netlink.Netlink() as links:
        for nic in _private(vm):
            remove_link(links, nic["link"])


def remove_link(links: netlink.Netlink, name: str) -> None:
    """Remove one link; a dying namespace may take it first."""
    links.forget_sources(name)
    with contextlib.suppress(OSError):
        links.delete_link(name)


def _private(vm: records.LocalVm) -> list[records.NicRecord]:
    return [nic for nic in vm["nics"] if nic["network"]]


def _interfaces(vm: records.LocalVm) -> list[list[records.NicRecord]]:
    """Its cards, each with the networks that share it."""
    cards: dict[str, list[records.NicRecord]] = {}
    for nic in _private(vm):
        cards.setdefault(nic["link"], []).append(nic)
    return list(cards.values())


def _guard_ipv6(links: netlink.Netlink, link: str, nics: list[records.NicRecord]) -> None:
    """As rp_filter for IPv4: what the VM sends from another address goes nowhere."""
    for nic in filter(is_ipv6, nics):
        links.keep_source(link, nic["ip"])
    links.drop_other_sources(link)
    netlink.allow_ipv6(link)
    netlink.forward_ipv6()


def _guard(link: str, *, forwards: bool) -> None:
    for name, value in (_PORT | (_FORWARDING_PORT if forwards else {})).items():
        with open(_CONF.format(link=link, name=name), "w", encoding="utf-8") as file:
            file.write(value)


def _set_way_out(inside: netlink.Netlink, nics: list[records.NicRecord]) -> None:
    leading = [nic for nic in nics if "gateway" in nic["defaults"]] or nics
    for nic in leading[:1]:
        if nic["gateway"]:
            inside.set_default_route(nic["gateway"])


def _keep_to_links(inside: netlink.Netlink, cards: list[list[records.NicRecord]], public: list[str]) -> None:
    """Answer from each address over the link that leads to it: over another one the router would drop it."""
    for number, nics in enumerate(cards):
        index = inside.index(f"eth{number}")
        for nic in nics:
            with_public = not is_ipv6(nic) and nic is _first_of_ipv4(cards)
            addresses = [nic["ip"], *(public if with_public else ())]
            inside.route_by_source(addresses, index, nic["gateway"], table=number + 1)


def _first_of_ipv4(cards: list[list[records.NicRecord]]) -> records.NicRecord | None:
    return next((nic for nics in cards for nic in nics if not is_ipv6(nic)), None)


def _addresses_of(state: str, cid: str) -> list[str]:
    return [address["ip"] for address in records.list_addresses(state) if address["vm"] == cid]
