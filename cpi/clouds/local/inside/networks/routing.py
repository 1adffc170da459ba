"""What the cloud's router does with what machines send: tables of routes, marks that lead to them, and translation.

Takes a site; changes tables and rules inside the cloud's own network namespace alone.
"""

from collections.abc import Mapping, Sequence

from cpi.clouds.local.inside.networks import table_routes
from cpi.clouds.local.inside.records import gateway_records, records, route_records
from cpi.clouds.local.inside.records.route_records import RouteTableRecord
from cpi.clouds.local.inside.system import packet_rules
from cpi.clouds.local.inside.system.packet_rules import Hook, PacketChain
from cpi.clouds.local.inside.system.route_links import RouteLinks
from cpi.clouds.local.inside.system.site import Site

_MANGLE, _SOURCE_NAT = -150, 100
"""Before the way of a packet is looked up; after it."""


def build_routing(site: Site) -> None:
    """Let the router have every table and gateway as networks, machines and routes are now; twice does nothing more."""
    tables, gateways = route_records.list_tables(site.state), gateway_records.list_gateways(site.state)
    if not tables and not gateways:
        return
    networks = [one for one in records.list_networks(site.state) if ":" not in one["cidr"]]
    named = {table["name"]: table for table in tables}
    marks = _Marks(site, networks, {name: table["number"] for name, table in named.items()})
    ranges = [one["cidr"] for one in networks]
    with RouteLinks() as links:
        appliances = {nic["ip"]: nic["link"] for nic in marks.forwarders if links.has_link(nic["link"])}
        for table in tables:
            links.set_table(table["number"], table_routes.routes_of(table, ranges, appliances))
        links.set_rules(set(marks.of_network.values()) - {0})
    translated = _translations(networks, named, {one["name"]: one["ip"] for one in gateways})
    chains = [PacketChain(name="marks", kind="filter", hook=Hook.PREROUTING, priority=_MANGLE, rules=marks.rules())]
    for name, hook in (("leaving", Hook.POSTROUTING), ("reaching", Hook.INPUT)):
        chains.append(PacketChain(name=name, kind="nat", hook=hook, priority=_SOURCE_NAT, rules=translated))
    packet_rules.replace_chains(tuple(chain for chain in chains if chain.rules))


def forwards(vm: records.LocalVm) -> bool:
    """Whether a machine takes traffic that is for others."""
    return vm["cloud_properties"].get("ip_forwarding") is True


def is_led_apart(vm: records.LocalVm) -> bool:
    """Whether the router has to know of a machine beside its addresses in networks."""
    return forwards(vm) or any(not nic["network"] for nic in vm["nics"])


class _Marks:
    """Packets are marked by the address that they come from, where that says the network, or else by their link: rules
    that look at marks leave the check of where an address belongs (rp_filter) alone.
    """

    def __init__(self, site: Site, networks: Sequence[records.NetworkRecord], numbers: Mapping[str, int]) -> None:
        vms = records.list_whole_vms(site.state)
        self.of_network = {one["name"]: numbers.get(one.get("route_table", ""), 0) for one in networks}
        self.forwarders = [nic for vm in vms if forwards(vm) for nic in _cards(vm)]
        self._ranges = {one["cidr"]: self.of_network[one["name"]] for one in networks}
        for vm in vms:
            for nic in _cards(vm)[:1]:
                public = [f"{one['ip']}/32" for one in vm["nics"] if not one["network"]]
                self._ranges |= dict.fromkeys(public, self.of_network[nic["network"]])

    def rules(self) -> tuple[bytes, ...]:
        """None where no network has a table."""
        if not any(self.of_network.values()):
            return ()
        by_link = (
            packet_rules.from_link(nic["link"])
            + packet_rules.set_mark(self.of_network[nic["network"]])
            + packet_rules.accept()
            for nic in self.forwarders
        )
        by_range = (
            packet_rules.from_range(cidr) + packet_rules.set_mark(mark) for cidr, mark in self._ranges.items() if mark
        )
        return (*by_link, *by_range)


def _translations(
    networks: Sequence[records.NetworkRecord], tables: Mapping[str, RouteTableRecord], gateways: Mapping[str, str]
) -> tuple[bytes, ...]:
    """For each network with a gateway: what goes to the internet leaves from the gateway's address."""
    rules = []
    for one in networks:
        address = gateways.get(one.get("nat_gateway", ""))
        if address:
            table = tables.get(one.get("route_table", ""))
            for cidr, is_internet in table_routes.targets_of(table, [each["cidr"] for each in networks]):
                act = packet_rules.set_source(address) if is_internet else packet_rules.accept()
                rules.append(packet_rules.from_range(one["cidr"]) + packet_rules.to_range(cidr) + act)
    return tuple(rules)


def _cards(vm: records.LocalVm) -> list[records.NicRecord]:
    return [nic for nic in vm["nics"] if nic["network"] and ":" not in nic["ip"]]
