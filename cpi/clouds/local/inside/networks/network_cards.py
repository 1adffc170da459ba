"""The network cards of a new VM: each network setting checked against the networks and addresses there are.

Takes a site and what was asked, gives cards with every address filled in. Takes nothing yet: the caller saves.
"""

import ipaddress

from cpi.clouds.local.inside.networks import networks, private_addresses
from cpi.clouds.local.inside.records import address_holders, records
from cpi.clouds.local.inside.records.orders import CardOrder
from cpi.clouds.local.inside.system import names
from cpi.clouds.local.inside.system.site import Site
from cpi.contract.errors import ConflictError


def make_cards(site: Site, cid: str, orders: list[CardOrder]) -> list[records.NicRecord]:
    """The cards of VM `cid`, in the order asked. Raises NotFoundError and ConflictError; changes nothing."""
    cards: list[records.NicRecord] = []
    for number, order in enumerate(orders):
        cards.append(_vip(site, cid, order) if order["kind"] == "vip" else _card(site, cid, order, number=len(cards)))
        _refuse_twice(cards, number)
        _share_link(cards, order.get("nic_group", ""))
    return cards


def _share_link(cards: list[records.NicRecord], group: str) -> None:
    """Networks of one group have the link of its first."""
    if group:
        cards[-1]["nic_group"] = group
        first = next(card for card in cards if card.get("nic_group") == group)
        cards[-1] |= {"link": first["link"], "mac": first["mac"]}


def _card(site: Site, cid: str, order: CardOrder, *, number: int) -> records.NicRecord:
    network = networks.find_network(site, order["network"])
    ip = private_addresses.free_in(site, network, order["ip"], of_vm=cid)
    cidr = ipaddress.ip_network(network["cidr"])
    is_whole = order["kind"] == "dynamic" or order["prefix"] == 32
    return {
        "name": order["name"],
        "kind": order["kind"],
        "network": network["name"],
        "ip": ip,
        "prefix": cidr.prefixlen if is_whole else order["prefix"],
        "gateway": order["gateway"] or network["gateway"],
        "dns": order["dns"],
        "defaults": order["defaults"],
        "cloud_properties": order["cloud_properties"],
        "link": names.link_of(cid, number),
        # By address, so that a VM that takes over an address is not sought under its predecessor's MAC.
        "mac": names.mac_of(network["name"], ip),
    }


def _vip(site: Site, cid: str, order: CardOrder) -> records.NicRecord:
    address = networks.find_address(site, order["ip"])
    address_holders.require_free(site.state, address, for_=address_holders.vm_title(cid))
    return {
        "name": order["name"],
        "kind": "vip",
        "network": "",
        "ip": address["ip"],
        "prefix": 32,
        "gateway": "",
        "dns": order["dns"],
        "defaults": order["defaults"],
        "cloud_properties": order["cloud_properties"],
        "link": "",
        "mac": "",
    }


def _refuse_twice(cards: list[records.NicRecord], number: int) -> None:
    ip = cards[number]["ip"]
    if any(card["ip"] == ip for card in cards[:number]):
        raise ConflictError("address-taken", f"A VM requests address {ip} twice.")
