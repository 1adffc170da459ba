"""Rules across documents: AZs that networks must have, static addresses, and whether there are enough addresses.

Takes resolved groups and networks, tells problems. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/deployment_plan/instance_group_availability_zone_parser.rb, ip_provider/.
"""

import ipaddress
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from cpi.contract.value_classes import dataclass
from cpi.contract.values import NetworkKind
from director.model.environments.desired import Compilation, Group, GroupNetwork, Network, Subnet
from director.resolve.findings import Findings
from director.resolve.networks import managed, ranges
from director.resolve.request import ResolveRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressNeed:
    """Addresses wanted on a network in an AZ ("" where there are none)."""

    network: str
    az: str | None
    count: int
    whose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentChecks:
    """What is checked together."""

    request: ResolveRequest
    networks: tuple[Network, ...]
    groups: tuple[Group, ...]
    compilation: Compilation
    found: Findings

    def check(self, *, compiling: int) -> None:
        """Report: network-without-az, az-missing, az-not-wanted, static-ip-*, too-few-addresses, unknown-network.

        `compiling` is how many compile VMs may be needed at once.
        """
        self._check_compilation()
        used = frozenset({self.compilation.network, *(use.name for group in self.groups for use in group.networks)})
        managed.check_managed(self.request, self.networks, used=used, found=self.found)
        for group in self.groups:
            for use in group.networks:
                network = self._network(use.name)
                if network and network.kind is not NetworkKind.VIP:
                    self._check_azs(f"Instance group '{group.name}'", group.azs, network=network, where=use.where)
        self._check_static()
        self._check_capacity(compiling)

    def _network(self, name: str) -> Network | None:
        return next((network for network in self.networks if network.name == name), None)

    def _check_compilation(self) -> None:
        config, compilation = self.request.cloud_config, self.compilation
        network = self._network(compilation.network)
        azs = (compilation.az,) if compilation.az else ()
        known = [az.name for az in config.document.azs]
        where = config.where("compilation", "az")
        if compilation.az and compilation.az not in known:
            self.found.report_unknown("AZ", compilation.az, whose="Compilation", known=known, where=where)
        if network is None:
            known = [each.name for each in self.networks]
            where = config.where("compilation", "network")
            self.found.report_unknown("network", compilation.network, whose="Compilation", known=known, where=where)
            return
        self._check_azs("Compilation", azs, network=network, where=where)

    def _check_azs(self, whose: str, azs: tuple[str, ...], *, network: Network, where: str) -> None:
        offered = sorted({az for subnet in network.subnets for az in subnet.azs})
        # An unknown AZ has an error of its own.
        known = {az.name for az in self.request.cloud_config.document.azs}
        missing = [az for az in azs if az in known and az not in offered]
        if offered and not azs:
            self.found.report(
                "az-missing",
                f"{whose} names no AZ, but its network '{network.name}' has AZs.",
                why=f"The network's subnets are in {', '.join(offered)}.",
                fix=f"Add `azs: [{offered[0]}]` (in compilation: `az: {offered[0]}`).",
                where=where,
            )
        elif azs and not offered and network.subnets:
            self.found.report(
                "az-not-wanted",
                f"{whose} names AZs, but its network '{network.name}' has none.",
                why="No subnet of that network names an AZ.",
                fix="Give the subnets `azs`, or remove those of the group.",
                where=where,
            )
        elif offered and missing:
            self.found.report(
                "network-without-az",
                f"{whose} is in AZ {', '.join(map(repr, missing))}, where network '{network.name}' has no subnet.",
                why=f"Its subnets are in {', '.join(offered)}.",
                fix="Add a subnet there, or remove that AZ.",
                where=where,
            )

    def _check_static(self) -> None:
        first: dict[str, Group] = {}
        for group, use, number in _listed(self.groups):
            address, where = use.static_ips[number], self._where(group, use, number)
            self._check_taken(address, group, first=first, where=where)
            network = self._network(use.name)
            if network and network.kind is NetworkKind.DYNAMIC:
                self._report_dynamic(address, group, network=network, where=where)
            if network and network.kind is NetworkKind.MANUAL:
                self._check_address(address, group, network=network, where=where)

    def _where(self, group: Group, use: GroupNetwork, number: int) -> str:
        """The address itself, unless it is a range of several."""
        index = self.groups.index(group)
        at = group.networks.index(use)
        written = self.request.manifest.document.instance_groups[index].networks[at].static_ips
        item = (number,) if len(written) == len(use.static_ips) else ()
        return self.request.manifest.where("instance_groups", index, "networks", at, "static_ips", *item)

    def _check_taken(self, address: str, group: Group, *, first: dict[str, Group], where: str) -> None:
        taken = self.request.taken.get(address, "")
        holder = f"Instance {taken}" if taken else ""
        if address in first:
            holder = "The group itself" if first[address] is group else f"Instance group '{first[address].name}'"
        first.setdefault(address, group)
        if holder:
            self.found.report(
                "static-ip-taken",
                f"Static address {address} of instance group '{group.name}' is taken.",
                why=f"{holder} already has it.",
                fix="Choose another one.",
                where=where,
            )

    def _report_dynamic(self, address: str, group: Group, *, network: Network, where: str) -> None:
        self.found.report(
            "static-ip-dynamic",
            f"Instance group '{group.name}' names address {address} on the dynamic network '{network.name}'.",
            why="The cloud chooses the addresses of a dynamic network.",
            fix="Remove `static_ips`, or use a manual network.",
            where=where,
        )

    def _check_address(self, address: str, group: Group, *, network: Network, where: str) -> None:
        at = ranges.interval_at(address)
        subnet = next((each for each in network.subnets if _whole(each).holds(at)), None)
        if subnet is None:
            cidrs = ", ".join(each.cidr for each in network.subnets)
            code, why = "static-ip-outside", f"Network '{network.name}' has {cidrs or 'no addresses'}."
        elif any(interval.holds(at) for interval in _never(subnet)):
            code, why = "static-ip-reserved", "It is reserved, the gateway's, or the first or last of its subnet."
        elif not any(ranges.from_range(piece).holds(at) for piece in subnet.static):
            allowed = ", ".join(f"{piece.first} - {piece.last}" for piece in subnet.static)
            code, why = "static-ip-not-static", f"The static addresses in {subnet.cidr} are {allowed or 'none'}."
        elif (at.first - _whole(subnet).first) % _step(subnet):
            code, why = "static-ip-not-aligned", f"It begins no block of {subnet.block_bits} bits (`prefix`)."
        elif subnet.azs and group.azs and not set(subnet.azs).intersection(group.azs):
            code, why = "static-ip-az", f"It is in {', '.join(subnet.azs)}; the group is in {', '.join(group.azs)}."
        else:
            return
        self.found.report(
            code,
            f"Static address {address} of instance group '{group.name}' cannot be used.",
            why=why,
            fix=f"Choose a static address of network '{network.name}' in the group's AZs.",
            where=where,
        )

    def _check_capacity(self, compiling: int) -> None:
        needs = [need for group in self.groups for need in self._needs(group)]
        if compiling:
            needs.append(
                AddressNeed(
                    network=self.compilation.network,
                    az=self.compilation.az,
                    count=compiling,
                    whose="compile VMs",
                )
            )
        for network in self.networks:
            own = [need for need in needs if need.network == network.name and need.count]
            if network.kind is not NetworkKind.DYNAMIC and network.subnets and own:
                self._check_network_capacity(network, own)

    def _needs(self, group: Group) -> Iterator[AddressNeed]:
        """What the group wants, spread evenly over its AZs as placement does."""
        spread: Mapping[str | None, int] = Counter(
            sorted(group.azs)[number % len(group.azs)] for number in range(group.instances) if group.azs
        )
        for use in group.networks:
            if not use.static_ips:
                for az, count in (spread or {None: group.instances}).items():
                    yield AddressNeed(network=use.name, az=az, count=count, whose=f"'{group.name}'")

    def _check_network_capacity(self, network: Network, needs: list[AddressNeed]) -> None:
        """First each AZ by itself, then all together where subnets serve several."""
        is_reported = False
        for az in sorted({need.az for need in needs}, key=lambda az: az or ""):
            subnets = [subnet for subnet in network.subnets if not subnet.azs or az in subnet.azs]
            own = [need for need in needs if need.az == az]
            is_reported |= self._report_capacity(network, own, subnets=subnets, place=f" in AZ '{az}'" if az else "")
        if not is_reported:
            self._report_capacity(network, needs, subnets=network.subnets, place="")

    def _report_capacity(
        self, network: Network, needs: list[AddressNeed], *, subnets: Sequence[Subnet], place: str
    ) -> bool:
        needed = sum(need.count for need in needs)
        available = sum(self._free(subnet) for subnet in subnets)
        # An AZ without any subnet has an error of its own.
        if needed <= available or not subnets:
            return False
        wanted = Counter[str]()
        for need in needs:
            wanted[need.whose] += need.count
        self.found.report(
            "too-few-addresses",
            f"Network '{network.name}' has too few addresses{place}: {needed} are needed, {available} are free.",
            why=f"Needed by {', '.join(f'{whose}: {count}' for whose, count in wanted.items())}; reserved and static "
            "addresses, and those of other deployments, are not available.",
            fix="Add a subnet, widen the range, shorten `reserved` or `static`, or reduce the number of instances.",
            where=network.where,
        )
        return True

    def _free(self, subnet: Subnet) -> int:
        if not subnet.cidr:
            pools = [ranges.from_range(piece) for piece in subnet.static]
            taken = [ranges.interval_at(address) for address in self.request.taken]
            return sum(ranges.size_without(pool, [one for one in taken if pool.holds(one)]) for pool in pools)
        whole = _whole(subnet)
        taken = [interval for interval in map(ranges.interval_at, self.request.taken) if whole.holds(interval)]
        static = [ranges.from_range(piece) for piece in subnet.static]
        return ranges.size_without(whole, [*_never(subnet), *static, *taken]) // _step(subnet)


def _listed(groups: tuple[Group, ...]) -> Iterator[tuple[Group, GroupNetwork, int]]:
    """Every static address, as its group, its network there and its place in the list."""
    for group in groups:
        for use in group.networks:
            yield from ((group, use, number) for number in range(len(use.static_ips)))


def _whole(subnet: Subnet) -> ranges.AddressInterval:
    return ranges.interval_of(ipaddress.ip_network(subnet.cidr))


def _step(subnet: Subnet) -> int:
    """How many addresses each instance gets."""
    whole = ipaddress.ip_network(subnet.cidr).max_prefixlen
    return 1 << (whole - (subnet.block_bits or whole))


def _never(subnet: Subnet) -> list[ranges.AddressInterval]:
    """The addresses that no instance gets: reserved ones, the gateway, the first and the last."""
    whole = _whole(subnet)
    edges = [
        ranges.AddressInterval(first=number, last=number, version=whole.version) for number in (whole.first, whole.last)
    ]
    gateway = [ranges.interval_at(subnet.gateway)] if subnet.gateway else []
    return [*edges, *gateway, *(ranges.from_range(piece) for piece in subnet.reserved)]
