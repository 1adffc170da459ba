"""Load balancers of a landing zone, and the target groups of their machines.

Takes resources and owners, changes Elastic Load Balancing; how both are found is in cpi.clouds.aws.landing.elb_parts,
order and completion are in cpi.kit.landing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cpi.clouds.aws.landing import balancer_layout, in_use
from cpi.clouds.aws.landing.elb_parts import ElbPart, ElbWords
from cpi.clouds.aws.landing.security_groups import ElasticAddresses
from cpi.clouds.aws.landing.vpcs import Vpcs
from cpi.clouds.aws.landing.zone_networks import Subnets
from cpi.clouds.aws.wire import names, resource_tags
from cpi.contract.errors import CloudError, ConflictError, NotFoundError, TransientError
from cpi.contract.landing_parts import InnerPlace
from cpi.contract.values import LandingResource, OwnerKey
from cpi.kit import part_entries
from cpi.kit.landing import PartFound

_IDLE = "tcp.idle_timeout.seconds"
_UNPROBED = "compleat-unprobed"
"""The tag of a listener whose rule has no probe: AWS probes its machines all the same."""
_OF_ONE = "compleat-nat-rule"
"""The tag of a listener whose rule leads to one machine."""
_NETWORK = "compleat-network"
"""The key under which what is found has the name of its network, beside what AWS answers."""


class BalancerTargets(ElbPart):
    kind = balancer_layout.TARGETS
    words = ElbWords(
        lists=("DescribeTargetGroups", "TargetGroups"),
        makes="CreateTargetGroup",
        deletes=("DeleteTargetGroup", "TargetGroupArn"),
        id="TargetGroupArn",
    )

    def asked(self, resource: LandingResource, owner: OwnerKey) -> Mapping[str, Any]:
        properties = resource.properties
        return {
            "Name": str(properties["own_name"]),
            "Protocol": str(properties["protocol"]),
            "Port": properties["port"],
            "VpcId": Vpcs(self._api).id_of("vpc", owner),
            "TargetType": "instance",
            **balancer_layout.health_check(properties),
        }

    def delete(self, id_: str) -> None:
        """ELB may know for a moment of listeners that are gone."""
        try:
            super().delete(id_)
        except ConflictError as error:
            users = [str(one) for one in self.look(id_).get("LoadBalancerArns", ())]
            raise in_use.of_users([one for one in users if self._is_there(one)], error) from error

    def _is_there(self, balancer: str) -> bool:
        try:
            return bool(self.ask("DescribeLoadBalancers", LoadBalancerArns=[balancer])["LoadBalancers"])
        except NotFoundError:
            return False


class LoadBalancers(ElbPart):
    kind = balancer_layout.BALANCER
    words = ElbWords(
        lists=("DescribeLoadBalancers", "LoadBalancers"),
        makes="CreateLoadBalancer",
        deletes=("DeleteLoadBalancer", "LoadBalancerArn"),
        id="LoadBalancerArn",
    )

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        return map(self._in_network, super().find(environment, name))

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        return self._in_network(super().make(resource, owner))

    def asked(self, resource: LandingResource, owner: OwnerKey) -> Mapping[str, Any]:
        properties = resource.properties
        place = {"SubnetId": Subnets(self._api).id_of(str(properties["subnet"]), owner)}
        if properties["address"]:
            place["AllocationId"] = ElasticAddresses(self._api).id_of(str(properties["address"]), owner)
        elif properties["inner_address"]:
            place["PrivateIPv4Address"] = str(properties["inner_address"])
        return {
            "Name": str(properties["own_name"]),
            "Type": "network",
            "Scheme": "internet-facing" if properties["address"] else "internal",
            "IpAddressType": "ipv4",
            "SubnetMappings": [place],
        }

    def complete(self, found: PartFound, resource: LandingResource, owner: OwnerKey) -> None:
        """Its listeners become those that are wanted; what both have stays all the time."""
        part_entries.require_front(resource.name, resource.entries, self._front(found))
        there = dict(self._lines(found.id))
        rules = [one for one in _each(resource.properties["rules"]) if one["line"] not in there]
        wanted = frozenset(str(one["line"]) for one in _each(resource.properties["rules"]))
        for line, listener in there.items():
            if line not in wanted:
                self.change("DeleteListener", ListenerArn=listener)
        for rule in rules:
            self._listen(found.id, rule, owner)
        state = str(found.answer.get("State", {}).get("Code", ""))
        if state == "provisioning":
            state = str(self.look(found.id).get("State", {}).get("Code", ""))
        if state == "provisioning":
            raise TransientError(
                "load-balancer-not-ready",
                f"AWS is still making load balancer '{resource.name}'.",
                fix="No action needed: compleat retries.",
            )
        if state == "failed":
            raise CloudError(
                "load-balancer-failed",
                f"AWS could not make load balancer '{resource.name}'.",
                why=str(found.answer.get("State", {}).get("Reason", "")) or "AWS reports no reason.",
                fix=f"Delete it (`aws elbv2 delete-load-balancer --load-balancer-arn {found.id}`), then run the same "
                "command again.",
            )

    def entries(self, found: PartFound) -> tuple[str, ...]:
        return (*self._front(found), *(line for line, _ in self._lines(found.id)))

    def place(self, found: PartFound) -> InnerPlace:
        network = str(found.answer.get(_NETWORK, ""))
        zones = found.answer.get("AvailabilityZones", ())
        shown = (one for zone in zones for one in zone.get("LoadBalancerAddresses", ()))
        addresses = (str(one.get("PrivateIPv4Address", "")) for one in shown)
        return InnerPlace(network=network, address=next(addresses, "")) if network else InnerPlace()

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        return {f"{found.name}_load_balancer": found.id, f"{found.name}_host": str(found.answer.get("DNSName", ""))}

    def _in_network(self, found: PartFound) -> PartFound:
        """With the name of the network that its front is in, which the subnet's tags say; as it is, if it is public."""
        zones = found.answer.get("AvailabilityZones", ()) if found.answer.get("Scheme") == "internal" else ()
        if not zones:
            return found
        subnet = Subnets(self._api).look(str(zones[0]["SubnetId"]))
        name = resource_tags.read_tags(subnet.get("Tags", ())).get(names.NAME_TAG, "")
        return replace(found, answer={**found.answer, _NETWORK: name.rpartition("-z")[0]})

    def _front(self, found: PartFound) -> tuple[str, ...]:
        """A line, or none while AWS does not show its address."""
        if found.answer.get("Scheme") == "internal":
            place = self.place(found)
            line = part_entries.front_line(network=place.network, address=place.address)
            return (line,) if place.address else ()
        zones = found.answer.get("AvailabilityZones", ())
        shown = [one for zone in zones for one in zone.get("LoadBalancerAddresses", ())]
        held = {str(one.get("AllocationId")) for one in shown}
        listed = ElasticAddresses(self._api).find(found.owner.environment) if held else ()
        return tuple(part_entries.front_line(public_name=one.name) for one in listed if one.id in held)

    def _listen(self, balancer: str, rule: Mapping[str, Any], owner: OwnerKey) -> None:
        """A rule's listener, after its target group has the rule's probe."""
        group = BalancerTargets(self._api).need(str(rule["targets"]), owner.environment).id
        self.change("ModifyTargetGroup", TargetGroupArn=group, **balancer_layout.health_check(rule))
        tags = {names.NAME_TAG: str(rule["name"]), **({} if rule["is_probed"] else {_UNPROBED: "yes"})}
        tags |= {_OF_ONE: "yes"} if rule["is_of_one"] else {}
        answer = self.change(
            "CreateListener",
            LoadBalancerArn=balancer,
            Protocol=rule["protocol"],
            Port=rule["port"],
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
            Tags=resource_tags.aws_tags(tags),
        )
        if rule["protocol"] == "TCP":
            self.change(
                "ModifyListenerAttributes",
                ListenerArn=answer["Listeners"][0]["ListenerArn"],
                Attributes=[{"Key": _IDLE, "Value": str(rule["idle_s"])}],
            )

    def _lines(self, balancer: str) -> Iterator[tuple[str, str]]:
        """Each rule that it has, and its listener."""
        listeners = list(self._all("DescribeListeners", "Listeners", LoadBalancerArn=balancer))
        groups = self._groups([_group_of(one) for one in listeners])
        tags = self._tags([str(one["ListenerArn"]) for one in listeners])
        for listener in listeners:
            arn = str(listener["ListenerArn"])
            targets = groups.get(_group_of(listener))
            if targets is None:
                yield f"listener {arn}", arn  # of somebody else: it is replaced
                continue
            named = tags.get(arn, {})
            name, probed = named.get(names.NAME_TAG, ""), _UNPROBED not in named
            idle_s = self._idle_s(arn) if listener["Protocol"] == "TCP" else 240
            if _OF_ONE in named:
                yield balancer_layout.nat_line_of(name, listener, targets, idle_s=idle_s), arn
                continue
            yield balancer_layout.line_of(name, listener, targets, idle_s=idle_s, probed=probed), arn

    def _groups(self, arns: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Target groups by their ids; listeners of somebody else may have none."""
        wanted = sorted(set(arns) - {""})
        listed = self._all("DescribeTargetGroups", "TargetGroups", TargetGroupArns=wanted) if wanted else ()
        return {str(one["TargetGroupArn"]): one for one in listed}

    def _idle_s(self, listener: str) -> int:
        answer = self.ask("DescribeListenerAttributes", ListenerArn=listener)
        return next((int(one["Value"]) for one in answer["Attributes"] if one["Key"] == _IDLE), 0)


def _group_of(listener: Mapping[str, Any]) -> str:
    return str(listener["DefaultActions"][0].get("TargetGroupArn", ""))


def _each(value: Any) -> Iterator[Mapping[str, Any]]:
    yield from value
