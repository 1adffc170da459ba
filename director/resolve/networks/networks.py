"""AZs, networks and subnets of the cloud config, looked up and checked.

Takes a request, gives Az and Network values. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/deployment_plan/manual_network.rb, manual_network_subnet.rb.
"""

import ipaddress
from collections.abc import Mapping

from cpi.contract.landing_parts import NetworkParts
from cpi.contract.values import JsonValue, NetworkKind
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments import managed_networks
from director.model.environments.desired import Az, IpRange, Network, Subnet
from director.model.written.cloud_config import WrittenNetwork, WrittenSubnet
from director.resolve import plain
from director.resolve.findings import Findings
from director.resolve.networks import managed, ranges
from director.resolve.request import ResolveRequest


def resolve_azs(request: ResolveRequest, found: Findings) -> tuple[Az, ...]:
    """The cloud config's AZs in its order. Reports: unknown-named-cloud, az-without-cpi, secret-not-here.

    Remark: az-without-cloud, for an AZ that nothing of the deployment is in.
    """
    config = request.cloud_config
    placed = [az for group in request.manifest.document.instance_groups for az in group.azs or ()]
    used = {*placed, config.document.compilation.az}
    azs = []
    for index, az in enumerate(config.document.azs):
        _check_cloud(request, index, found=found, is_used=az.name in used)
        properties = plain.plain_map(az.cloud_properties, config.where("azs", index, "cloud_properties"), found)
        azs.append(Az(name=az.name, cloud=az.cpi or ONLY_CLOUD, cloud_properties=properties))
    return tuple(azs)


def _check_cloud(request: ResolveRequest, index: int, *, found: Findings, is_used: bool) -> None:
    config = request.cloud_config
    az = config.document.azs[index]
    where = config.where("azs", index, *(() if az.cpi is None else ("cpi",)))
    if (az.cpi or ONLY_CLOUD) in request.clouds:
        return
    if not is_used:
        wanted = f"names cloud '{az.cpi}', which the environment does not have" if az.cpi else "names no cloud"
        found.remark("az-without-cloud", f"AZ '{az.name}' {wanted}; nothing is in that AZ.", where=where)
    elif az.cpi is not None:
        known = [cloud for cloud in request.clouds if cloud != ONLY_CLOUD]
        found.report_unknown("named cloud", az.cpi, whose=f"AZ '{az.name}'", known=known, where=where)
    else:
        found.report(
            "az-without-cpi",
            f"AZ '{az.name}' names no cloud.",
            why=f"The environment has several: {', '.join(request.clouds)}.",
            fix="Add `cpi` with one of these names.",
            where=where,
        )


def resolve_networks(request: ResolveRequest, found: Findings) -> tuple[Network, ...]:
    """The cloud config's networks in its order; a subnet that cannot be read is left out."""
    return tuple(_network(request, index, found=found) for index in range(len(request.cloud_config.document.networks)))


def _network(request: ResolveRequest, index: int, *, found: Findings) -> Network:
    config = request.cloud_config
    written = config.document.networks[index]
    where = config.where("networks", index)
    properties = plain.plain_map(written.cloud_properties, config.where("networks", index, "cloud_properties"), found)
    _check_kind(written, where, found)
    subnets: tuple[Subnet, ...] = ()
    readers = [_SubnetReader(request, (index, number), found=found) for number in range(len(written.subnets))]
    if written.type == "manual":
        subnets = tuple(subnet for subnet in (reader.subnet() for reader in readers) if subnet)
        _check_subnets(written, subnets, where=where, found=found)
    elif written.type == "vip":
        subnets = tuple(reader.vip_subnet() for reader in readers)
        _check_azs(written, subnets, where=where, found=found)
    else:
        _check_dynamic(written, where, found)
        subnets = tuple(reader.dynamic_subnet() for reader in readers) or (_whole_network(written),)
        _check_azs(written, subnets, where=where, found=found)
    return Network(
        name=written.name, kind=NetworkKind(written.type), subnets=subnets, cloud_properties=properties, where=where
    )


def _whole_network(written: WrittenNetwork) -> Subnet:
    """A dynamic network without subnets, in any AZ."""
    return Subnet(cidr="", gateway="", dns=written.dns or ())


def _check_dynamic(written: WrittenNetwork, where: str, found: Findings) -> None:
    own = [key for key in ("dns", "cloud_properties") if getattr(written, key)]
    if own and written.subnets:
        found.report(
            "dynamic-network-mixed",
            f"Dynamic network '{written.name}' has `subnets` beside {' and '.join(f'`{key}`' for key in own)}.",
            why="A dynamic network has them either itself or in its subnets.",
            fix="Move them into each of the subnets.",
            where=where,
        )


def _check_kind(written: WrittenNetwork, where: str, found: Findings) -> None:
    if written.type == "manual" and not written.subnets:
        found.report(
            "network-without-subnet",
            f"Network '{written.name}' has no subnets, so it has no addresses.",
            why="A manual network assigns the addresses of its subnets.",
            fix="Add `subnets` with `range` and `gateway`.",
            where=where,
        )


def _check_azs(written: WrittenNetwork, subnets: tuple[Subnet, ...], *, where: str, found: Findings) -> None:
    if len({bool(subnet.azs) for subnet in subnets}) > 1:
        found.report(
            "subnet-azs-mixed",
            f"Some subnets of network '{written.name}' name AZs and some do not.",
            why="With both kinds, the AZ of an address is ambiguous.",
            fix="Give `azs` to all of its subnets, or to none.",
            where=where,
        )


def _check_subnets(written: WrittenNetwork, subnets: tuple[Subnet, ...], *, where: str, found: Findings) -> None:
    _check_azs(written, subnets, where=where, found=found)
    if len({subnet.block_bits for subnet in subnets}) > 1:
        found.report(
            "prefix-sizes-differ",
            f"Subnets of network '{written.name}' have different `prefix`es.",
            why="An instance gets a block of the same size whichever subnet it is in.",
            fix="Set the same `prefix` on all of its subnets.",
            where=where,
        )
    intervals = [ranges.interval_of(ipaddress.ip_network(subnet.cidr)) for subnet in subnets]
    for number, (subnet, interval) in enumerate(zip(subnets, intervals, strict=True)):
        for other, earlier in zip(subnets[:number], intervals[:number], strict=True):
            if interval.touches(earlier):
                found.report(
                    "subnets-overlap",
                    f"Subnets {other.cidr} and {subnet.cidr} of network '{written.name}' overlap.",
                    why="An address could be assigned twice.",
                    fix="Correct one of the ranges.",
                    where=where,
                )


class _SubnetReader:
    """Reads one subnet."""

    def __init__(self, request: ResolveRequest, place: tuple[int, int], *, found: Findings) -> None:
        network, subnet = place
        self._config = request.cloud_config
        self._path = ("networks", network, "subnets", subnet)
        self._network: WrittenNetwork = self._config.document.networks[network]
        self._written: WrittenSubnet = self._network.subnets[subnet]
        self._found = found
        self._request, self._place = request, place

    def subnet(self) -> Subnet | None:
        """The subnet, or None without a range that can be read."""
        landed = managed.landed_name(self._request, self._place, self._found)
        text = (
            managed.range_of(self._request, self._place, landed=landed, found=self._found)
            if landed
            else self._written.range
        )
        if not text and self._network.managed and (not landed or self._written.netmask_bits is not None):
            return None
        cidr = ranges.read_cidr(text or "")
        if cidr is None or cidr.num_addresses < 2:
            self._bad_range()
            return None
        whole = ranges.interval_of(cidr)
        gateway = self._gateway(cidr)
        reserved = self._intervals("reserved", self._written.reserved, whole)
        static = self._intervals("static", self._written.static, whole)
        self._check_static(static, [*reserved, *([ranges.interval_at(gateway)] if gateway else [])])
        properties = self._properties()
        parts, others = managed_networks.split_parts(properties) if landed else (NetworkParts(), properties)
        return Subnet(
            cidr=str(cidr),
            gateway=gateway,
            dns=self._dns(),
            azs=self._azs(),
            reserved=_as_ranges(reserved),
            static=_as_ranges(static),
            cloud_properties={**(managed_networks.placed(landed) if landed else {}), **others},
            managed=landed,
            parts=parts,
            block_bits=self._block_bits(cidr),
        )

    def vip_subnet(self) -> Subnet:
        """The subnet of a vip network: public addresses for instances without any of their own."""
        intervals = [ranges.read_interval(text) for text in self._written.static]
        for index, (text, interval) in enumerate(zip(self._written.static, intervals, strict=True)):
            if interval is None:
                self._report(
                    "bad-static-range",
                    f"The static range '{text}' of vip network '{self._network.name}' cannot be used.",
                    why="Expected an address, `a - b` or CIDR.",
                    fix="Write public addresses.",
                    where=self._where("static", index),
                )
        static = _as_ranges([interval for interval in intervals if interval])
        return Subnet(cidr="", gateway="", azs=self._azs(), static=static)

    def dynamic_subnet(self) -> Subnet:
        """The subnet of a dynamic network: the cloud chooses the addresses in it."""
        return Subnet(cidr="", gateway="", dns=self._dns(), azs=self._azs(), cloud_properties=self._properties())

    def _block_bits(self, cidr: ranges.Cidr) -> int:
        """The length of the block that each instance is given; 0 for one address."""
        prefix = self._written.prefix
        if prefix is None or prefix == cidr.max_prefixlen:
            return 0
        if cidr.prefixlen < prefix < cidr.max_prefixlen:
            return prefix
        self._report(
            "prefix-size-invalid",
            f"Subnet {self._name} cannot have `prefix: {prefix}`.",
            why=f"The block of addresses of an instance is a part of {cidr}.",
            fix=f"Write a number from {cidr.prefixlen + 1} to {cidr.max_prefixlen}, which is one address.",
            where=self._where("prefix"),
        )
        return 0

    def _properties(self) -> Mapping[str, JsonValue]:
        return plain.plain_map(self._written.cloud_properties, self._where("cloud_properties"), self._found)

    def _where(self, key: str, index: int | None = None) -> str:
        return self._config.where(*self._path, key, *(() if index is None else (index,)))

    @property
    def _name(self) -> str:
        return f"{self._written.range or self._path[3]} of network '{self._network.name}'"

    def _report(self, code: str, what: str, *, why: str, fix: str, where: str) -> None:
        self._found.report(code, what, why=why, fix=fix, where=where)

    def _bad_range(self) -> None:
        given = f"is '{self._written.range}'" if self._written.range else "is missing"
        self._report(
            "bad-range",
            f"The range of subnet {self._path[3]} of network '{self._network.name}' {given}.",
            why="A range is a CIDR of two addresses or more.",
            fix="Write it like 10.0.0.0/24" + (", or set `netmask_bits`." if self._network.managed else "."),
            where=self._where("range"),
        )

    def _gateway(self, cidr: ranges.Cidr) -> str:
        text = self._written.gateway or (str(cidr.network_address + 1) if self._network.managed else "")
        try:
            gateway = ipaddress.ip_address(text.strip())
        except ValueError:
            why = "It is missing." if not text else f"'{text}' is not an address."
        else:
            if gateway in cidr and gateway not in (cidr.network_address, cidr.broadcast_address):
                return str(gateway)
            why = f"{gateway} is not an address for machines within {cidr}."
        self._report(
            "bad-gateway",
            f"The gateway of subnet {self._name} is not valid.",
            why=why,
            fix=f"Name the router's address, often {cidr.network_address + 1}.",
            where=self._where("gateway"),
        )
        return ""

    def _dns(self) -> tuple[str, ...]:
        """In the canonical form."""
        servers = []
        for index, text in enumerate(self._written.dns):
            interval = ranges.read_interval(text)
            if interval is None or interval.size != 1:
                self._report(
                    "bad-dns",
                    f"DNS server '{text}' of subnet {self._name} is not an address.",
                    why="A DNS server is named by its address.",
                    fix="Write the address of the DNS server.",
                    where=self._where("dns", index),
                )
            else:
                servers.append(interval.as_range().first)
        return tuple(servers)

    def _azs(self) -> tuple[str, ...]:
        known = [az.name for az in self._config.document.azs]
        written = self._written
        if written.az is not None and written.azs is not None:
            self._report(
                "subnet-azs-twice",
                f"Subnet {self._name} has `az` and `azs`.",
                why="A subnet names either one AZ or a list.",
                fix="Remove one of the two.",
                where=self._where("az"),
            )
        if written.azs == ():
            self._report(
                "subnet-azs-empty",
                f"Subnet {self._name} has no AZs.",
                why="`azs` is an empty list.",
                fix="Name an AZ, or remove `azs`: the subnet is then in all AZs.",
                where=self._where("azs"),
            )
        azs = written.azs or ((written.az,) if written.az is not None else ())
        for index, az in enumerate(azs):
            if az not in known:
                where = self._where("azs", index) if written.azs else self._where("az")
                self._found.report_unknown("AZ", az, whose=f"Subnet {self._name}", known=known, where=where)
        return tuple(azs)

    def _intervals(
        self, key: str, texts: tuple[str, ...], whole: ranges.AddressInterval
    ) -> list[ranges.AddressInterval]:
        good = []
        for index, text in enumerate(texts):
            interval = ranges.read_interval(text)
            if interval and whole.holds(interval):
                good.append(interval)
            else:
                self._report(
                    f"bad-{key}-range",
                    f"The {key} range '{text}' of subnet {self._name} cannot be used.",
                    why="It is not within the subnet." if interval else "Expected an address, `a - b` or CIDR.",
                    fix=f"Write addresses within {self._written.range}.",
                    where=self._where(key, index),
                )
        return good

    def _check_static(self, static: list[ranges.AddressInterval], reserved: list[ranges.AddressInterval]) -> None:
        for interval in static:
            clash = next((other for other in reserved if other.touches(interval)), None)
            if clash:
                self._report(
                    "static-range-reserved",
                    f"The static range {_spelled(interval)} of subnet {self._name} contains reserved addresses.",
                    why=f"{_spelled(clash)} is reserved or the gateway.",
                    fix="Remove them from one of the two.",
                    where=self._where("static"),
                )


def _spelled(interval: ranges.AddressInterval) -> str:
    piece = interval.as_range()
    return piece.first if piece.first == piece.last else f"{piece.first} - {piece.last}"


def _as_ranges(intervals: list[ranges.AddressInterval]) -> tuple[IpRange, ...]:
    return tuple(interval.as_range() for interval in intervals)
