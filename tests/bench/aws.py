"""What the AWS plugin costs above the emulator's own floor: 200 instances created, tagged and found.

Takes nothing, gives figures. The floor is the same calls with bare boto3 against the same emulator, in the
same run; times are of the processor, for both sides are in this process and the machine has other work, too.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from cpi.contract.values import OwnerQuery
from tests.bench import aws_vms
from tests.bench.figures import Figure
from tests.support.aws.emulator import Emulator


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ran:
    """How long creating, tagging and finding took, and how many calls that was."""

    create_s: float
    tag_s: float
    find_s: float
    calls: int

    @property
    def total_s(self) -> float:
        return self.create_s + self.tag_s + self.find_s


def figures(_home: Path) -> Iterable[Figure]:
    """Ratio to the floor, calls an instance, peak memory of plugin, SDK and emulator together."""
    emulator = Emulator()
    try:
        _floor(emulator)  # moto reads its data at the first calls
        floor, ours = _floor(emulator), _ours(emulator)
        peak_mib = _peak_mib(emulator)
    finally:
        emulator.stop()
    yield Figure(name="aws: 200 instances, the emulator's floor", value=floor.total_s, unit="s")
    yield Figure(name="aws: 200 instances through the plugin", value=ours.total_s, unit="s")
    yield Figure(
        name="aws: plugin / floor",
        value=ours.total_s / floor.total_s,
        unit="",
        target=2.5,
        note=f"create {ours.create_s / floor.create_s:.2f}, tag {ours.tag_s / floor.tag_s:.2f}, "
        f"find {ours.find_s / floor.find_s:.2f}",
    )
    yield Figure(
        name="aws: calls an instance, created and tagged",
        value=ours.calls / aws_vms.COUNT,
        unit="",
        target=2 * 1.2,
        note="the least is 2",
    )
    yield Figure(name="aws: peak memory of a process with the plugin", value=peak_mib, unit="MiB", target=250)


def _peak_mib(emulator: Emulator) -> float:
    """Of a process of its own, that does the same with this emulator."""
    emulator.reset()
    settings = json.dumps(emulator.settings(bucket=False))
    words = [sys.executable, "-m", "tests.bench.aws_vms"]
    ran = subprocess.run(words, input=settings, capture_output=True, text=True, check=True)
    return float(ran.stdout)


def _floor(emulator: Emulator) -> _Ran:
    emulator.reset()
    client = boto3.client(
        "ec2",
        endpoint_url=emulator.endpoint,
        region_name=emulator.region,
        aws_access_key_id=emulator.access_key,
        aws_secret_access_key=emulator.secret_key,
        config=Config(retries={"total_max_attempts": 1}),
    )
    vpc = client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = client.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/18", AvailabilityZone="us-east-1a")
    subnet, tags = made["Subnet"]["SubnetId"], [{"Key": f"tag-{n}", "Value": "value"} for n in range(8)]
    emulator.front.log.clear()
    began = time.process_time()
    cids = [_run(client, subnet, number, tags) for number in range(aws_vms.COUNT)]
    created = time.process_time()
    for cid in cids:
        client.create_tags(Resources=[cid], Tags=[{"Key": "index", "Value": "1"}])
    tagged = time.process_time()
    named: Any = [{"Name": "tag:tag-0", "Values": ["value"]}]
    found = client.describe_instances(Filters=named, MaxResults=1000)["Reservations"]
    ended = time.process_time()
    assert len(found) == aws_vms.COUNT
    return _Ran(
        create_s=created - began, tag_s=tagged - created, find_s=ended - tagged, calls=len(emulator.front.log) - 1
    )


def _run(client: Any, subnet: str, number: int, tags: list[dict[str, str]]) -> str:
    card = {
        "DeviceIndex": 0,
        "SubnetId": subnet,
        "PrivateIpAddress": aws_vms.address(number),
        "DeleteOnTermination": True,
    }
    reported = client.run_instances(
        ImageId="ami-0deb12a0000000001",
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        NetworkInterfaces=[card],
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}, {"ResourceType": "volume", "Tags": tags}],
    )
    return str(reported["Instances"][0]["InstanceId"])


def _ours(emulator: Emulator) -> _Ran:
    emulator.reset()
    connected, stemcell = aws_vms.landed(emulator.settings(bucket=False))
    assert connected.finder is not None
    emulator.front.log.clear()
    began = time.process_time()
    cids = aws_vms.create(connected, stemcell)
    created = time.process_time()
    aws_vms.tag(connected, cids)
    tagged = time.process_time()
    calls = len(emulator.front.log)
    found = connected.finder.find_vms(OwnerQuery(environment=aws_vms.ENVIRONMENT))
    ended = time.process_time()
    assert len(found) == aws_vms.COUNT
    return _Ran(create_s=created - began, tag_s=tagged - created, find_s=ended - tagged, calls=calls)
