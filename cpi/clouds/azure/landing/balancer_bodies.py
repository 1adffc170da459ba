"""Load balancers that templates add to Azure's landing zone, as Azure has them. Pure.

Takes a spec, gives resources with their ARM properties and bodies; takes what Azure has, gives lines.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cpi.clouds.azure.machines import networks
from cpi.clouds.azure.wire import names
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract import landing_parts
from cpi.contract.landing_parts import ANY, InnerPlace
from cpi.contract.values import JsonValue, LandingResource, LandingSpec
from cpi.kit import part_entries

BALANCER = "load_balancer"
_FRONT, _POOL = "front", "pool"
_PROBES = {"tcp": "Tcp", "http": "Http", "https": "Https"}
_TRANSPORT = {"tcp": "Tcp", "udp": "Udp", ANY: "All"}
_PROTOCOLS: Mapping[str, landing_parts.BalancerProtocol] = {"tcp": "tcp", "udp": "udp", "all": "*"}


def load_balancers(spec: LandingSpec, group: tuple[str, ...]) -> Iterator[LandingResource]:
    """Each after its front."""
    for one in spec.load_balancers:
        front = {"public_name": one.public_name, "network": one.network, "address": one.address}
        properties: dict[str, JsonValue] = {
            **front,
            "probes": [_probe(probe) for probe in one.probes],
            "rules": [_balancing(rule) for rule in one.rules],
            "nat_rules": [_nat_rule(rule) for rule in one.nat_rules],
        }
        after = (*group, one.public_name or one.network)
        entries = part_entries.balancer_lines(one)
        yield LandingResource(kind=BALANCER, name=one.name, after=after, properties=properties, entries=entries)


def balancer_body(resource: LandingResource, places: ResourcePaths) -> dict[str, Any]:
    """A Standard balancer with one front and one pool, which its rules join."""
    own, properties = places.path(names.BALANCER, resource.name), resource.properties
    front = {"id": f"{own}/frontendIPConfigurations/{_FRONT}"}
    rules = [_with_references(rule, own, front) for rule in _each(properties["rules"])]
    nat_rules = [_with_front(rule, front) for rule in _each(properties["nat_rules"])]
    return {
        "sku": {"name": "Standard"},
        "properties": {
            "frontendIPConfigurations": [{"name": _FRONT, "properties": _front(properties, places)}],
            "backendAddressPools": [{"name": _POOL}],
            "probes": list(_each(properties["probes"])),
            "loadBalancingRules": rules,
            "inboundNatRules": nat_rules,
        },
    }


def removed_rules(body: Mapping[str, Any], there: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The lower-case id of each rule that is not in a body and still leads to a machine, with the id of that machine's
    interface.
    """
    wanted = {str(one["name"]).lower() for one in body["properties"]["inboundNatRules"]}
    for one in there["properties"].get("inboundNatRules") or ():
        configuration = one["properties"].get("backendIPConfiguration")
        if configuration and str(one["name"]).lower() not in wanted:
            yield str(one["id"]).lower(), str(configuration["id"]).rpartition("/ipConfigurations/")[0]


def read_lines(properties: Mapping[str, Any]) -> Iterator[str]:
    """The lines of one that is there, as planned ones are written."""
    place = read_place(properties)
    public = _last_of(_front_there(properties).get("publicIPAddress"))
    yield part_entries.front_line(public_name=public, network=place.network, address=place.address)
    probes = {str(one["name"]).lower(): _read_probe(one) for one in properties.get("probes") or ()}
    for one in properties.get("loadBalancingRules") or ():
        yield _balancing_line(one, probes)
    for one in properties.get("inboundNatRules") or ():
        yield _nat_line(one)


def read_place(properties: Mapping[str, Any]) -> InnerPlace:
    """Where the front of one that is there is."""
    front = _front_there(properties)
    return InnerPlace(network=_last_of(front.get("subnet")), address=str(front.get("privateIPAddress") or ""))


def _front_there(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    fronts: Sequence[Mapping[str, Any]] = properties.get("frontendIPConfigurations") or ({},)
    found: Mapping[str, Any] = fronts[0].get("properties") or {}
    return found


def _last_of(reference: Mapping[str, Any] | None) -> str:
    return names.last(str((reference or {}).get("id", "")))


def _nat_line(answer: Mapping[str, Any]) -> str:
    properties = answer["properties"]
    rule = landing_parts.NatRuleSpec(
        name=str(answer["name"]),
        protocol=_PROTOCOLS[str(properties["protocol"]).lower()],
        port=int(properties["frontendPort"]),
        machine_port=int(properties["backendPort"]),
        idle_minutes=int(properties.get("idleTimeoutInMinutes") or 4),
    )
    return part_entries.nat_line(rule)


def _balancing_line(answer: Mapping[str, Any], probes: Mapping[str, landing_parts.ProbeSpec]) -> str:
    properties = answer["properties"]
    rule = landing_parts.BalancerRuleSpec(
        name=str(answer["name"]),
        protocol=_PROTOCOLS[str(properties["protocol"]).lower()],
        port=int(properties["frontendPort"]),
        machine_port=int(properties["backendPort"]),
        idle_minutes=int(properties.get("idleTimeoutInMinutes") or 4),
    )
    probe = str((properties.get("probe") or {}).get("id", "")).rpartition("/")[2].lower()
    return part_entries.balancing_line(rule, probes.get(probe))


def _read_probe(answer: Mapping[str, Any]) -> landing_parts.ProbeSpec:
    properties = answer["properties"]
    protocols: dict[str, landing_parts.ProbeProtocol] = {"tcp": "tcp", "http": "http", "https": "https"}
    return landing_parts.ProbeSpec(
        name=str(answer["name"]),
        protocol=protocols[str(properties["protocol"]).lower()],
        port=int(properties["port"]),
        path=str(properties.get("requestPath") or ""),
        interval_s=int(properties.get("intervalInSeconds") or 15),
        unhealthy_after=int(properties.get("numberOfProbes") or 2),
    )


def _probe(probe: landing_parts.ProbeSpec) -> dict[str, JsonValue]:
    own: dict[str, JsonValue] = {
        "protocol": _PROBES[probe.protocol],
        "port": probe.port,
        "intervalInSeconds": probe.interval_s,
        "numberOfProbes": probe.unhealthy_after,
    }
    return {"name": probe.name, "properties": {**own, **({"requestPath": probe.path} if probe.path else {})}}


def _balancing(rule: landing_parts.BalancerRuleSpec) -> dict[str, JsonValue]:
    return {
        "name": rule.name,
        "probe": rule.probe,
        "properties": {
            "protocol": _TRANSPORT[rule.protocol],
            "frontendPort": rule.port,
            "backendPort": rule.machine_port,
            "idleTimeoutInMinutes": rule.idle_minutes,
        },
    }


def _nat_rule(rule: landing_parts.NatRuleSpec) -> dict[str, JsonValue]:
    return {
        "name": rule.name,
        "properties": {
            "protocol": _TRANSPORT[rule.protocol],
            "frontendPort": rule.port,
            "backendPort": rule.machine_port,
            "idleTimeoutInMinutes": rule.idle_minutes,
        },
    }


def _front(properties: Mapping[str, Any], places: ResourcePaths) -> dict[str, Any]:
    if properties["public_name"]:
        return {"publicIPAddress": {"id": places.path(names.ADDRESS, str(properties["public_name"]))}}
    subnet = {"subnet": {"id": places.subnet(networks.LANDING, str(properties["network"]))}}
    if properties["address"]:
        return {**subnet, "privateIPAllocationMethod": "Static", "privateIPAddress": properties["address"]}
    return {**subnet, "privateIPAllocationMethod": "Dynamic"}


def _with_references(rule: Mapping[str, Any], own: str, front: Mapping[str, str]) -> dict[str, Any]:
    references: dict[str, Any] = {
        "frontendIPConfiguration": front,
        "backendAddressPool": {"id": f"{own}/backendAddressPools/{_POOL}"},
    }
    if rule["probe"]:
        references["probe"] = {"id": f"{own}/probes/{rule['probe']}"}
    return {"name": rule["name"], "properties": {**rule["properties"], **references}}


def _with_front(rule: Mapping[str, Any], front: Mapping[str, str]) -> dict[str, Any]:
    """Which machine it leads to, the machine's interface says."""
    return {"name": rule["name"], "properties": {**rule["properties"], "frontendIPConfiguration": front}}


def _each(value: Any) -> Iterator[Mapping[str, Any]]:
    yield from value
