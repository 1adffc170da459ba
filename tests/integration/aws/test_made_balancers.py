"""Load balancers that templates add on AWS: whole after any interruption, beside those of others."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from cpi.contract.cloud import Landing
from cpi.contract.errors import ConflictError, DeniedError, LostReplyError, NotSupportedError, TransientError
from cpi.contract.landing_parts import BalancerRuleSpec, JoinedParts, LoadBalancerSpec, ProbeSpec, SecurityGroupSpec
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingSpec, OwnerKey, PreflightRequest
from tests.support.aws import back, shared
from tests.support.aws.emulator import Emulator
from tests.support.aws.faults import Rule, Trouble

OWNER = OwnerKey(environment="env", deployment=ENVIRONMENT_ITSELF, action="landing")
BALANCER = LoadBalancerSpec(
    name="web balancer of the long name",
    public_name="front",
    rules=(
        BalancerRuleSpec(name="http", protocol="tcp", port=80, machine_port=8080, probe="up"),
        BalancerRuleSpec(name="dns", protocol="udp", port=53, machine_port=53, probe="up"),
    ),
    probes=(ProbeSpec(name="up", protocol="http", port=8080, path="/up"),),
)
SPEC = LandingSpec(networks={"main": "10.9.0.0/24"}, public_names=("front",), load_balancers=(BALANCER,))


@pytest.fixture(name="emulator")
def _emulator() -> Iterator[Emulator]:
    emulator = shared.fresh_emulator()
    yield emulator
    emulator.faults.clear()
    emulator.account.denied.clear()


def _landing(emulator: Emulator, environment: str = "env") -> Landing:
    landing = shared.connect(emulator, environment).landing
    assert landing is not None
    return landing


def _land(landing: Landing, owner: OwnerKey = OWNER, spec: LandingSpec = SPEC) -> None:
    for resource in landing.landing_resources(spec):
        for _ in range(12):
            try:
                landing.create_landing_resource(resource, owner)
            except (LostReplyError, TransientError):
                continue
            break
        else:
            pytest.fail(f"{resource.name} was never done")


def _take_down(landing: Landing, environment: str = "env") -> None:
    for found in reversed(landing.find_landing_resources(environment)):
        landing.delete_landing_resource(found.cid)


def _state() -> list[tuple[str, int, str, str]]:
    """Each listener: its protocol, its port, its idle timeout, and the port of its machines."""
    backend = back.load_balancers()
    (balancer,) = backend.load_balancers.values()
    found = []
    for one in balancer.listeners.values():
        group = backend.target_groups[one.default_actions[0].data["TargetGroupArn"]]
        idle = one.attributes["tcp.idle_timeout.seconds"]
        found.append((str(one.protocol), int(one.port), str(idle), str(group.port)))
    return sorted(found)


@pytest.mark.parametrize("trouble", [Trouble.LOST_AFTER, Trouble.LOST_BEFORE])
@pytest.mark.parametrize(
    "operation", ["CreateTargetGroup", "CreateLoadBalancer", "CreateListener", "ModifyListenerAttributes"]
)
def test_a_balancer_is_whole_after_a_lost_answer(emulator: Emulator, operation: str, trouble: Trouble) -> None:
    landing = _landing(emulator)
    emulator.faults.add(Rule(action=operation, trouble=trouble))
    _land(landing)
    assert _state() == [("TCP", 80, "240", "8080"), ("UDP", 53, "350", "53")]
    _take_down(landing)
    assert emulator.inventory() == ()


def test_balancers_of_others_stay_and_one_with_the_name_is_reported(emulator: Emulator) -> None:
    own, theirs = _landing(emulator), _landing(emulator, "theirs")
    _land(own)
    _land(theirs, replace(OWNER, environment="theirs"))
    kept = {one.cid for one in theirs.find_landing_resources("theirs")}
    (balancer,) = (one for one in own.find_landing_resources("env") if one.kind == "load_balancer")
    backend = back.load_balancers()
    own_name = backend.load_balancers[balancer.cid.partition(":")[2]].name
    assert len(own_name) <= 32
    _take_down(own)
    assert {one.cid for one in theirs.find_landing_resources("theirs")} == kept
    assert len(backend.load_balancers) == 1
    again = replace(OWNER, action="again")
    _land(own, again)
    (arn,) = (arn for arn, one in backend.load_balancers.items() if one.name == own_name)
    backend.tagging_service.untag_resource_using_names(arn, ["compleat-environment"])
    assert not [one for one in own.find_landing_resources("env") if one.kind == "load_balancer"]
    with pytest.raises(ConflictError, match="name-taken"):
        _land(own, again)


def test_a_listing_asks_for_the_subnet_of_an_internal_balancer_once(emulator: Emulator) -> None:
    landing = _landing(emulator)
    inner = replace(SPEC, load_balancers=(LoadBalancerSpec(name="inner", network="main", address="10.9.0.50"),))
    counts = []
    for spec in (replace(SPEC, load_balancers=()), inner):
        _land(landing, spec=spec)
        before = emulator.calls().count("DescribeSubnets")
        found = landing.find_landing_resources("env")
        counts.append(emulator.calls().count("DescribeSubnets") - before)
    assert counts[1] == counts[0] + 1
    assert [one.place.address for one in found if one.kind == "load_balancer"] == ["10.9.0.50"]


def test_who_may_not_list_balancers_has_none_and_is_stopped_where_there_are_some(emulator: Emulator) -> None:
    landing = _landing(emulator)
    denied = {"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTargetGroups"}
    emulator.account.denied |= denied
    assert landing.find_landing_resources("env") == ()
    emulator.account.denied -= denied
    _land(landing)
    emulator.account.denied |= denied
    with pytest.raises(DeniedError):
        landing.find_landing_resources("env")


def test_what_it_takes_and_costs_is_in_the_plan(emulator: Emulator) -> None:
    connected = shared.connect(emulator, "env")
    assert connected.landing is not None
    assert connected.preflight is not None
    assert connected.pricing is not None
    request = PreflightRequest(landing=connected.landing.landing_resources(SPEC))
    assert [one.code for one in connected.preflight.preflight(request) if one.is_fatal] == []
    emulator.account.denied.add("elasticloadbalancing:CreateListener")
    found = [one for one in connected.preflight.preflight(request) if one.is_fatal]
    assert [one.code for one in found] == ["permissions-missing"]
    prices = {one.what: one.amount for one in connected.pricing.price(request)}
    assert prices["load balancer"] == "0.0225"


def test_machines_in_another_zone_and_a_group_of_its_name_are_refused(emulator: Emulator) -> None:
    landing = _landing(emulator)
    joined = JoinedParts(network="main", load_balancers=(BALANCER.name,))
    properties = landing.joined_properties(SPEC, joined)
    assert properties["security_groups"] == ["default", "public", f"{BALANCER.name}-probes"]
    with pytest.raises(NotSupportedError, match="landing-part-refused"):
        landing.joined_properties(SPEC, replace(joined, az_properties={"availability_zone": "us-east-1b"}))
    taken = replace(SPEC, security_groups=(SecurityGroupSpec(name=f"{BALANCER.name}-probes"),))
    assert [one.finding.code for one in landing.part_findings(taken)] == ["landing-part-invalid"]
