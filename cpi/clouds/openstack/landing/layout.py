"""What a landing zone is made of on OpenStack, in an order in which it can be made, and its bodies. Pure.

Takes a landing spec and what the services told, gives resources, bodies and outputs.
"""

import ipaddress
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cpi.clouds.openstack.machines.lookups import GROUP_ALL, GROUP_PUBLIC
from cpi.clouds.openstack.wire.config import OpenStackConfig
from cpi.contract.errors import CloudError, NotFoundError
from cpi.contract.landing_parts import ANY, SecurityRuleSpec
from cpi.contract.values import JsonValue, LandingResource, LandingSpec
from cpi.kit import judge, landing_names

CloudAnswer = Mapping[str, Any]

ROUTER = "router"
NETWORK = "network"
SUBNET = "subnet"
GROUP = "security_group"
ADDRESS = "public_address"
KEY = "key_pair"
CONTAINER = "container"

NAMED = {KEY: "key", CONTAINER: "blobs"}
"""What the landing zone calls those kinds of which there is one."""

_SMALLEST_SHARED = 28
"""A longer prefix is too small to keep a part of it for Neutron's own choice."""


def write_resources(spec: LandingSpec, config: OpenStackConfig) -> tuple[LandingResource, ...]:
    """All that an environment needs, each after what it needs itself; in networks of the operator's own, public
    addresses alone. Raises CloudError, code dns-name-of-nothing.
    """
    landing_names.check_dns_names(config.dns_names, spec)
    if not spec.networks:
        return tuple(_addresses(spec, config))
    made = [LandingResource(kind=ROUTER, name=ROUTER)]
    for name, cidr in sorted(spec.networks.items()):
        made += write_network(name, cidr)
    made += [LandingResource(kind=GROUP, name=name) for name in (GROUP_ALL, GROUP_PUBLIC)]
    made += _template_groups(spec)
    made += _addresses(spec, config, after=(ROUTER,))
    if config.public_key:
        made.append(LandingResource(kind=KEY, name=NAMED[KEY], properties={"public_key": config.public_key}))
    if config.container:
        made.append(LandingResource(kind=CONTAINER, name=NAMED[CONTAINER]))
    return tuple(made)


def write_network(name: str, cidr: str) -> tuple[LandingResource, LandingResource]:
    """A network with its one subnet, behind the landing zone's router."""
    properties: dict[str, JsonValue] = {"network": name, "cidr": cidr}
    subnet = LandingResource(kind=SUBNET, name=subnet_name(name), after=(ROUTER, name), properties=properties)
    return LandingResource(kind=NETWORK, name=name), subnet


def _addresses(spec: LandingSpec, config: OpenStackConfig, after: tuple[str, ...] = ()) -> Iterator[LandingResource]:
    for name in spec.public_names:
        named: dict[str, JsonValue] = {"dns_name": config.dns_names[name]} if name in config.dns_names else {}
        yield LandingResource(kind=ADDRESS, name=name, after=after, properties=named)


def write_subnet(cidr: str, *, network: str, dns: Sequence[str]) -> dict[str, Any]:
    """The first address is the gateway's; Neutron chooses from the last quarter only, the rest is for manual networks.

    Raises CloudError, code network-range-invalid.
    """
    try:
        whole = ipaddress.IPv4Network(cidr)
    except ValueError as error:
        raise CloudError(
            "network-range-invalid",
            f"'{cidr}' is not a valid network range.",
            why=str(error),
            fix="Correct `networks` in the environment's file, e.g. default: 10.0.0.0/24.",
        ) from error
    body: dict[str, Any] = {
        "network_id": network,
        "ip_version": 4,
        "cidr": cidr,
        "gateway_ip": str(whole.network_address + 1),
        "dns_nameservers": list(dns),
    }
    if whole.prefixlen < _SMALLEST_SHARED:
        first = whole.network_address + whole.num_addresses * 3 // 4
        body["allocation_pools"] = [{"start": str(first), "end": str(whole.broadcast_address - 1)}]
    return body


def require_range(subnet: LandingResource) -> LandingResource:
    """One whose range a network can have. Raises CloudError, code network-range-invalid."""
    write_subnet(str(subnet.properties["cidr"]), network="", dns=())
    return subnet


def planned_subnet(cidr: str, *, name: str) -> CloudAnswer:
    """The same as Neutron will list it. Raises CloudError, code network-range-invalid."""
    body = write_subnet(cidr, network="", dns=())
    whole = ipaddress.IPv4Network(cidr)
    every = {"start": str(whole.network_address + 2), "end": str(whole.broadcast_address - 1)}
    return {"id": name, "allocation_pools": [every], **body}


def write_rules(name: str, group: str, config: OpenStackConfig) -> list[dict[str, Any]]:
    """What may come in: from one another all, from the world the public ports.

    A rule of Neutron is for one version of IP.
    """
    rule = {"security_group_id": group, "direction": "ingress"}
    if name == GROUP_ALL:
        return [{**rule, "ethertype": version, "remote_group_id": group} for version in ("IPv4", "IPv6")]
    tcp = {**rule, "protocol": "tcp"}
    return [
        {
            **tcp,
            "ethertype": "IPv6" if ":" in source else "IPv4",
            "port_range_min": port,
            "port_range_max": port,
            "remote_ip_prefix": source,
        }
        for port in config.public_ports
        for source in config.public_sources
    ]


def template_rules(resource: LandingResource, group: str) -> list[dict[str, Any]]:
    """The rules of a template's group, as Neutron takes them."""
    written: Any = resource.properties["rules"]
    return [{"security_group_id": group, **rule} for rule in written]


def _template_groups(spec: LandingSpec) -> Iterator[LandingResource]:
    """What is allowed in; a new group lets everything leave, as on Azure where no rule denies it."""
    for group in spec.security_groups:
        inbound = [rule for rule in group.rules if rule.direction == "inbound"]
        yield permitting_group(group.name, [one for rule in inbound for one in _inbound(rule, spec)])


def permitting_group(name: str, rules: Sequence[JsonValue]) -> LandingResource:
    """A security group with these rules, each once."""
    unique: list[JsonValue] = [one for number, one in enumerate(rules) if one not in rules[:number]]
    entries = tuple(dict.fromkeys(map(rule_line, _each(unique))))
    return LandingResource(kind=GROUP, name=name, properties={"rules": unique}, entries=entries)


def inbound_rule(source: str, protocol: str, port: int) -> dict[str, JsonValue]:
    """A rule that lets a range in to one port."""
    traffic: dict[str, JsonValue] = {"protocol": protocol, "port_range_min": port, "port_range_max": port}
    return {"direction": "ingress", "ethertype": "IPv4", "remote_ip_prefix": source, **traffic}


def _inbound(rule: SecurityRuleSpec, spec: LandingSpec) -> Iterator[dict[str, JsonValue]]:
    sources = dict.fromkeys(one for written in rule.sources for one in judge.ranges_of(written, spec))
    for source, traffic in itertools.product(sources, tuple(_traffic(rule))):
        yield {"direction": "ingress", "ethertype": "IPv4", "remote_ip_prefix": source, **traffic}


def _traffic(rule: SecurityRuleSpec) -> Iterator[dict[str, JsonValue]]:
    """Protocols and ports; all of both is what a rule without either allows."""
    if rule.protocol not in ("tcp", "udp", ANY) or (rule.protocol, rule.ports) == (ANY, (ANY,)):
        yield {} if rule.protocol == ANY else {"protocol": rule.protocol}
        return
    protocols = ("tcp", "udp") if rule.protocol == ANY else (rule.protocol,)
    for protocol, ports in itertools.product(protocols, rule.ports):
        first, last = judge.port_range(ports)
        yield {"protocol": protocol, "port_range_min": max(first, 1), "port_range_max": last}


def missing_rules(wanted: Sequence[Mapping[str, Any]], answer: CloudAnswer) -> list[Mapping[str, Any]]:
    """Those that a group lacks."""
    there = answer.get("security_group_rules") or ()
    return [rule for rule in wanted if not any(all(one.get(key) == rule[key] for key in rule) for one in there)]


def rule_line(rule: CloudAnswer) -> str:
    """A rule about what comes in, for people and to be compared; Neutron may leave out what means everything."""
    first, last = rule.get("port_range_min"), rule.get("port_range_max")
    ports = "" if first is None else f" {first}" + (f"-{last}" if last != first else "")
    everywhere = "::/0" if rule.get("ethertype") == "IPv6" else "0.0.0.0/0"
    source = rule.get("remote_ip_prefix") or rule.get("remote_group_id") or everywhere
    return f"{rule.get('protocol') or 'all'}{ports} from {source}"


def inbound_rules(answer: CloudAnswer) -> list[CloudAnswer]:
    """A group's rules about what comes in."""
    return [rule for rule in answer.get("security_group_rules") or () if rule["direction"] == "ingress"]


def choose_external(answer: Sequence[CloudAnswer], wanted: str) -> CloudAnswer:
    """The network that floating addresses come from. Raises external-network-missing, external-network-unclear."""
    known = sorted(str(one["name"]) for one in answer)
    fitting = [one for one in answer if wanted in (one["id"], one["name"])] if wanted else list(answer)
    if not fitting:
        raise NotFoundError(
            "external-network-missing",
            f"OpenStack has no external network '{wanted}'." if wanted else "OpenStack has no external network.",
            why=f"Its networks are {', '.join(known) or 'none that this project sees'}.",
            fix="Correct external_network in the environment's file, or ask the cloud's operator for one.",
        )
    if len(fitting) > 1:
        raise CloudError(
            "external-network-unclear",
            "OpenStack has several external networks for floating addresses.",
            why=f"They are {', '.join(known)}.",
            fix="Set one of these as external_network in the environment's file.",
        )
    return fitting[0]


def write_dns(name: str) -> Mapping[str, str]:
    """A whole name as Neutron takes it: the host, and its domain with a dot at the end; nothing of ""."""
    host, _, domain = name.partition(".")
    return {"dns_name": host, "dns_domain": f"{domain}."} if name else {}


def subnet_name(network: str) -> str:
    """What the one subnet of a landing zone's network is called."""
    return f"{network}-subnet"


def network_of(subnet: str) -> str:
    """The name of the network that a landing zone's subnet is in."""
    return subnet.removesuffix("-subnet")


def address_outputs(name: str, answer: CloudAnswer) -> Mapping[str, str]:
    """A floating address, and the DNS name that leads to it."""
    address = str(answer["floating_ip_address"])
    dns_name = str(answer.get("dns_name") or "")
    host = f"{dns_name}.{answer.get('dns_domain', '')}".rstrip(".") if dns_name else ""
    return {f"{name}_public_ip": address, f"{name}_public_host": host or address}


def _each(value: Any) -> Iterator[CloudAnswer]:
    yield from value
