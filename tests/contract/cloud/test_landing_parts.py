"""What every cloud promises of the parts that templates add to a landing zone."""

from dataclasses import replace

import pytest

from cpi.contract.errors import CloudError, ConflictError, TransientError
from cpi.contract.landing_parts import (
    BalancerRuleSpec,
    JoinedParts,
    LoadBalancerSpec,
    NatGatewaySpec,
    NatRuleSpec,
    NetworkParts,
    RouteSpec,
    RouteTableSpec,
    SecurityGroupSpec,
    SecurityRuleSpec,
)
from cpi.contract.values import ENVIRONMENT_ITSELF, FoundLandingResource, LandingSpec, ManagedNetwork
from tests.contract.cloud.subjects import ENVIRONMENT, Subject
from tests.support.inbound_rules import OPERATOR, lets_in

POSTGRES = 5432
RULE = SecurityRuleSpec(
    name="db", priority=100, direction="inbound", access="allow", protocol="tcp", ports=(str(POSTGRES),)
)
DENIAL = replace(RULE, name="no", priority=120, access="deny")
SPEC = LandingSpec(
    networks={"main": "10.9.0.0/24", "data": "10.9.1.0/24"},
    public_names=("jumpbox",),
    network_parts={"data": NetworkParts(security_group="guard")},
    security_groups=(SecurityGroupSpec(name="guard", rules=(RULE,)),),
)
ALL = replace(
    SPEC,
    route_tables=(RouteTableSpec(name="ways", routes=(RouteSpec(name="a", prefix="10.8.0.0/16", next_hop="none"),)),),
    load_balancers=(LoadBalancerSpec(name="lb", public_name="jumpbox"),),
    network_parts={"data": NetworkParts(security_group="guard", route_table="ways")},
)


ROUTED = LandingSpec(
    networks={"main": "10.9.0.0/24"},
    public_names=("jumpbox", "way-out"),
    route_tables=(
        RouteTableSpec(name="ways", routes=(RouteSpec(name="a", prefix="10.8.0.0/16", next_hop="internet"),)),
    ),
    nat_gateways=(NatGatewaySpec(name="nat", addresses=("way-out",)),),
)


SSH = NatRuleSpec(name="ssh", protocol="tcp", port=2222, machine_port=22)
INSIDE = LoadBalancerSpec(
    name="inside",
    network="managed.made.a",
    address="10.77.0.191",
    rules=(BalancerRuleSpec(name="web", protocol="tcp", port=80, machine_port=8080),),
    nat_rules=(SSH,),
)
INNER = LandingSpec(
    networks={"main": "10.9.0.0/24"},
    public_names=("jumpbox",),
    created_networks={"managed.made.a": "10.77.0.0/24"},
    load_balancers=(INSIDE,),
)


def _land(subject: Subject, spec: LandingSpec) -> list[FoundLandingResource]:
    owner = subject.owner("parts", ENVIRONMENT_ITSELF)
    return [subject.landing.create_landing_resource(one, owner) for one in subject.landing.landing_resources(spec)]


def test_a_security_group_is_made_once_found_and_deleted_with_the_rest(subject: Subject) -> None:
    before = {one.cid for one in subject.landing.find_landing_resources(ENVIRONMENT)}
    made = {one.cid for one in _land(subject, SPEC)}
    assert {one.cid for one in _land(subject, SPEC)} == made
    found = subject.landing.find_landing_resources(ENVIRONMENT)
    guard = next(one for one in found if one.name == "guard")
    assert (guard.kind, guard.owner.environment) == ("security_group", ENVIRONMENT)
    assert guard.outputs["guard_security_group"]
    assert made | before == {one.cid for one in found}
    for one in reversed(found):
        subject.landing.delete_landing_resource(one.cid)
    assert subject.landing.find_landing_resources(ENVIRONMENT) == ()


def test_the_rules_of_a_group_become_those_that_are_wanted_and_no_other(subject: Subject) -> None:
    _land(subject, SPEC)
    web = replace(RULE, name="web", ports=("80", "8000-8100"), sources=("Internet", "10.9.0.0/24"))
    for rules in ((web,), (replace(web, protocol="*"), replace(RULE, priority=110)), ()):
        changed = replace(SPEC, security_groups=(SecurityGroupSpec(name="guard", rules=rules),))
        wanted = [one for one in subject.landing.landing_resources(changed) if one.name == "guard"]
        for resource in wanted:
            subject.landing.create_landing_resource(resource, subject.owner("other", ENVIRONMENT_ITSELF))
        found = subject.landing.find_landing_resources(ENVIRONMENT)
        assert [set(one.entries or ()) for one in wanted] == [set(one.entries) for one in found if one.name == "guard"]


def test_a_machine_that_joins_a_security_group_is_reached_as_its_rules_say(subject: Subject) -> None:
    if subject.inbound is None:
        pytest.skip("the cloud enforces no security groups")
    made = _land(subject, SPEC)
    request = subject.vm_request("db", last=10)
    joins = JoinedParts(network="data", security_group="guard", forwards=subject.connected.name != "openstack")
    joined = subject.landing.joined_properties(SPEC, joins)
    network = replace(request.networks[0], name="data", ip="10.9.1.10", gateway="10.9.1.1", cloud_properties={})
    properties = {**request.cloud_properties, **joined}
    cid = subject.connected.cloud.create_vm(replace(request, networks=(network,), cloud_properties=properties)).cid
    inbound = subject.inbound()["10.9.1.10"]
    assert lets_in(inbound, OPERATOR, POSTGRES)
    assert not lets_in(inbound, OPERATOR, 22)
    guard = next(one for one in made if one.name == "guard")
    with pytest.raises(ConflictError):
        subject.landing.delete_landing_resource(guard.cid)
    subject.connected.cloud.delete_vm(cid)


def test_a_network_that_is_created_later_has_the_ways_out_that_it_names_and_changes_them(subject: Subject) -> None:
    made = ManagedNetwork(name="managed.made.a", cidr="10.77.0.0/24")
    for parts in (NetworkParts(route_table="ways", nat_gateway="nat"), NetworkParts(), NetworkParts(nat_gateway="nat")):
        spec = replace(ROUTED, created_networks={made.name: made.cidr}, network_parts={made.name: parts})
        if any(one.finding.is_fatal for one in subject.landing.part_findings(spec)):
            with pytest.raises(CloudError, match="landing-part-refused"):
                subject.landing.managed_network(replace(made, parts=replace(parts, route_table="ways")))
            return
        _land(subject, spec)
        wanted = subject.landing.managed_network(replace(made, parts=parts))
        for resource in (*wanted, *wanted):
            subject.landing.create_landing_resource(resource, subject.owner("net", ENVIRONMENT_ITSELF))
        there = {(one.kind, one.name): one for one in subject.landing.find_landing_resources(ENVIRONMENT)}
        for resource in (*subject.landing.landing_resources(spec), *wanted):
            if resource.entries is not None:
                assert set(there[resource.kind, resource.name].entries) == set(resource.entries)
    unused = {
        one.path[-1] for one in subject.landing.part_findings(ROUTED) if one.finding.code == "landing-part-unused"
    }
    assert {"nat", "ways"} - unused <= {name for _, name in there}
    for one in reversed(subject.landing.find_landing_resources(ENVIRONMENT)):
        subject.landing.delete_landing_resource(one.cid)
        subject.landing.delete_landing_resource(one.cid)
    assert subject.landing.find_landing_resources(ENVIRONMENT) == ()


def test_a_balancer_inside_of_a_network_is_made_after_it_found_changed_and_deleted_before_it(subject: Subject) -> None:
    _land(subject, INNER)
    more = replace(SSH, name="web", port=2280, machine_port=80)
    fewer = replace(INNER, load_balancers=(replace(INSIDE, nat_rules=(more,)),))
    for spec in (INNER, INNER, fewer):
        _land(subject, spec)
        listed = subject.landing.find_landing_resources(ENVIRONMENT)
        there = {(one.kind, one.name): one for one in listed}
        for resource in subject.landing.landing_resources(spec):
            if resource.entries is not None:
                assert set(there[resource.kind, resource.name].entries) == set(resource.entries)
    place = there["load_balancer", "inside"].place
    assert (place.network, place.address) == ("managed.made.a", "10.77.0.191")
    *_, network = (one for one in listed if one.name.startswith("managed.made.a") and one.kind in ("network", "subnet"))
    with pytest.raises((ConflictError, TransientError)):
        subject.landing.delete_landing_resource(network.cid)
    moved = replace(INNER, load_balancers=(replace(INSIDE, address="10.77.0.190"),))
    with pytest.raises(CloudError, match="landing-part-refused"):
        _land(subject, moved)
    for one in reversed(listed):
        subject.landing.delete_landing_resource(one.cid)
    assert subject.landing.find_landing_resources(ENVIRONMENT) == ()


def test_what_a_cloud_cannot_express_is_refused_before_anything_is_made(subject: Subject) -> None:
    before = subject.landing.find_landing_resources(ENVIRONMENT)
    denying = replace(ALL, security_groups=(SecurityGroupSpec(name="guard", rules=(RULE, DENIAL)),))
    findings = subject.landing.part_findings(denying)
    refused = [one for one in findings if one.finding.is_fatal]
    assert {one.finding.code for one in refused} <= {"landing-part-refused"}
    if refused:
        with pytest.raises(CloudError, match="landing-part-refused"):
            subject.landing.landing_resources(denying)
        assert subject.landing.find_landing_resources(ENVIRONMENT) == before
        return
    _land(subject, denying)
    kinds = {one.kind for one in subject.landing.find_landing_resources(ENVIRONMENT)}
    unused = {one.path[0] for one in findings}
    assert {"route_table", "load_balancer", *(() if "security_groups" in unused else ("security_group",))} <= kinds
    assert {one.cid for one in _land(subject, denying)} <= {
        one.cid for one in subject.landing.find_landing_resources(ENVIRONMENT)
    }
    for one in reversed(subject.landing.find_landing_resources(ENVIRONMENT)):
        subject.landing.delete_landing_resource(one.cid)
    assert subject.landing.find_landing_resources(ENVIRONMENT) == ()
