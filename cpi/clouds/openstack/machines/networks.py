"""Ports and floating addresses of VMs: bodies built and replies read.

Takes network settings and what Neutron told, gives ports to make and networks with their addresses.
"""

import ipaddress
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from cpi.clouds.openstack.wire import names
from cpi.clouds.openstack.wire.config import NetworkProperties, VipProperties, read_properties
from cpi.contract.errors import NotSupportedError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import NetworkKind, NetworkSettings, VmRequest
from cpi.kit import judge, network_settings
from cpi.kit.ipv6 import is_ipv6
from cpi.kit.judge import SubnetFacts, WantedInterface
from cpi.kit.network_interfaces import Interface, InterfaceRule, interfaces_of, subnets_differ

CloudAnswer = Mapping[str, Any]
INTERFACES = InterfaceRule(cloud="OpenStack")


@dataclass(frozen=True, slots=True, kw_only=True)
class PortRequest:
    """A port to be: where, and with what addresses ("" lets Neutron choose).

    `subnet_ids` are in the networks' order.
    """

    interface: Interface
    network_id: str
    subnet_ids: tuple[str, ...]

    @property
    def settings(self) -> NetworkSettings:
        """Its main network."""
        return self.interface.main


def read_network(settings: NetworkSettings) -> NetworkProperties:
    """The cloud properties of one network."""
    return read_properties(NetworkProperties, settings.cloud_properties, where=f"network '{settings.name}'")


def groups_of(request: VmRequest) -> tuple[str, ...]:
    """The security groups that a VM's networks name. Raises unknown-cloud-property."""
    return tuple(name for each in request.networks for name in _read(each).security_groups)


def created_port(request: VmRequest) -> tuple[Interface, ...]:
    """The interfaces that need a port, the one with the default gateway first. Raises vm-without-network."""
    interfaces = interfaces_of(judge.require_network(request))
    return tuple(sorted(interfaces, key=lambda each: "gateway" not in each.defaults))


def public(request: VmRequest) -> NetworkSettings | None:
    """The floating address asked for. Raises too-many-public-addresses."""
    found = [each for each in request.networks if each.kind is NetworkKind.VIP]
    if len(found) > 1:
        raise NotSupportedError(
            "too-many-public-addresses",
            f"VM '{request.name}' requests {len(found)} floating IPs.",
            why="The plugin assigns a server one floating IP.",
            fix="Keep one vip network in the instance group.",
        )
    return found[0] if found else None


def choose_port(interface: Interface, answer: Sequence[CloudAnswer], environment: str) -> PortRequest:
    """Where a VM's interface is among all of Neutron's networks: where its main network is, unless another names one.

    Raises NotFoundError, code unknown-network; CloudError, code nic-group-subnets-differ.
    """
    read = [read_network(settings) for settings in interface.networks]
    placed = {
        _network_id(settings, one, answer, environment=environment)
        for settings, one in zip(interface.networks, read, strict=True)
        if settings is interface.main or one.net_id or one.network
    }
    if len(placed) > 1:
        judge.require([subnets_differ(interface, placed)])
    return PortRequest(interface=interface, network_id=placed.pop(), subnet_ids=tuple(one.subnet_id for one in read))


def landed_name(settings: NetworkSettings) -> str:
    """What the landing zone calls a network, where no id names another."""
    return read_network(settings).network or settings.name


def _network_id(
    settings: NetworkSettings, properties: NetworkProperties, answer: Sequence[CloudAnswer], *, environment: str
) -> str:
    wanted = properties.net_id or properties.network or settings.name
    found = _match_network(wanted, answer, environment, is_id=bool(properties.net_id))
    if found is None:
        own = filter(None, (names.read_note(one.get("description")).get(names.NAME) for one in answer))
        setting = "net_id or network"
        raise judge.missing(judge.unknown_name("network", wanted, own, where="OpenStack", setting=setting))
    return str(found["id"])


def _read(settings: NetworkSettings) -> NetworkProperties | VipProperties:
    if settings.kind is not NetworkKind.VIP:
        return read_network(settings)
    return read_properties(VipProperties, settings.cloud_properties, where=f"vip network '{settings.name}'")


def _match_network(wanted: str, answer: Sequence[CloudAnswer], environment: str, *, is_id: bool) -> CloudAnswer | None:
    if is_id:
        return next((one for one in answer if wanted in (one["id"], one["name"])), None)
    for one in answer:
        note = names.read_note(one.get("description"))
        if note.get("compleat-environment") == environment and note.get(names.NAME) == wanted:
            return one
    return None


def write_port(
    request: VmRequest, port_request: PortRequest, number: int, *, groups: Sequence[str], pairs: Sequence[str]
) -> CloudAnswer:
    """A port's body; its name is its action's, so it is found again."""
    placed = zip(port_request.interface.networks, port_request.subnet_ids, strict=True)
    where = [_write_address(settings, subnet) for settings, subnet in placed]
    body: dict[str, Any] = {
        "name": port_name(request, number),
        "description": names.write_note(request.owner, port_request.settings.name),
        "network_id": port_request.network_id,
    }
    if groups:
        body["security_groups"] = list(groups)  # without any, Neutron takes the project's default group
    if any(where):
        body["fixed_ips"] = [one for one in where if one]
    if pairs:
        body["allowed_address_pairs"] = [{"ip_address": pair} for pair in pairs]
    return {"port": body}


def _write_address(settings: NetworkSettings, subnet: str) -> CloudAnswer:
    return {key: value for key, value in (("subnet_id", subnet), ("ip_address", settings.ip)) if value}


def wanted_interfaces(vm: str, port_request: PortRequest) -> Iterator[WantedInterface]:
    """The addresses of an interface to come, in a network as a whole."""
    for settings in port_request.interface.networks:
        address = settings.ip if settings.ip and settings.kind is NetworkKind.MANUAL else ""
        yield WantedInterface(vm=vm, network=settings.name, subnet=port_request.network_id, address=address)


def subnet_facts(
    network: str, subnets: Sequence[CloudAnswer], held: Mapping[str, CloudAnswer] = MappingProxyType({})
) -> SubnetFacts:
    """A whole network, whose ports hold the addresses `held`: addresses requested by name may be outside its pools."""
    pools = [pool for one in subnets for pool in one.get("allocation_pools") or ()]
    free = sum(_pool_size(pool) - sum(_is_in_pool(address, pool) for address in held) for pool in pools)
    kept = {address: use for one in subnets for address, use in _kept(one)}
    kept |= {address: "that of a DHCP server of Neutron" for address, port in held.items() if _is_dhcp(port)}
    ranges = tuple(str(one["cidr"]) for one in subnets)
    return SubnetFacts(name=f"Network {network}", ranges=ranges, free=free, kept=kept, is_shared_out=False)


def port_name(request: VmRequest, number: int) -> str:
    """Unique to the action."""
    return names.name_of(request.owner, str(number))


def address_of(port: CloudAnswer) -> str:
    """A port's first address."""
    return next((str(each["ip_address"]) for each in port.get("fixed_ips", ())), "")


def addresses_of(request: VmRequest, ports: Sequence[CloudAnswer]) -> dict[str, str]:
    """The address of each network; `ports` are in the order of `created_port`."""
    joined = zip(created_port(request), ports, strict=False)
    return {settings.name: _of_version(port, settings) for each, port in joined for settings in each.networks}


def _of_version(port: CloudAnswer, settings: NetworkSettings) -> str:
    there = [str(ipaddress.ip_address(each["ip_address"])) for each in port.get("fixed_ips", ())]
    return next((one for one in there if (":" in one) is is_ipv6(settings)), "")


def macs_of(request: VmRequest, ports: Sequence[CloudAnswer]) -> Mapping[str, str]:
    """Each port's MAC address, by the networks it is for; `ports` are in the order of `created_port`."""
    joined = zip(created_port(request), ports, strict=False)
    return {settings.name: str(port["mac_address"]) for each, port in joined for settings in each.networks}


def fill(request: VmRequest, addresses: Mapping[str, str]) -> tuple[NetworkSettings, ...]:
    """All networks as asked, with the address that each has now."""
    return tuple(replace(each, ip=addresses.get(each.name) or each.ip) for each in request.networks)


def write_networks(networks: Sequence[NetworkSettings]) -> Mapping[str, str]:
    """A VM's networks as it has them, cut to what metadata can hold."""
    text = json.dumps([network_settings.write_network(each) for each in networks], separators=(",", ":"))
    pieces = [text[at : at + names.LONGEST] for at in range(0, len(text), names.LONGEST)]
    return {f"{names.NETWORKS}-{number:02}": piece for number, piece in enumerate(pieces)}


def read_networks(metadata: Mapping[str, str]) -> tuple[NetworkSettings, ...]:
    """What write_networks wrote; none where there is nothing."""
    pieces = sorted((key, value) for key, value in metadata.items() if key.startswith(f"{names.NETWORKS}-"))
    text = "".join(value for _, value in pieces)
    return tuple(network_settings.read_network(each) for each in json.loads(text)) if text else ()


def _kept(subnet: CloudAnswer) -> Iterator[tuple[str, str]]:
    """Addresses of a subnet that no server can use, with what has them."""
    cidr = ipaddress.ip_network(str(subnet["cidr"]))
    if cidr.version == 4 and cidr.num_addresses > 2:
        yield str(cidr.network_address), f"the address of the network {cidr} itself"
        yield str(cidr.broadcast_address), f"the broadcast address of {cidr}"
    if subnet.get("gateway_ip"):
        yield str(subnet["gateway_ip"]), f"the gateway of subnet {subnet['id']}"


def _is_dhcp(port: CloudAnswer) -> bool:
    return str(port.get("device_owner", "")) == "network:dhcp"


def _pool_size(pool: CloudAnswer) -> int:
    return int(ipaddress.ip_address(pool["end"])) - int(ipaddress.ip_address(pool["start"])) + 1


def _is_in_pool(address: str, pool: CloudAnswer) -> bool:
    first, last = ipaddress.ip_address(pool["start"]), ipaddress.ip_address(pool["end"])
    return int(first) <= int(ipaddress.ip_address(address)) <= int(last)


def is_inside(address: str, cidr: str) -> bool:
    """Whether a range holds an address."""
    return ipaddress.ip_address(address) in ipaddress.ip_network(cidr, strict=False)
