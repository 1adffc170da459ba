"""Load balancers of templates in a stand-in for Octavia: one change at a time, limits, failures, lost answers."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from cpi.clouds.openstack.connect import connect_cloud
from cpi.clouds.openstack.wire import config
from cpi.contract.cloud import ConnectedCloud, Landing
from cpi.contract.errors import CloudError, ConflictError, LostReplyError, NoCapacityError, Retry
from cpi.contract.landing_parts import (
    BalancerRuleSpec,
    JoinedParts,
    LoadBalancerSpec,
    NatRuleSpec,
    ProbeSpec,
    SecurityGroupSpec,
    SecurityRuleSpec,
)
from cpi.contract.long_running import Pending
from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    FoundLandingResource,
    JsonValue,
    LandingResource,
    LandingSpec,
    OwnerKey,
    PreflightRequest,
)
from tests.contract.cloud.subjects import ENVIRONMENT, Subject
from tests.support.openstack.glance import Glance

WEB = BalancerRuleSpec(name="web", protocol="tcp", port=80, machine_port=8080, probe="up")
DNS = BalancerRuleSpec(name="dns", protocol="udp", port=53, machine_port=5353)
SSH = NatRuleSpec(name="ssh", protocol="tcp", port=2222, machine_port=22)
UP = ProbeSpec(name="up", protocol="http", port=8081, path="/health", interval_s=5, unhealthy_after=3)
BALANCER = LoadBalancerSpec(name="lb", public_name="front", rules=(WEB, DNS), nat_rules=(SSH,), probes=(UP,))
SPEC = LandingSpec(networks={"main": "10.9.0.0/24"}, public_names=("jumpbox", "front"), load_balancers=(BALANCER,))
OWNER = OwnerKey(environment=ENVIRONMENT, deployment=ENVIRONMENT_ITSELF, action="setup")
JOINED = JoinedParts(network="main", load_balancers=("lb",), nat_rules=("lb/ssh",))
SERVED = 3


def _connect(place: Glance, **settings: JsonValue) -> ConnectedCloud:
    return connect_cloud(config.read_config({**place.settings(), **settings}), ENVIRONMENT)


def _landing(connected: ConnectedCloud) -> Landing:
    assert connected.landing is not None
    return connected.landing


def _patient(connected: ConnectedCloud, resource: LandingResource) -> FoundLandingResource:
    """As the engine does, without its pauses."""
    calls = connected.long_running
    assert calls is not None
    for _ in range(99):
        made = calls.create_landing_resource(resource, OWNER)
        if not isinstance(made, Pending):
            return made
        while calls.look(made.handle) is not None:
            continue
    raise AssertionError("it is never ready")


def _land(connected: ConnectedCloud, spec: LandingSpec = SPEC) -> list[FoundLandingResource]:
    return [_patient(connected, one) for one in _landing(connected).landing_resources(spec)]


def _lines(connected: ConnectedCloud) -> set[str]:
    found = _landing(connected).find_landing_resources(ENVIRONMENT)
    return {line for one in found if one.kind == "load_balancer" for line in one.entries}


def _wanted(connected: ConnectedCloud, spec: LandingSpec = SPEC) -> set[str]:
    resources = _landing(connected).landing_resources(spec)
    return {line for one in resources if one.kind == "load_balancer" for line in one.entries or ()}


def test_each_rule_has_a_listener_and_a_pool_of_its_own_and_no_change_comes_while_another_is_under_way(
    whole: Glance,
) -> None:
    whole.octavia.busy = 3
    connected = _connect(whole)
    _land(connected)
    octavia = whole.octavia
    (balancer,) = octavia.things["loadbalancers"].values()
    (floating,) = (one for one in whole.addresses.values() if one["port_id"])
    assert floating["port_id"] == balancer["vip_port_id"]
    places = {(one["name"], one["protocol"], one["protocol_port"]) for one in octavia.things["listeners"].values()}
    assert places == {("web", "TCP", 80), ("dns", "UDP", 53), ("ssh", "TCP", 2222)}
    assert len(octavia.things["pools"]) == SERVED
    (monitor,) = octavia.things["healthmonitors"].values()
    assert (monitor["type"], monitor["url_path"], monitor["delay"], monitor["timeout"]) == ("HTTP", "/health", 5, 4)
    assert (_lines(connected), octavia.refused) == (_wanted(connected), 0)
    calls = len(whole.calls)
    _land(connected)
    assert all(one.startswith("GET") for one in whole.calls[calls:])


@pytest.mark.parametrize("is_done", [True, False], ids=["after it was done", "before"])
def test_whatever_answer_is_lost_the_next_run_continues_and_makes_nothing_twice(whole: Glance, is_done: bool) -> None:
    connected, lost = _connect(whole), 0
    for cut in range(1, 90):
        whole.cut_at, whole.is_done = cut, is_done
        try:
            _land(connected)
        except CloudError as error:
            assert error.retry is not Retry.NEVER
            lost += isinstance(error, LostReplyError)
            continue
        break
    whole.cut_at = -1
    _land(connected)
    counts = {kind: len(listed) for kind, listed in whole.octavia.things.items()}
    assert counts == {"loadbalancers": 1, "listeners": 3, "pools": 3, "healthmonitors": 1, "members": 0}
    assert (_lines(connected), lost > 0) == (_wanted(connected), True)


def _changes() -> Iterator[LoadBalancerSpec]:
    yield replace(BALANCER, rules=(replace(WEB, port=53), replace(DNS, port=80)))
    yield replace(BALANCER, probes=(replace(UP, port=8082, interval_s=20),))
    yield replace(BALANCER, probes=(replace(UP, protocol="tcp", path=""),))
    yield replace(BALANCER, rules=(replace(WEB, probe="", idle_minutes=30), DNS))
    yield replace(BALANCER, rules=(), probes=())


def test_a_change_of_ports_timeouts_and_probes_keeps_the_members(subject: Subject, whole: Glance) -> None:
    connected = subject.connected
    _land(connected)
    properties = _landing(connected).joined_properties(SPEC, JOINED)
    request = subject.vm_request("behind", last=20)
    request = replace(request, cloud_properties={**request.cloud_properties, **properties})
    cid = connected.cloud.create_vm(request).cid
    for balancer in _changes():
        spec = replace(SPEC, load_balancers=(balancer,))
        _land(connected, spec)
        assert _lines(connected) == _wanted(connected, spec)
        ports = {one["protocol_port"]: one["monitor_port"] for one in whole.octavia.things["members"].values()}
        probed = balancer.probes[0].port if balancer.probes and balancer.rules[0].probe else None
        assert ports == ({8080: probed, 5353: None, 22: None} if balancer.rules else {22: None})
    connected.cloud.delete_vm(cid)
    assert whole.octavia.things["members"] == {}


def test_many_machines_join_one_balancer_while_it_is_busy(subject: Subject, whole: Glance) -> None:
    connected = subject.connected
    _land(connected)
    properties = _landing(connected).joined_properties(SPEC, JOINED)
    whole.octavia.busy = 2
    calls = connected.long_running
    assert calls is not None
    request = subject.vm_request("behind", last=20)
    request = replace(request, cloud_properties={**request.cloud_properties, **properties})
    pending = calls.create_vm(request)
    assert isinstance(pending, Pending)
    assert "load balancer" in pending.text
    while isinstance(pending, Pending):
        while calls.look(pending.handle) is not None:
            continue
        pending = calls.create_vm(request)
    gone = calls.delete_vm(pending.cid)
    assert gone is not None
    while gone is not None:
        while calls.look(gone.handle) is not None:
            continue
        gone = calls.delete_vm(pending.cid)
    left = [one for one in whole.octavia.things["members"].values() if one["provisioning_status"] != "PENDING_DELETE"]
    assert (left, whole.nova.servers) == ([], {})


def test_the_environments_sources_alone_reach_a_public_one(whole: Glance) -> None:
    connected = _connect(whole, public_sources=["198.51.100.0/24"])
    _land(connected)
    assert {tuple(one["allowed_cidrs"]) for one in whole.octavia.things["listeners"].values()} == {("198.51.100.0/24",)}
    assert "lets in 198.51.100.0/24" in _lines(connected) == _wanted(connected)
    everyone = _connect(whole)
    _land(everyone)
    assert {one["allowed_cidrs"] for one in whole.octavia.things["listeners"].values()} == {None}


def test_a_machine_whose_group_lets_in_less_than_the_balancer_is_refused(whole: Glance) -> None:
    landing = _landing(_connect(whole))
    rule = SecurityRuleSpec(name="a", priority=100, direction="inbound", access="allow", protocol="*")
    joined = replace(JOINED, security_group="guard")

    def ask(rule: SecurityRuleSpec) -> object:
        group = SecurityGroupSpec(name="guard", rules=(rule,))
        return landing.joined_properties(replace(SPEC, security_groups=(group,)), joined)

    assert ask(rule)
    for narrower in (replace(rule, ports=("8080",)), replace(rule, sources=("10.0.0.0/8",))):
        with pytest.raises(CloudError, match="landing-part-refused"):
            ask(narrower)


def test_one_that_failed_is_deleted_and_made_again_and_one_that_serves_is_left_to_its_operator(whole: Glance) -> None:
    whole.octavia.busy, whole.octavia.failing = 1, 1
    connected = _connect(whole)
    with pytest.raises(CloudError, match="load-balancer-failed"):
        _land(connected)
    whole.octavia.busy = 0
    _land(connected)
    (balancer,) = whole.octavia.things["loadbalancers"].values()
    balancer["provisioning_status"] = "ERROR"
    with pytest.raises(CloudError, match="load-balancer-failed") as caught:
        _land(connected)
    assert f"failover {balancer['id']}" in caught.value.fix
    _take_down(connected)
    assert whole.octavia.things["loadbalancers"] == {}


def _take_down(connected: ConnectedCloud) -> None:
    calls = connected.long_running
    assert calls is not None
    for one in reversed(_landing(connected).find_landing_resources(ENVIRONMENT)):
        while (pending := calls.delete_landing_resource(one.cid)) is not None:
            while calls.look(pending.handle) is not None:
                continue


def test_a_take_down_waits_for_octavia_and_leaves_nothing(whole: Glance) -> None:
    whole.octavia.busy = 2
    connected = _connect(whole)
    _land(connected)
    _take_down(connected)
    left = [one for things in (whole.octavia.things, whole.neutron.things) for one in things.values() if one]
    assert left == []


def test_without_octavia_it_is_refused_with_its_place_before_anything_is_made(whole: Glance) -> None:
    whole.services = tuple(one for one in whole.services if one != "load-balancer")
    connected = _connect(whole)
    (found,) = _landing(connected).part_findings(SPEC)
    assert (found.path, found.finding.code) == (("load_balancers", "lb"), "landing-part-refused")
    assert "no load-balancer service" in found.finding.why
    with pytest.raises(CloudError, match="landing-part-refused"):
        _landing(connected).landing_resources(SPEC)
    assert _landing(connected).find_landing_resources(ENVIRONMENT) == ()


def test_a_user_without_a_role_in_octavia_has_none_and_is_refused_one(whole: Glance) -> None:
    connected = _connect(whole)
    whole.octavia.has_role = False
    assert _landing(connected).find_landing_resources(ENVIRONMENT) == ()
    with pytest.raises(CloudError, match="not-authorized"):
        _land(connected)


@pytest.mark.parametrize("kind", ["loadbalancer", "listener", "pool", "healthmonitor", "member"])
def test_limits_of_octavia_are_found_before_and_said_by_the_call(subject: Subject, whole: Glance, kind: str) -> None:
    connected = subject.connected
    whole.octavia.quotas[kind] = 0
    resources = _landing(connected).landing_resources(SPEC)
    request = subject.vm_request("behind", last=20)
    properties = _landing(connected).joined_properties(SPEC, JOINED)
    vm = replace(request, cloud_properties={**request.cloud_properties, **properties})
    assert connected.preflight is not None
    found = connected.preflight.preflight(PreflightRequest(landing=resources, vms=(vm,)))
    (quota,) = (one for one in found if one.is_fatal)
    assert (quota.code, f"loadbalancer quota set --{kind}" in quota.fix) == ("quota-exceeded", True)
    with pytest.raises(NoCapacityError, match="quota-exceeded"):
        _land(connected)
        connected.cloud.create_vm(vm)


def test_a_public_address_that_something_else_has_is_not_taken_away(whole: Glance) -> None:
    connected = _connect(whole)
    resources = _landing(connected).landing_resources(SPEC)
    for one in resources:
        if one.kind != "load_balancer":
            _patient(connected, one)
    next(one for one in whole.addresses.values() if "compleat-name=front" in one["description"])["port_id"] = "other"
    with pytest.raises(ConflictError, match="address-taken"):
        _land(connected)


def test_what_octavia_does_not_express_has_its_place(whole: Glance) -> None:
    tls = replace(UP, name="tls", protocol="https")
    rules = (replace(DNS, probe="tls"), replace(WEB, name="any", protocol="*", port=0, machine_port=0, probe=""))
    balancer = replace(BALANCER, rules=rules, probes=(tls,), nat_rules=(replace(SSH, protocol="udp", idle_minutes=9),))
    group = SecurityGroupSpec(name="lb-members")
    spec = replace(SPEC, load_balancers=(balancer,), security_groups=(group,))
    found = [(one.path[-1], one.finding.code) for one in _landing(_connect(whole)).part_findings(spec)]
    assert sorted(found) == [
        ("any", "landing-part-refused"),
        ("dns", "landing-part-refused"),
        ("lb-members", "landing-part-invalid"),
        ("ssh", "landing-part-unused"),
    ]
