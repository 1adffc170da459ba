"""VMs in the target groups of load balancers on AWS."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.contract.errors import NotFoundError, TransientError
from cpi.contract.values import OwnerQuery, PreflightRequest, VmRequest
from tests.contract.cloud.clouds import CLOUDS
from tests.contract.cloud.subjects import ENVIRONMENT, Subject
from tests.support.aws import back, shared


@pytest.fixture(name="subject")
def _subject(tmp_path: Path) -> Subject:
    return CLOUDS["aws"](tmp_path)


def test_a_vm_is_registered_in_its_target_groups_once(subject: Subject) -> None:
    groups = [_make_group(name) for name in ("web", "admin")]
    request = _request(subject, ["web", "admin"])
    cid = subject.connected.cloud.create_vm(request).cid
    assert subject.connected.cloud.create_vm(request).cid == cid
    assert [_targets(group) for group in groups] == [[cid], [cid]]


def test_a_vm_that_does_not_run_yet_is_registered_when_it_does(subject: Subject) -> None:
    group, request = _make_group("web"), _request(subject, ["web"])
    shared.same_emulator().front.pending_reads = 3
    with pytest.raises(TransientError, match="not-ready-yet"):
        subject.connected.cloud.create_vm(request)
    shared.same_emulator().front.pending_reads = 0
    while back.instances()[0].state == "pending":
        subject.finder.find_vms(OwnerQuery(environment=ENVIRONMENT))
    created = subject.connected.cloud.create_vm(request)
    assert (_targets(group), len(back.instances())) == ([created.cid], 1)


def test_a_group_that_is_not_there_is_told_beforehand_and_makes_nothing(subject: Subject) -> None:
    request = _request(subject, ["nowhere"])
    assert subject.connected.preflight is not None
    found = subject.connected.preflight.preflight(PreflightRequest(vms=(request,)))
    assert [(one.code, "'nowhere'" in one.what) for one in found] == [("unknown-target-group", True)]
    with pytest.raises(NotFoundError, match="unknown-target-group"):
        subject.connected.cloud.create_vm(request)
    assert back.instances() == []


def test_a_user_who_may_not_register_is_told_beforehand(subject: Subject) -> None:
    _make_group("web")
    shared.same_emulator().account.denied.add("elasticloadbalancing:RegisterTargets")
    assert subject.connected.preflight is not None
    found = subject.connected.preflight.preflight(PreflightRequest(vms=(_request(subject, ["web"]),)))
    assert [one.code for one in found] == ["permissions-missing"]


def _request(subject: Subject, groups: Sequence[str]) -> VmRequest:
    properties = {**subject.vm_properties, "lb_target_groups": list(groups)}
    return replace(subject.vm_request("a1"), cloud_properties=properties)


def _make_group(name: str) -> str:
    vpc = next(one.id for one in back.ec2().vpcs.values() if str(one.is_default).lower() != "true")
    asked = {"Name": name, "Protocol": "TCP", "Port": 80, "VpcId": vpc}
    made = shared.usual_api().change("elbv2", "CreateTargetGroup", **asked)
    return str(made["TargetGroups"][0]["TargetGroupArn"])


def _targets(group: str) -> list[str]:
    reported = shared.usual_api().read("elbv2", "DescribeTargetHealth", TargetGroupArn=group)
    return [str(one["Target"]["Id"]) for one in reported["TargetHealthDescriptions"]]
