"""What the real AWS answered, read by our readers. The recordings are optional data beside the project."""

import json
from pathlib import Path
from typing import Any

import pytest

from cpi.clouds.aws.images import images
from cpi.clouds.aws.machines import attachments, disks, networks, vms
from cpi.clouds.aws.wire import permissions, refusals
from cpi.contract.errors import CloudError, ConflictError, NotFoundError
from cpi.contract.values import DiskCid
from cpi.kit.refusals import Call

FILE = Path(__file__).parents[6] / "shared/clouds/aws-recordings/responses.json"
RECORDED: list[dict[str, Any]] = json.loads(FILE.read_text())["responses"] if FILE.exists() else []
ERRORS = [one for one in RECORDED if one["status_code"] >= 400]

pytestmark = pytest.mark.skipif(not FILE.parent.exists(), reason="the recordings are not beside the project")


def answers(operation: str) -> list[dict[str, Any]]:
    found = [one["data"] for one in RECORDED if one["operation"] == operation and one["status_code"] == 200]
    assert found, f"no {operation} was recorded"
    return found


def test_there_are_as_many_as_the_page_says() -> None:
    assert (len(RECORDED), len(ERRORS)) == (50, 18)


@pytest.mark.parametrize("recorded", ERRORS, ids=lambda one: f"{one['operation']} {one['data']['Error']['Code']}")
def test_an_error_is_explained_with_awss_own_sentence(recorded: dict[str, Any]) -> None:
    reported, operation = recorded["data"]["Error"], recorded["operation"].partition(".")[2]
    is_changing = not operation.startswith("Describe")
    call = Call(name=operation, is_changing=is_changing)
    error = refusals.refusal_of(reported["Code"], reported["Message"], call, status=recorded["status_code"])
    expected: type[CloudError] = CloudError
    if reported["Code"].endswith(".NotFound"):
        expected = NotFoundError
    elif reported["Code"] in ("DependencyViolation", "OperationNotPermitted"):
        expected = ConflictError
    assert (type(error), reported["Message"].strip()[:50] in error.why) == (expected, True)
    assert error.retry.value == "never"


def test_instances_that_are_not_ours_are_left_alone_and_their_parts_are_read() -> None:
    for answer in answers("ec2.DescribeInstances"):
        for reported in (one for reservation in answer["Reservations"] for one in reservation["Instances"]):
            assert vms.read_vm(reported) is None
            assert vms.is_alive(reported) is (reported["State"]["Name"] in vms.LIVING)
            assert set(vms.used_devices(reported)) == {one["DeviceName"] for one in reported["BlockDeviceMappings"]}
            created = vms.read_created(reported)
            assert (created.cid, created.networks) == (reported["InstanceId"], ())


def test_an_instance_that_was_run_has_an_id_and_is_alive() -> None:
    (answer,) = answers("ec2.RunInstances")
    reported = answer["Instances"][0]
    assert vms.is_alive(reported)
    assert vms.launch_failure(reported, "x") is None


def test_a_new_volume_is_neither_held_nor_gone_and_not_ours() -> None:
    (reported,) = answers("ec2.CreateVolume")
    assert (disks.holder_of(reported), disks.is_gone(reported), disks.read_disk(reported)) == ("", False, None)
    attachments.refuse_shrinking(DiskCid(reported["VolumeId"]), reported, int(reported["Size"]))
    with pytest.raises(CloudError):
        attachments.refuse_shrinking(DiskCid(reported["VolumeId"]), reported, int(reported["Size"]) - 1)


def test_a_volume_that_is_let_go_of_says_so() -> None:
    (reported,) = answers("ec2.DetachVolume")
    held = {"Attachments": [reported]}
    assert disks.is_letting_go(held) is (reported["State"] == "detaching")


def test_images_subnets_and_snapshots_are_read() -> None:
    for answer in answers("ec2.DescribeImages"):
        for reported in answer["Images"]:
            image = images.read_image(reported)
            assert (image.id, image.root_device) == (reported["ImageId"], reported.get("RootDeviceName", "/dev/xvda"))
            assert image.root_gib > 0
    for answer in answers("ec2.DescribeSubnets"):
        for reported in answer["Subnets"]:
            subnet = networks.read_subnet(reported)
            assert (subnet.id, str(subnet.cidr), subnet.zone) == (
                reported["SubnetId"],
                reported["CidrBlock"],
                reported["AvailabilityZone"],
            )
    assert all(
        disks.read_snapshot(reported) is None
        for one in answers("ec2.DescribeSnapshots")
        for reported in one["Snapshots"]
    )


def test_who_we_are_is_read() -> None:
    (reported,) = answers("sts.GetCallerIdentity")
    assert permissions.policy_source(reported["Arn"]).startswith("arn:aws")
    role = permissions.policy_source("arn:aws:sts::123456789012:assumed-role/Admin/someone")
    assert role == "arn:aws:iam::123456789012:role/Admin"
