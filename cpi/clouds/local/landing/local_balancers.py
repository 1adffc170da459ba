"""Load balancers of the local cloud: its service makes them, and each port is also one of this machine's.

Takes specs and resources, gives what exists.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

from cpi.clouds.local.inside.records import balancer_records, records
from cpi.clouds.local.inside.records.balancer_records import BalancerRecord, BalancingRecord
from cpi.clouds.local.inside.records.orders import BalancerOrder
from cpi.clouds.local.landing import forwards
from cpi.clouds.local.machines import finder
from cpi.clouds.local.wire import balancer_names
from cpi.clouds.local.wire.api import Api
from cpi.contract.landing_parts import (
    BalancerRuleSpec,
    InnerPlace,
    LoadBalancerSpec,
    NatRuleSpec,
    ProbeProtocol,
    ProbeSpec,
)
from cpi.contract.values import JsonValue, LandingResource, OwnerKey
from cpi.kit import part_entries
from cpi.kit.landing import Part, PartFound

_PROBES: tuple[ProbeProtocol, ...] = get_args(ProbeProtocol)


def balancer_resource(spec: LoadBalancerSpec) -> LandingResource:
    """After its public address, or the network that it is in."""
    probes = {probe.name: probe for probe in spec.probes}
    rules: list[JsonValue] = [_write(rule, probes.get(rule.probe)) for rule in spec.rules]
    nat_rules: list[JsonValue] = [_write(rule, None) for rule in spec.nat_rules]
    front: dict[str, JsonValue] = {"address": spec.public_name or spec.address, "network": spec.network}
    return LandingResource(
        kind=balancer_names.KIND,
        name=spec.name,
        after=(spec.public_name or spec.network,),
        properties={**front, "rules": rules, "nat_rules": nat_rules},
        entries=part_entries.balancer_lines(spec),
    )


class LocalBalancers(Part):
    """As networks: the service looks, makes and changes under its lock."""

    cloud = "The local cloud"
    kind = balancer_names.KIND

    def __init__(self, api: Api, tags: Mapping[str, str]) -> None:
        self._api = api
        self._tags = dict(tags)

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        if not name:
            yield from map(_found, balancer_records.list_balancers(self._api.state))

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        path = balancer_records.balancer_path(self._api.state, resource.name)
        there = records.load_whole(path, BalancerRecord)
        if there is not None:
            part_entries.require_front(resource.name, resource.entries, self.entries(_found(there)))
        order: BalancerOrder = {
            "name": resource.name,
            "address": str(resource.properties["address"]),
            "network": str(resource.properties["network"]),
            "rules": _rules(resource.properties["rules"]),
            "nat_rules": _rules(resource.properties["nat_rules"]),
            "owner": finder.write_owner(owner),
            "tags": self._tags,
        }
        made: BalancerRecord = self._api.call("create_balancer", order)
        ports = [rule["port"] for _, rule in balancer_records.all_rules(made)]
        forwards.keep_ports(self._api, made["ip"], ports)
        for port in () if order["network"] else ports:
            forwards.open_way(self._api, made["ip"], port)
        return _found(made)

    def entries(self, found: PartFound) -> tuple[str, ...]:
        about = found.answer
        network, asked = str(about.get("network", "")), str(about.get("asked", ""))
        front = part_entries.front_line(public_name=str(about["address"]), network=network, address=asked)
        return (front, *map(_line, about["rules"]), *map(_nat_line, about.get("nat_rules", ())))

    def place(self, found: PartFound) -> InnerPlace:
        network = str(found.answer.get("network", ""))
        return InnerPlace(network=network, address=found.answer["ip"]) if network else InnerPlace()

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        return {f"{found.name}_load_balancer": found.name}

    def delete(self, id_: str) -> None:
        balancer = balancer_records.load_balancer(self._api.state, id_)
        self._api.call_if_exists("delete_balancer", {"name": id_})
        if balancer is not None:
            forwards.forget(self._api, balancer["ip"])


def _found(balancer: BalancerRecord) -> PartFound:
    name = balancer["name"]
    return PartFound(id=name, name=name, owner=finder.read_owner(balancer["owner"]), answer=balancer)


def _write(rule: BalancerRuleSpec | NatRuleSpec, probe: ProbeSpec | None) -> dict[str, JsonValue]:
    return {
        "name": rule.name,
        "port": rule.port,
        "machine_port": rule.machine_port,
        "idle_minutes": rule.idle_minutes,
        "probe_protocol": probe.protocol if probe else "",
        "probe_port": probe.port if probe else 0,
        "probe_path": probe.path if probe else "",
        "probe_interval_s": probe.interval_s if probe else 0,
        "probe_failures": probe.unhealthy_after if probe else 0,
    }


def _rules(written: JsonValue) -> list[BalancingRecord]:
    """The rules of a resource, which `balancer_resource` wrote."""
    listed = written if isinstance(written, Sequence) and not isinstance(written, str) else ()
    return [one for one in listed if isinstance(one, dict)]  # type: ignore[misc]  # the keys are those of _write


def _nat_line(rule: BalancingRecord) -> str:
    return part_entries.nat_line(
        NatRuleSpec(
            name=rule["name"],
            protocol="tcp",
            port=rule["port"],
            machine_port=rule["machine_port"],
            idle_minutes=rule["idle_minutes"],
        )
    )


def _line(rule: BalancingRecord) -> str:
    balancing = BalancerRuleSpec(
        name=rule["name"],
        protocol="tcp",
        port=rule["port"],
        machine_port=rule["machine_port"],
        idle_minutes=rule["idle_minutes"],
    )
    protocol = next((one for one in _PROBES if one == rule["probe_protocol"]), None)
    if protocol is None:
        return part_entries.balancing_line(balancing, None)
    probe = ProbeSpec(
        name="",
        protocol=protocol,
        port=rule["probe_port"],
        path=rule["probe_path"],
        interval_s=rule["probe_interval_s"],
        unhealthy_after=rule["probe_failures"],
    )
    return part_entries.balancing_line(balancing, probe)
