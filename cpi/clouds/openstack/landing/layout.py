"""What an environment's landing zone is made of on OpenStack, and how each part is written and read.

Takes a landing spec and what the services told, gives resources, bodies and outputs.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from cpi.clouds.openstack.machines.lookups import GROUP_ALL, GROUP_PUBLIC
from cpi.clouds.openstack.wire import names
from cpi.clouds.openstack.wire.config import OpenStackConfig
from cpi.contract.errors import CloudError, NotFoundError
from cpi.contract.values import FoundLandingResource, JsonValue, LandingCid, LandingResource, LandingSpec, OwnerKey
from cpi.kit import landing_names
from cpi.kit import tags as owner_tags

Told = Mapping[str, Any]

ROUTER = "router"
NETWORK = "network"
SUBNET = "subnet"
GROUP = "security_group"
ADDRESS = "public_address"
KEY = "key_pair"
CONTAINER = "container"

ORDER = (ROUTER, NETWORK, SUBNET, GROUP, ADDRESS, KEY, CONTAINER)
"""In which they can be made."""

NAMED = {KEY: "key", CONTAINER: "blobs"}
"""What the landing zone calls those kinds of which there is one."""

LISTS: Mapping[str, tuple[str, str]] = {
    ROUTER: ("/routers", "routers"),
    NETWORK: ("/networks", "networks"),
    SUBNET: ("/subnets", "subnets"),
    GROUP: ("/security-groups", "security_groups"),
    ADDRESS: ("/floatingips", "floatingips"),
}
"""Where Neutron lists each kind, and under which key."""

_SMALLEST_SHARED = 28
"""A longer prefix is too small to keep a part of it for Neutron's own choice."""


def write_resources(spec: LandingSpec, config: OpenStackConfig) -> tuple[LandingResource, ...]:
    """All that an environment needs, each after what it needs itself. Raises CloudError, code dns-name-of-nothing."""
    for public in config.dns_names:
        if public not in spec.public_names:
            raise landing_names.of_nothing(public, spec.public_names)
    made = [LandingResource(kind=ROUTER, name="router")]
    for name, cidr in sorted(spec.networks.items()):
        made.append(LandingResource(kind=NETWORK, name=name))
        after = ("router", name)
        properties: dict[str, JsonValue] = {"network": name, "cidr": cidr}
        made.append(LandingResource(kind=SUBNET, name=f"{name}-subnet", after=after, properties=properties))
    made += [LandingResource(kind=GROUP, name=name) for name in (GROUP_ALL, GROUP_PUBLIC)]
    for name in spec.public_names:
        named: dict[str, JsonValue] = {"dns_name": config.dns_names[name]} if name in config.dns_names else {}
        made.append(LandingResource(kind=ADDRESS, name=name, after=("router",), properties=named))
    if config.public_key:
        made.append(LandingResource(kind=KEY, name=NAMED[KEY], properties={"public_key": config.public_key}))
    if config.container:
        made.append(LandingResource(kind=CONTAINER, name=NAMED[CONTAINER]))
    return tuple(made)


def write_subnet(cidr: str, *, network: str, dns: Sequence[str]) -> dict[str, Any]:
    """The first address is the gateway's; Neutron chooses from the last quarter only, the rest is for manual networks.

    Raises CloudError, code network-range-invalid.
    """
    try:
        whole = ipaddress.IPv4Network(cidr)
    except ValueError as error:
        raise CloudError("network-range-invalid", f"'{cidr}' is not a valid network range.", why=str(error)) from error
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


def write_rules(name: str, group: str, config: OpenStackConfig) -> list[dict[str, Any]]:
    """What may come in: from one another all, from the world the public ports."""
    rule = {"security_group_id": group, "direction": "ingress", "ethertype": "IPv4"}
    if name == GROUP_ALL:
        return [{**rule, "remote_group_id": group}]
    return [
        {**rule, "protocol": "tcp", "port_range_min": port, "port_range_max": port, "remote_ip_prefix": source}
        for port in config.public_ports
        for source in config.public_sources
    ]


def missing_rules(wanted: Sequence[Mapping[str, Any]], told: Told) -> list[Mapping[str, Any]]:
    """Those that a group lacks."""
    there = told.get("security_group_rules") or ()
    return [rule for rule in wanted if not any(all(one.get(key) == rule[key] for key in rule) for one in there)]


def choose_external(told: Sequence[Told], wanted: str) -> Told:
    """The network that floating addresses come from. Raises external-network-missing, external-network-unclear."""
    known = sorted(str(one["name"]) for one in told)
    fitting = [one for one in told if wanted in (one["id"], one["name"])] if wanted else list(told)
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


def read_resource(kind: str, told: Told) -> FoundLandingResource | None:
    """A resource of Neutron as a landing resource; None: without an owner key."""
    note = names.read_note(told.get("description"))
    owner, name = owner_tags.read_owner(note), note.get(names.NAME, "")
    if owner is None or not name or owner.deployment:
        return None
    cid = LandingCid(f"{kind}:{told['id']}")
    return FoundLandingResource(cid=cid, kind=kind, name=name, owner=owner, outputs=_outputs(kind, name, told))


def read_named(kind: str, text: str, environment: str) -> FoundLandingResource | None:
    """A thing whose name says it all."""
    owner = names.read_key_pair_name(text)
    if owner is None or owner.environment != environment:
        return None
    key = {KEY: "key_name", CONTAINER: "container"}[kind]
    return FoundLandingResource(
        cid=LandingCid(f"{kind}:{text}"), kind=kind, name=NAMED[kind], owner=owner, outputs={key: text}
    )


def _outputs(kind: str, name: str, told: Told) -> Mapping[str, str]:
    if kind == ADDRESS:
        address = str(told["floating_ip_address"])
        dns_name = str(told.get("dns_name") or "")
        host = f"{dns_name}.{told.get('dns_domain', '')}".rstrip(".") if dns_name else ""
        return {f"{name}_public_ip": address, f"{name}_public_host": host or address}
    if kind == NETWORK:
        return {f"{name}_network_id": str(told["id"])}
    if kind == SUBNET:
        network = name.removesuffix("-subnet")
        return {f"{network}_cidr": str(told["cidr"]), f"{network}_gateway": str(told["gateway_ip"])}
    return {}


def note_of(owner: OwnerKey, name: str) -> dict[str, str]:
    """What every part has from its creation on."""
    return {"name": names.landing_name(owner.environment, name), "description": names.write_note(owner, name)}
