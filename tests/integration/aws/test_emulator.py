"""The emulator's own promises: what moto lacks and our layer adds, asked by a bare SDK."""

import datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from cpi.clouds.aws.plugin import PLUGIN
from cpi.contract.values import PreflightRequest
from tests.contract.cloud.subjects import Subject
from tests.support.aws import shared
from tests.support.aws.emulator import Emulator
from tests.support.aws.observers import Nobody, Started
from tests.unit.cpi.clouds.aws import requests

IMAGE = "ami-0deb12a0000000001"


@pytest.fixture
def ec2(emulator: Emulator) -> Any:
    client = boto3.client(
        "ec2",
        endpoint_url=emulator.endpoint,
        region_name=emulator.region,
        aws_access_key_id=emulator.access_key,
        aws_secret_access_key=emulator.secret_key,
        config=Config(retries={"total_max_attempts": 1}),
    )
    yield client
    client.close()


@pytest.fixture
def subnet(ec2: Any) -> str:
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/24")["Vpc"]["VpcId"]
    made = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.0.0/28", AvailabilityZone="us-east-1a")
    return str(made["Subnet"]["SubnetId"])


def _run(ec2: Any, subnet: str, **more: Any) -> str:
    address = {"PrivateIpAddress": more.pop("ip")} if "ip" in more else {}
    card = {"DeviceIndex": 0, "SubnetId": subnet, "DeleteOnTermination": True, **address}
    plain = {"ImageId": IMAGE, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    return str(ec2.run_instances(**{**plain, "NetworkInterfaces": [card], **more})["Instances"][0]["InstanceId"])


def _code(call: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call()
    return str(raised.value.response["Error"]["Code"])


def test_a_client_token_gives_the_same_again_or_a_mismatch(ec2: Any, subnet: str) -> None:
    first = _run(ec2, subnet, ClientToken="t")
    assert _run(ec2, subnet, ClientToken="t") == first
    assert _code(lambda: _run(ec2, subnet, ClientToken="t", InstanceType="t3.small")) == "IdempotentParameterMismatch"


def test_addresses_are_checked(ec2: Any, subnet: str) -> None:
    _run(ec2, subnet, ip="10.1.0.5")
    assert _code(lambda: _run(ec2, subnet, ip="10.1.0.5")) == "InvalidIPAddress.InUse"
    for ip in ("10.1.0.3", "10.1.0.15", "10.9.9.9"):
        assert _code(lambda ip=ip: _run(ec2, subnet, ip=ip)) == "InvalidParameterValue"
    for _ in range(10):
        _run(ec2, subnet)
    assert _code(lambda: _run(ec2, subnet)) == "InsufficientFreeAddressesInSubnet"


def test_what_does_not_exist_is_refused(ec2: Any, subnet: str) -> None:
    assert _code(lambda: _run(ec2, subnet, ImageId="ami-00000000")) == "InvalidAMIID.NotFound"
    assert _code(lambda: _run(ec2, subnet, InstanceType="t3.huge")) == "InvalidParameterValue"
    assert _code(lambda: _run(ec2, subnet, KeyName="nobodys")) == "InvalidKeyPair.NotFound"
    tag = [{"Key": "a", "Value": "b"}]
    assert _code(lambda: ec2.create_tags(Resources=["i-0123456789abcdef0"], Tags=tag)) == "InvalidInstanceID.NotFound"


def test_a_dry_run_executes_nothing(ec2: Any, emulator: Emulator, subnet: str) -> None:
    before = emulator.inventory()
    assert _code(lambda: ec2.create_vpc(CidrBlock="10.2.0.0/16", DryRun=True)) == "DryRunOperation"
    emulator.account.denied.add("ec2:CreateVpc")
    assert _code(lambda: ec2.create_vpc(CidrBlock="10.2.0.0/16", DryRun=True)) == "UnauthorizedOperation"
    assert emulator.inventory() == before


def test_disks_attach_as_on_aws(ec2: Any, subnet: str) -> None:
    def volume(zone: str) -> str:
        return str(ec2.create_volume(AvailabilityZone=zone, Size=1)["VolumeId"])

    vm, disk, far = _run(ec2, subnet), volume("us-east-1a"), volume("us-east-1b")
    ec2.describe_instances()
    ec2.attach_volume(InstanceId=vm, VolumeId=disk, Device="/dev/sdf")
    attach = ec2.attach_volume
    assert _code(lambda: attach(InstanceId=vm, VolumeId=disk, Device="/dev/sdg")) == "VolumeInUse"
    assert _code(lambda: attach(InstanceId=vm, VolumeId=far, Device="/dev/sdg")) == "InvalidVolume.ZoneMismatch"
    near = volume("us-east-1a")
    assert _code(lambda: attach(InstanceId=vm, VolumeId=near, Device="/dev/sdf")) == "InvalidParameterValue"
    assert _code(lambda: ec2.delete_volume(VolumeId=disk)) == "VolumeInUse"


def test_what_is_used_is_not_deleted(ec2: Any, subnet: str) -> None:
    _run(ec2, subnet)
    assert _code(lambda: ec2.delete_subnet(SubnetId=subnet)) == "DependencyViolation"


def test_volumes_come_in_pages(ec2: Any) -> None:
    made = {ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"] for _ in range(12)}
    first = ec2.describe_volumes(MaxResults=5)
    second = ec2.describe_volumes(MaxResults=5, NextToken=first["NextToken"])
    third = ec2.describe_volumes(MaxResults=5, NextToken=second["NextToken"])
    listed = [[one["VolumeId"] for one in page["Volumes"]] for page in (first, second, third)]
    assert ([len(page) for page in listed], {cid for page in listed for cid in page}) == ([5, 5, 2], made)
    assert "NextToken" not in third


def test_vcpus_have_a_limit(ec2: Any, emulator: Emulator, subnet: str) -> None:
    emulator.account.limits["ec2/L-1216C47A"] = 3.0
    _run(ec2, subnet)
    assert _code(lambda: _run(ec2, subnet)) == "VcpuLimitExceeded"


class _Notes(Nobody):
    """Records its calls."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.started: list[Started] = []

    def instance_started(self, started: Started) -> None:
        self.started.append(started)
        self.notes.append("started")

    def instance_stopped(self, instance: str) -> None:
        self.notes.append("stopped")

    def instance_rebooted(self, instance: str) -> None:
        self.notes.append("rebooted")

    def instance_terminated(self, instance: str) -> None:
        self.notes.append("terminated")

    def address_associated(self, address: str, instance: str) -> None:
        self.notes.append(f"{address} on")

    def address_disassociated(self, address: str) -> None:
        self.notes.append(f"{address} off")

    def volume_attached(self, volume: str, instance: str, *, device: str) -> None:
        self.notes.append(f"attached {device}")

    def volume_detached(self, volume: str, instance: str) -> None:
        self.notes.append("detached")

    def console_of(self, instance: str) -> str | None:
        return "booted by its observer"

    def next_public_address(self) -> str:
        return "198.51.100.7"


def test_an_observer_is_told_what_happens_to_instances(landed: Subject, emulator: Emulator, ec2: Any) -> None:
    observer = _Notes()
    emulator.front.observer = observer
    try:
        cloud, power, console = landed.connected.cloud, landed.connected.power, landed.connected.console
        assert power is not None and console is not None
        vm, disk = cloud.create_vm(landed.vm_request("a1")).cid, cloud.create_disk(landed.disk_request("d1"))
        allocated = ec2.allocate_address(Domain="vpc")
        ec2.describe_instances()
        ec2.associate_address(InstanceId=vm, AllocationId=allocated["AllocationId"])
        cloud.attach_disk(vm, disk)
        cloud.detach_disk(vm, disk)
        cloud.reboot_vm(vm)
        assert console.console_log(vm) == "booted by its observer"
        power.stop_vm(vm)
        power.start_vm(vm)
        cloud.delete_vm(vm)
    finally:
        emulator.front.observer = Nobody()
    assert observer.notes == [
        "started",
        "198.51.100.7 on",
        "attached /dev/sdf",
        "detached",
        "rebooted",
        "stopped",
        "started",
        "198.51.100.7 off",
        "terminated",
    ]
    started = observer.started[0]
    assert [(one.address, one.cidr) for one in started.interfaces] == [("10.9.0.10", "10.9.0.0/26")]
    assert started.user_data.startswith(b"#!/bin/sh")
    assert started.tags["compleat-action"] == "a1"


def test_the_plugin_has_the_name_environments_write() -> None:
    assert PLUGIN.name == "aws"


def test_todays_prices_are_taken_where_they_can_be_had(emulator: Emulator) -> None:
    pricing = shared.connect(emulator, "env").pricing
    assert pricing is not None
    disks = (requests.disk(), requests.disk(type="st1"))
    wanted = PreflightRequest(vms=(requests.vm(), requests.vm(instance_type="m6i.large")), disks=disks)
    listed = pricing.price(wanted)
    assert not pricing.refresh(wanted)
    assert pricing.price(wanted) == listed
    emulator.account.prices.update({"t3.micro": "0.0200000000", "t3.large": "1", "gp3": "7.3000000000", "gp2": "1"})
    assert pricing.refresh(wanted)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    found = {price.what: (price.amount, price.as_of) for price in pricing.price(wanted)}
    assert found == {
        "t3.micro instance": ("0.02", today),
        "m6i.large instance": ("0.096", "2025-06-01"),
        "GiB of gp3 disk": ("0.17", today),  # the disk, and the 8 GiB that each VM starts from
        "GiB of st1 disk": ("0.00006", "2025-06-01"),
    }
    assert emulator.calls() == ["GetProducts"] * 5
