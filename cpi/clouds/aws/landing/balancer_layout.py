"""Load balancers of a landing zone on AWS: network load balancers with a target group for each port of machines. Pure.

Takes a spec, gives resources, what a machine behind a balancer has, and the lines of what exists.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cpi.clouds.aws.landing import layout
from cpi.clouds.aws.wire import names
from cpi.clouds.aws.wire.config import AwsConfig
from cpi.contract.landing_parts import (
    BalancerRuleSpec,
    JoinedParts,
    LoadBalancerSpec,
    NatRuleSpec,
    ProbeProtocol,
    ProbeSpec,
)
from cpi.contract.values import JsonValue, LandingResource, LandingSpec
from cpi.kit import part_entries

BALANCER = "load_balancer"
TARGETS = "target_group"
_PROBES: Mapping[str, ProbeProtocol] = {"TCP": "tcp", "HTTP": "http", "HTTPS": "https"}
_LEAST_HEALTHY = 2
_PROBE_S = (2, 10)


def resources(spec: LandingSpec, config: AwsConfig, environment: str) -> Iterator[LandingResource]:
    """Groups that let probes in, target groups, then balancers. All are in the first zone, as their one address is."""
    for balancer in spec.load_balancers:
        subnet = _front_subnet(balancer, spec, config)
        public = ("internet", layout.PUBLIC, balancer.public_name) if balancer.public_name else ()
        yield _probe_group(balancer, spec, config)
        targets = dict(_targets(balancer, environment))
        for name, properties in targets.items():
            yield LandingResource(kind=TARGETS, name=name, after=("vpc",), properties=properties)
        rules: list[JsonValue] = [_rule(balancer, rule) for rule in balancer.rules]
        rules += [_nat_rule(balancer, rule) for rule in balancer.nat_rules]
        yield LandingResource(
            kind=BALANCER,
            name=balancer.name,
            after=(*public, subnet, *targets),
            properties={
                "own_name": names.balancer_name(environment, balancer.name),
                "subnet": subnet,
                "address": balancer.public_name,
                "network": balancer.network,
                "inner_address": balancer.address,
                "rules": rules,
            },
            entries=part_entries.balancer_lines(balancer),
        )


def target_names(balancer: LoadBalancerSpec, joined: JoinedParts, environment: str) -> Iterator[str]:
    """AWS's names of the groups that a machine is registered in: those of rules for all, if it is behind it, and of
    the rules that lead to it alone.
    """
    own = {_nat_targets_name(balancer, one): f"{balancer.name}/{one.name}" for one in balancer.nat_rules}
    for name, properties in _targets(balancer, environment):
        if own[name] in joined.nat_rules if name in own else balancer.name in joined.load_balancers:
            yield str(properties["own_name"])


def joins(balancer: LoadBalancerSpec, joined: JoinedParts) -> bool:
    """Whether a machine is in its pool, or one of its rules leads to it."""
    return balancer.name in joined.load_balancers or any(
        f"{balancer.name}/{one.name}" in joined.nat_rules for one in balancer.nat_rules
    )


def group_name(balancer: str) -> str:
    """The security group that lets a balancer's probes in to its machines."""
    return f"{balancer}-probes"


def health_check(properties: Mapping[str, Any]) -> dict[str, Any]:
    """What ELB says of a probe. Without one it tries the port of the machines, which it cannot leave out."""
    probe = properties["probe"]
    least, most = _PROBE_S
    seconds = probe["interval_s"]
    check: dict[str, Any] = {
        "HealthCheckProtocol": probe["protocol"].upper(),
        "HealthCheckPort": str(probe["port"]),
        "HealthCheckIntervalSeconds": seconds,
        "HealthCheckTimeoutSeconds": max(least, min(most, seconds - 1)),
        "HealthyThresholdCount": _LEAST_HEALTHY,
        "UnhealthyThresholdCount": probe["failures"],
    }
    if probe["protocol"] != "tcp":
        check |= {"HealthCheckPath": probe["path"], "Matcher": {"HttpCode": "200"}}
    return check


def line_of(name: str, listener: Mapping[str, Any], targets: Mapping[str, Any], *, idle_s: int, probed: bool) -> str:
    """A rule as AWS has it: a listener and its target group."""
    rule = BalancerRuleSpec(
        name=name,
        protocol="udp" if listener["Protocol"] == "UDP" else "tcp",
        port=int(listener["Port"]),
        machine_port=int(targets["Port"]),
        idle_minutes=idle_s // 60,
    )
    return part_entries.balancing_line(rule, _read_probe(targets) if probed else None)


def nat_line_of(name: str, listener: Mapping[str, Any], targets: Mapping[str, Any], *, idle_s: int) -> str:
    """A rule that leads to one machine as AWS has it."""
    rule = NatRuleSpec(
        name=name,
        protocol="udp" if listener["Protocol"] == "UDP" else "tcp",
        port=int(listener["Port"]),
        machine_port=int(targets["Port"]),
        idle_minutes=idle_s // 60,
    )
    return part_entries.nat_line(rule)


def _front_subnet(balancer: LoadBalancerSpec, spec: LandingSpec, config: AwsConfig) -> str:
    """A network that a deployment creates has one subnet."""
    if not balancer.network:
        return layout.front_subnet(spec, config)
    return layout.subnet_names(balancer.network, config)[0]


def _probe_source(balancer: LoadBalancerSpec, spec: LandingSpec, config: AwsConfig) -> str:
    """The range of the subnet of its front."""
    if balancer.network in spec.created_networks:
        return spec.created_networks[balancer.network]
    network = _front_subnet(balancer, spec, config).rpartition("-z")[0]
    return str(layout.split(spec.networks[network], len(config.zone_names()))[0])


def _probe_group(balancer: LoadBalancerSpec, spec: LandingSpec, config: AwsConfig) -> LandingResource:
    """Probes come from the balancer's own addresses, in its subnet; connections from those of the clients."""
    source = _probe_source(balancer, spec, config)
    probed = [_probe(balancer, rule)["port"] for rule in balancer.rules]
    ports = dict.fromkeys((*probed, *(rule.machine_port for rule in balancer.nat_rules)))
    permissions: list[JsonValue] = [
        {"protocol": "tcp", "first": port, "last": port, "sources": [source]} for port in ports
    ]
    name = group_name(balancer.name)
    return layout.permitting_group(name, permissions)


def _targets(balancer: LoadBalancerSpec, environment: str) -> Iterator[tuple[str, dict[str, JsonValue]]]:
    """One for each protocol, port and probe, whichever rules have these."""
    seen: set[str] = set()
    for rule in balancer.rules:
        name = _targets_name(balancer, rule)
        if name not in seen:
            seen.add(name)
            yield (
                name,
                {
                    "own_name": names.balancer_name(environment, name),
                    "protocol": rule.protocol.upper(),
                    "port": rule.machine_port,
                    "probe": _probe(balancer, rule),
                },
            )

    for one in balancer.nat_rules:
        name = _nat_targets_name(balancer, one)
        yield (
            name,
            {
                "own_name": names.balancer_name(environment, name),
                "protocol": one.protocol.upper(),
                "port": one.machine_port,
                "probe": _usual_probe(one.machine_port),
            },
        )


def _nat_targets_name(balancer: LoadBalancerSpec, rule: NatRuleSpec) -> str:
    return f"{balancer.name}-nat-{rule.name}"


def _targets_name(balancer: LoadBalancerSpec, rule: BalancerRuleSpec) -> str:
    parts: Iterable[object] = (balancer.name, rule.protocol, rule.machine_port, rule.probe)
    return "-".join(str(part) for part in parts if part)


def _probe(balancer: LoadBalancerSpec, rule: BalancerRuleSpec) -> dict[str, Any]:
    probe = next((one for one in balancer.probes if one.name == rule.probe), None)
    if probe is None:
        return _usual_probe(rule.machine_port)
    return {
        "protocol": probe.protocol,
        "port": probe.port,
        "path": probe.path,
        "interval_s": probe.interval_s,
        "failures": probe.unhealthy_after,
    }


def _usual_probe(port: int) -> dict[str, Any]:
    """AWS cannot leave a probe out."""
    usual = ProbeSpec(name="", protocol="tcp", port=port)
    return {
        "protocol": "tcp",
        "port": port,
        "path": "",
        "interval_s": usual.interval_s,
        "failures": usual.unhealthy_after,
    }


def _nat_rule(balancer: LoadBalancerSpec, rule: NatRuleSpec) -> dict[str, JsonValue]:
    return {
        "name": rule.name,
        "protocol": rule.protocol.upper(),
        "port": rule.port,
        "targets": _nat_targets_name(balancer, rule),
        "probe": _usual_probe(rule.machine_port),
        "is_probed": False,
        "is_of_one": True,
        "idle_s": rule.idle_minutes * 60,
        "line": part_entries.nat_line(rule),
    }


def _rule(balancer: LoadBalancerSpec, rule: BalancerRuleSpec) -> dict[str, JsonValue]:
    probe = next((one for one in balancer.probes if one.name == rule.probe), None)
    return {
        "name": rule.name,
        "protocol": rule.protocol.upper(),
        "port": rule.port,
        "targets": _targets_name(balancer, rule),
        "probe": _probe(balancer, rule),
        "is_probed": probe is not None,
        "is_of_one": False,
        "idle_s": rule.idle_minutes * 60,
        "line": part_entries.balancing_line(rule, probe),
    }


def _read_probe(targets: Mapping[str, Any]) -> ProbeSpec:
    return ProbeSpec(
        name="",
        protocol=_PROBES.get(str(targets["HealthCheckProtocol"]), "tcp"),
        port=int(targets["HealthCheckPort"]),
        path=str(targets.get("HealthCheckPath") or "") if targets["HealthCheckProtocol"] != "TCP" else "",
        interval_s=int(targets["HealthCheckIntervalSeconds"]),
        unhealthy_after=int(targets["UnhealthyThresholdCount"]),
    )
