"""Load balancers of a landing zone on AWS: network load balancers with a target group for each port of machines. Pure.

Takes a spec, gives resources, what a machine behind a balancer has, and the lines of what exists.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cpi.clouds.aws.landing import layout
from cpi.clouds.aws.wire import names
from cpi.clouds.aws.wire.config import AwsConfig
from cpi.contract.landing_parts import BalancerRuleSpec, LoadBalancerSpec, ProbeProtocol, ProbeSpec
from cpi.contract.values import JsonValue, LandingResource, LandingSpec
from cpi.kit import part_entries

BALANCER = "load_balancer"
TARGETS = "target_group"
_PROBES: Mapping[str, ProbeProtocol] = {"TCP": "tcp", "HTTP": "http", "HTTPS": "https"}
_LEAST_HEALTHY = 2
_PROBE_S = (2, 10)


def resources(spec: LandingSpec, config: AwsConfig, environment: str) -> Iterator[LandingResource]:
    """Groups that let probes in, target groups, then balancers. All are in the first zone, as their one address is."""
    if not spec.load_balancers:
        return
    subnet = layout.front_subnet(spec, config)
    for balancer in spec.load_balancers:
        yield _probe_group(balancer, spec, config)
        targets = dict(_targets(balancer, environment))
        for name, properties in targets.items():
            yield LandingResource(kind=TARGETS, name=name, after=("vpc",), properties=properties)
        rules: list[JsonValue] = [_rule(balancer, rule) for rule in balancer.rules]
        yield LandingResource(
            kind=BALANCER,
            name=balancer.name,
            after=("internet", subnet, layout.PUBLIC, balancer.public_name, *targets),
            properties={
                "own_name": names.balancer_name(environment, balancer.name),
                "subnet": subnet,
                "address": balancer.public_name,
                "rules": rules,
            },
            entries=part_entries.balancer_lines(balancer),
        )


def target_names(balancer: LoadBalancerSpec, environment: str) -> tuple[str, ...]:
    """AWS's names of the groups that a machine behind it is registered in."""
    return tuple(str(properties["own_name"]) for _, properties in _targets(balancer, environment))


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


def _probe_group(balancer: LoadBalancerSpec, spec: LandingSpec, config: AwsConfig) -> LandingResource:
    """Probes come from the balancer's own addresses, in its subnet; connections from those of the clients."""
    network = layout.front_subnet(spec, config).rpartition("-z")[0]
    source = str(layout.split(spec.networks[network], len(config.zone_names()))[0])
    ports = dict.fromkeys(_probe(balancer, rule)["port"] for rule in balancer.rules)
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


def _targets_name(balancer: LoadBalancerSpec, rule: BalancerRuleSpec) -> str:
    parts: Iterable[object] = (balancer.name, rule.protocol, rule.machine_port, rule.probe)
    return "-".join(str(part) for part in parts if part)


def _probe(balancer: LoadBalancerSpec, rule: BalancerRuleSpec) -> dict[str, Any]:
    usual = ProbeSpec(name="", protocol="tcp", port=rule.machine_port)
    probe = next((one for one in balancer.probes if one.name == rule.probe), usual)
    return {
        "protocol": probe.protocol,
        "port": probe.port,
        "path": probe.path,
        "interval_s": probe.interval_s,
        "failures": probe.unhealthy_after,
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
