"""What every cloud promises of load balancers that templates add; one without them refuses before anything is made."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from cpi.contract.errors import CloudError
from cpi.contract.landing_parts import BalancerRuleSpec, JoinedParts, LoadBalancerSpec, ProbeSpec
from cpi.contract.values import ENVIRONMENT_ITSELF, FoundLandingResource, LandingSpec, PreflightRequest
from tests.contract.cloud.subjects import ENVIRONMENT, Subject

RULE = BalancerRuleSpec(name="http", protocol="tcp", port=80, machine_port=80, probe="up", idle_minutes=10)
TLS = BalancerRuleSpec(name="tls", protocol="tcp", port=443, machine_port=443)
PROBE = ProbeSpec(name="up", protocol="http", port=80, path="/health", interval_s=10, unhealthy_after=3)
BALANCER = LoadBalancerSpec(name="lb", public_name="front", rules=(RULE, TLS), probes=(PROBE,))
SPEC = LandingSpec(networks={"main": "10.9.0.0/24"}, public_names=("jumpbox", "front"), load_balancers=(BALANCER,))


@pytest.fixture(autouse=True)
def nothing_of_it(subject: Subject) -> Iterator[None]:
    """Clouds that several tests share are left as they were."""
    yield
    landing = subject.landing
    for one in reversed(landing.find_landing_resources(ENVIRONMENT)):
        if one.kind != "network" and one.name != "jumpbox" and one.name.startswith(("lb", "front", "own-lb")):
            landing.delete_landing_resource(one.cid)


def _land(subject: Subject, spec: LandingSpec) -> dict[str, FoundLandingResource]:
    owner = subject.owner("balancers", ENVIRONMENT_ITSELF)
    made = [subject.landing.create_landing_resource(one, owner) for one in subject.landing.landing_resources(spec)]
    return {f"{one.kind} {one.name}": one for one in made}


def _balancer(subject: Subject) -> FoundLandingResource:
    """The one that the cloud lists."""
    (found,) = (one for one in subject.landing.find_landing_resources(ENVIRONMENT) if one.kind == "load_balancer")
    return found


def test_a_balancer_is_made_once_found_with_its_rules_and_deleted_with_the_rest(subject: Subject) -> None:
    made = _land(subject, SPEC)
    assert {key: one.cid for key, one in _land(subject, SPEC).items()} == {key: one.cid for key, one in made.items()}
    found = _balancer(subject)
    assert (found.name, found.owner.environment, found.owner.action) == ("lb", ENVIRONMENT, "balancers")
    (wanted,) = (one for one in subject.landing.landing_resources(SPEC) if one.kind == "load_balancer")
    assert wanted.entries
    assert set(wanted.entries) == set(found.entries)
    listed = subject.landing.find_landing_resources(ENVIRONMENT)
    assert {one.cid for one in made.values()} <= {one.cid for one in listed}
    for one in reversed(listed):
        subject.landing.delete_landing_resource(one.cid)
        subject.landing.delete_landing_resource(one.cid)
    assert subject.landing.find_landing_resources(ENVIRONMENT) == ()


def test_the_rules_of_a_balancer_become_those_that_are_wanted_and_no_other(subject: Subject) -> None:
    _land(subject, SPEC)
    slower = replace(PROBE, interval_s=20, protocol="tcp", path="")
    for balancer in (
        replace(BALANCER, rules=(replace(RULE, port=81), replace(TLS, idle_minutes=5))),
        replace(BALANCER, rules=(replace(TLS, probe="up"), replace(RULE, machine_port=8443)), probes=(slower,)),
        replace(BALANCER, rules=(replace(RULE, name="web"),)),
        replace(BALANCER, rules=(), probes=()),
        BALANCER,
    ):
        changed = replace(SPEC, load_balancers=(balancer,))
        _land(subject, changed)
        (wanted,) = (one for one in subject.landing.landing_resources(changed) if one.kind == "load_balancer")
        assert set(_balancer(subject).entries) == set(wanted.entries or ())


def test_a_machine_behind_a_balancer_is_one_that_preflight_and_the_cloud_take(subject: Subject) -> None:
    joined = subject.landing.joined_properties(SPEC, JoinedParts(network="main", load_balancers=("lb",)))
    assert joined
    request = subject.vm_request("behind", last=20)
    request = replace(request, cloud_properties={**request.cloud_properties, **joined})
    assert subject.connected.preflight is not None
    asked = PreflightRequest(vms=(request,))
    before = [one.code for one in subject.connected.preflight.preflight(asked) if one.is_fatal]
    resources = subject.landing.landing_resources(SPEC)
    with_landing = replace(asked, landing=resources)
    found = [one for one in subject.connected.preflight.preflight(with_landing) if one.is_fatal]
    assert found == [], "what the plan makes itself is there"
    _land(subject, SPEC)
    assert [one for one in subject.connected.preflight.preflight(asked) if one.is_fatal] == []
    cid = subject.connected.cloud.create_vm(request).cid
    assert subject.connected.cloud.create_vm(request).cid == cid
    subject.connected.cloud.delete_vm(cid)
    assert before or subject.connected.name == "memory", "before, a VM behind it was refused"


def test_two_balancers_are_told_apart(subject: Subject) -> None:
    two = replace(
        SPEC,
        public_names=(*SPEC.public_names, "front-2"),
        load_balancers=(BALANCER, replace(BALANCER, name="lb-2", public_name="front-2", rules=(TLS,), probes=())),
    )
    made = _land(subject, two)
    subject.landing.delete_landing_resource(made["load_balancer lb-2"].cid)
    assert _balancer(subject).cid == made["load_balancer lb"].cid


@pytest.mark.parametrize(
    "rule", [replace(RULE, port=0), replace(RULE, idle_minutes=1), replace(RULE, probe="none")], ids=repr
)
def test_what_no_cloud_takes_makes_nothing(subject: Subject, rule: BalancerRuleSpec) -> None:
    before = subject.landing.find_landing_resources(ENVIRONMENT)
    with pytest.raises(CloudError, match="landing-part-"):
        _land(subject, replace(SPEC, load_balancers=(replace(BALANCER, rules=(rule,)),)))
    assert subject.landing.find_landing_resources(ENVIRONMENT) == before
