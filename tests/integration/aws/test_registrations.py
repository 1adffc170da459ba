"""What leads to VMs on AWS beside EC2: classic load balancers and routes; target groups are in test_targets.py."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cpi.contract.errors import NotFoundError, TransientError
from cpi.contract.values import OwnerQuery, PreflightRequest, VmRequest
from tests.contract.cloud.clouds import CLOUDS
from tests.contract.cloud.subjects import ENVIRONMENT, Subject
from tests.support.aws import back, shared
from tests.support.aws.faults import Rule, Trouble

INSIDE = "10.77.0.0/16"


@pytest.fixture(name="subject")
def _subject(tmp_path: Path) -> Subject:
    return CLOUDS["aws"](tmp_path)


def test_a_vm_is_in_its_classic_balancers_once_and_leaves_them_before_it_ends(subject: Subject) -> None:
    for name in ("web", "other"):
        _make_balancer(subject, name)
    request = _request(subject, elbs=["web"])
    cid = subject.connected.cloud.create_vm(request).cid
    assert subject.connected.cloud.create_vm(request).cid == cid
    assert (_registered("web"), _registered("other")) == ([cid], [])
    shared.same_emulator().front.log.clear()
    subject.connected.cloud.delete_vm(cid)
    assert shared.same_emulator().calls()[-2:] == ["DeregisterInstancesFromLoadBalancer", "TerminateInstances"]
    assert _registered("web") == []
    subject.connected.cloud.delete_vm(cid)


def test_a_vm_that_does_not_run_yet_is_registered_when_it_does(subject: Subject) -> None:
    _make_balancer(subject, "web")
    request = _request(subject, elbs=["web"])
    shared.same_emulator().front.pending_reads = 3
    with pytest.raises(TransientError, match="not-ready-yet"):
        subject.connected.cloud.create_vm(request)
    shared.same_emulator().front.pending_reads = 0
    while back.instances()[0].state == "pending":
        subject.finder.find_vms(OwnerQuery(environment=ENVIRONMENT))
    created = subject.connected.cloud.create_vm(request)
    assert (_registered("web"), len(back.instances())) == ([created.cid], 1)


def test_a_balancer_that_is_gone_by_then_holds_nothing_up(subject: Subject) -> None:
    _make_balancer(subject, "web")
    cid = subject.connected.cloud.create_vm(_request(subject, elbs=["web"])).cid
    shared.usual_api().change("elb", "DeleteLoadBalancer", LoadBalancerName="web")
    subject.connected.cloud.delete_vm(cid)
    assert back.instances() == []


def test_a_route_leads_to_a_vm_while_it_lives(subject: Subject) -> None:
    table = _table()
    request = _request(subject, advertised_routes=[{"table_id": table, "destination": INSIDE}])
    cid = subject.connected.cloud.create_vm(request).cid
    subject.connected.cloud.create_vm(request)
    assert _route(table) == cid
    subject.connected.cloud.delete_vm(cid)
    assert _route(table) is None


def test_a_route_passes_to_the_vm_that_advertises_it_last_and_stays_there(subject: Subject) -> None:
    table = _table()
    routes = [{"table_id": table, "destination": INSIDE}]
    former = subject.connected.cloud.create_vm(_request(subject, advertised_routes=routes)).cid
    later = replace(_request(subject, advertised_routes=routes), name="web-1", owner=subject.owner("a2"))
    networks = (replace(later.networks[0], ip=str(later.networks[0].ip).rpartition(".")[0] + ".77"),)
    heir = subject.connected.cloud.create_vm(replace(later, networks=networks)).cid
    assert _route(table) == heir
    subject.connected.cloud.delete_vm(former)
    assert _route(table) == heir


def test_an_answer_that_is_lost_on_the_way_leaves_one_route(subject: Subject) -> None:
    table = _table()
    request = _request(subject, advertised_routes=[{"table_id": table, "destination": INSIDE}])
    shared.same_emulator().faults.add(Rule(action="CreateRoute", times=1, trouble=Trouble.LOST_AFTER))
    with pytest.raises(Exception, match="reply-lost"):
        subject.connected.cloud.create_vm(request)
    assert _route(table) == subject.connected.cloud.create_vm(request).cid


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ({"elbs": ["nowhere"]}, "unknown-load-balancer"),
        ({"advertised_routes": [{"table_id": "rtb-0123456789abcdef0", "destination": INSIDE}]}, "unknown-route-table"),
    ],
)
def test_what_is_not_there_is_told_beforehand_and_makes_nothing(
    subject: Subject, written: dict[str, Any], code: str
) -> None:
    request = _request(subject, **written)
    assert subject.connected.preflight is not None
    assert [one.code for one in subject.connected.preflight.preflight(PreflightRequest(vms=(request,)))] == [code]
    with pytest.raises(NotFoundError, match=code):
        subject.connected.cloud.create_vm(request)
    assert back.instances() == []


@pytest.mark.parametrize(
    ("written", "action"),
    [
        ({"elbs": ["web"]}, "elasticloadbalancing:DeregisterInstancesFromLoadBalancer"),
        ({"advertised_routes": True}, "ec2:ReplaceRoute"),
    ],
)
def test_what_may_not_be_done_is_told_beforehand(subject: Subject, written: dict[str, Any], action: str) -> None:
    _make_balancer(subject, "web")
    if "advertised_routes" in written:
        written = {"advertised_routes": [{"table_id": _table(), "destination": INSIDE}]}
    shared.same_emulator().account.denied.add(action)
    assert subject.connected.preflight is not None
    found = subject.connected.preflight.preflight(PreflightRequest(vms=(_request(subject, **written),)))
    assert [(one.code, action in one.what) for one in found] == [("permissions-missing", True)]


def _request(subject: Subject, **written: Any) -> VmRequest:
    return replace(subject.vm_request("a1"), cloud_properties={**subject.vm_properties, **written})


def _make_balancer(subject: Subject, name: str) -> None:
    subnet = next(one.id for one in back.subnets() if str(one.cidr_block).startswith("10.9."))
    listener = {"Protocol": "tcp", "LoadBalancerPort": 80, "InstancePort": 80}
    shared.usual_api().change(
        "elb", "CreateLoadBalancer", LoadBalancerName=name, Listeners=[listener], Subnets=[subnet]
    )


def _registered(name: str) -> list[str]:
    reported = shared.usual_api().read("elb", "DescribeLoadBalancers", LoadBalancerNames=[name])
    return [str(one["InstanceId"]) for one in reported["LoadBalancerDescriptions"][0]["Instances"]]


def _table() -> str:
    """A route table of the landing zone's VPC."""
    vpc = next(one.id for one in back.ec2().vpcs.values() if str(one.is_default).lower() != "true")
    return next(str(one.id) for one in back.ec2().route_tables.values() if one.vpc_id == vpc)


def _route(table: str) -> str | None:
    """The instance that the destination leads to."""
    reported = shared.usual_api().read("ec2", "DescribeRouteTables", RouteTableIds=[table])["RouteTables"][0]["Routes"]
    interface = next((one["NetworkInterfaceId"] for one in reported if one.get("DestinationCidrBlock") == INSIDE), None)
    holders = {nic.id: one.id for one in back.instances() for nic in one.nics.values()}
    return holders[interface] if interface else None
