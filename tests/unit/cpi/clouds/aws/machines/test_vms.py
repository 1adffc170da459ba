"""RunInstances as it is sent, and instances as they are read."""

import ipaddress
import json
from typing import Any

import pytest

from cpi.clouds.aws.images.images import MachineImage
from cpi.clouds.aws.machines import vms
from cpi.clouds.aws.machines.networks import AwsSubnet, Card
from cpi.clouds.aws.wire import names, resource_tags
from cpi.clouds.aws.wire.config import AwsConfig
from cpi.contract.errors import CloudError, NotSupportedError
from cpi.contract.values import JsonValue, NetworkKind, VmRequest, VmState
from cpi.kit.network_interfaces import Interface
from tests.unit.cpi import agents
from tests.unit.cpi.clouds.aws import requests

IMAGE = MachineImage(id="ami-1", name="debian", architecture="x86_64", root_device="/dev/xvda", root_gib=8)
SUBNET = AwsSubnet(
    id="subnet-1",
    network="default",
    cidr=ipaddress.IPv4Network("10.0.0.0/18"),
    zone="us-east-1a",
    vpc="vpc-1",
    free=100,
)


def written(request: VmRequest, config: AwsConfig | None = None) -> dict[str, Any]:
    properties = vms.read_vm_properties(request, config or requests.config())
    card = Card(interface=Interface(networks=request.networks[:1]), subnet=SUBNET, groups=("sg-1",))
    return vms.write_vm(
        request, vms.VmParts(properties=properties, image=IMAGE, cards=(card,)), config or requests.config()
    )


def test_a_vm_is_tagged_from_birth_encrypted_and_without_version_1_of_the_metadata_service() -> None:
    asked = written(requests.vm())
    tags = {each["ResourceType"]: resource_tags.read_tags(each["Tags"]) for each in asked["TagSpecifications"]}
    assert set(tags) == {"instance", "volume", "network-interface"}
    assert all(each["compleat-action"] == "r1/create_vm/web" for each in tags.values())
    assert (tags["instance"]["compleat-kind"], tags["volume"]["compleat-kind"]) == ("vm", "vm-disk")
    assert asked["MetadataOptions"]["HttpTokens"] == "required"
    assert asked["BlockDeviceMappings"] == [
        {
            "DeviceName": "/dev/xvda",
            "Ebs": {"VolumeSize": 8, "DeleteOnTermination": True, "VolumeType": "gp3", "Encrypted": True},
        }
    ]
    assert asked["NetworkInterfaces"] == [
        {
            "DeviceIndex": 0,
            "SubnetId": "subnet-1",
            "DeleteOnTermination": True,
            "Groups": ["sg-1"],
            "PrivateIpAddress": "10.0.0.10",
        }
    ]
    assert asked["UserData"].startswith("#!/bin/sh")


def test_the_token_follows_from_the_owner_alone_and_fits() -> None:
    first, again = written(requests.vm()), written(requests.vm(instance_type="t3.large"))
    assert first["ClientToken"] == again["ClientToken"]
    assert len(first["ClientToken"]) <= 64


def test_what_was_not_chosen_is_not_said() -> None:
    assert not {"KeyName", "IamInstanceProfile", "Placement", "InstanceMarketOptions"} & written(requests.vm()).keys()
    chosen = written(
        requests.vm(
            key_name="k",
            iam_instance_profile="p",
            tenancy="dedicated",
            spot_bid_price=0.25,
            root_disk={"size": 4096},
        )
    )
    assert (chosen["KeyName"], chosen["IamInstanceProfile"], chosen["Placement"]) == (
        "k",
        {"Name": "p"},
        {"Tenancy": "dedicated"},
    )
    assert chosen["InstanceMarketOptions"]["SpotOptions"]["MaxPrice"] == "0.25"
    assert [one["Ebs"]["VolumeSize"] for one in chosen["BlockDeviceMappings"]] == [8]


def test_a_vm_read_back_has_the_networks_it_was_given() -> None:
    vip = requests.network(name="public", kind=NetworkKind.VIP, ip="203.0.113.9", prefix=32, gateway="", dns=())
    wide = requests.network(cloud_properties={"subnet": "subnet-0123456789abcdef0", "security_groups": ["a" * 200]})
    request = requests.vm(wide, vip)
    asked = written(request)
    reported = {
        "InstanceId": "i-1",
        "State": {"Name": "running"},
        "Tags": asked["TagSpecifications"][0]["Tags"],
        "NetworkInterfaces": [
            {
                "PrivateIpAddress": "10.0.0.10",
                "Association": {"PublicIp": "203.0.113.9"},
                "Attachment": {"DeviceIndex": 0},
            }
        ],
        "BlockDeviceMappings": [
            {"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": "vol-1", "DeleteOnTermination": True}},
            {"DeviceName": "/dev/sdf", "Ebs": {"VolumeId": "vol-2", "DeleteOnTermination": False}},
        ],
    }
    found = vms.read_vm(reported)
    assert found is not None
    assert (found.created.networks, found.owner, found.disk_cids) == (request.networks, request.owner, ("vol-2",))
    assert (found.state, dict(found.tags)) == (VmState.RUNNING, {"job": "web"})
    unaddressed = vms.read_vm({**reported, "NetworkInterfaces": [{"PrivateIpAddress": "10.0.0.10"}]})
    assert unaddressed is not None and [one.name for one in unaddressed.created.networks] == ["default"]


@pytest.mark.parametrize("state", ["shutting-down", "terminated"])
def test_what_is_terminated_is_absent(state: str) -> None:
    assert vms.read_vm({"InstanceId": "i-1", "State": {"Name": state}, "Tags": []}) is None


def test_what_carries_no_owner_key_is_not_ours() -> None:
    assert (
        vms.read_vm({"InstanceId": "i-1", "State": {"Name": "running"}, "Tags": [{"Key": "a", "Value": "b"}]}) is None
    )


@pytest.mark.parametrize("tag", ["compleat-action", "compleat-kind", "compleat-networks-00"])
def test_nobody_overwrites_how_we_find_our_own(tag: str) -> None:
    with pytest.raises(CloudError) as raised:
        resource_tags.check_others({tag: "x"})
    assert raised.value.code == "tag-not-allowed"


def test_tags_that_aws_would_refuse_are_refused_and_long_ones_are_cut_as_bosh_cuts_them() -> None:
    assert resource_tags.aws_tags({"a" * 129: "b" * 257}) == [{"Key": "a" * 128, "Value": "b" * 256}]
    for tags, code in (({"aws:x": ""}, "tag-not-allowed"), ({str(n): "" for n in range(51)}, "too-many-tags")):
        with pytest.raises(CloudError) as raised:
            resource_tags.aws_tags(tags)
        assert raised.value.code == code


def test_a_property_that_is_known_and_not_supported_says_so() -> None:
    with pytest.raises(NotSupportedError) as raised:
        vms.read_vm_properties(requests.vm(raw_instance_storage=True), requests.config())
    assert raised.value.code == "property-not-supported"


def test_a_cid_that_can_be_none_is_not_asked_for() -> None:
    assert names.is_cid("i-0123456789abcdef0", "i")
    assert not any(names.is_cid(text, "i") for text in ("", "vm-1", "i-XYZ", "vol-0123456789abcdef0", "i-1'); drop"))


def test_a_bosh_agent_reads_its_settings_in_the_user_data_and_has_a_second_disk() -> None:
    asked = written(agents.with_agent(requests.vm()))
    disks: dict[str, JsonValue] = {"system": "/dev/xvda", "ephemeral": "/dev/sdb"}
    assert json.loads(asked["UserData"]) == {**agents.settings(disks), "dns": {"nameserver": ["10.0.0.2"]}}
    assert [(each["DeviceName"], each["Ebs"]["VolumeSize"]) for each in asked["BlockDeviceMappings"]] == [
        ("/dev/xvda", 8),
        ("/dev/sdb", 10),
    ]


def test_a_bosh_agent_may_have_its_data_on_the_root_disk() -> None:
    asked = written(agents.with_agent(requests.vm(ephemeral_disk={"use_root_disk": True})))
    assert json.loads(asked["UserData"])["disks"] == {"system": "/dev/xvda", "persistent": {}}
    assert [each["DeviceName"] for each in asked["BlockDeviceMappings"]] == ["/dev/xvda"]


def test_a_bosh_agent_s_ephemeral_disk_is_as_it_is_written() -> None:
    written_disk: dict[str, JsonValue] = {"size": 20480, "type": "gp2", "encrypted": False}
    root, ephemeral = written(agents.with_agent(requests.vm(ephemeral_disk=written_disk)))["BlockDeviceMappings"]
    assert (root["Ebs"]["VolumeSize"], root["Ebs"]["VolumeType"], root["Ebs"]["Encrypted"]) == (8, "gp3", True)
    assert ephemeral["Ebs"] == {"VolumeSize": 20, "DeleteOnTermination": True, "VolumeType": "gp2"}


def test_without_an_agent_the_ephemeral_disk_is_a_part_of_the_root_disk() -> None:
    part: dict[str, JsonValue] = {"size": 20480, "type": "io2", "iops": 500, "kms_key_arn": "arn:key"}
    (root,) = written(requests.vm(ephemeral_disk=part))["BlockDeviceMappings"]
    assert root["Ebs"] == {
        "VolumeSize": 28,
        "DeleteOnTermination": True,
        "VolumeType": "io2",
        "Iops": 500,
        "Encrypted": True,
        "KmsKeyId": "arn:key",
    }
    (root,) = written(requests.vm(ephemeral_disk={}, root_disk={"size": 12288, "type": "gp2"}))["BlockDeviceMappings"]
    assert (root["Ebs"]["VolumeSize"], root["Ebs"]["VolumeType"]) == (22, "gp2")


def test_a_bosh_agent_on_nitro_finds_the_instance_s_own_disk_as_its_second() -> None:
    asked = written(agents.with_agent(requests.vm(ephemeral_disk={"use_instance_storage": True})))
    disks: dict[str, JsonValue] = {"system": "/dev/xvda", "ephemeral": "/dev/nvme1n1", "persistent": {}}
    assert json.loads(asked["UserData"])["disks"] == disks
    assert [each["DeviceName"] for each in asked["BlockDeviceMappings"]] == ["/dev/xvda"]


def test_several_cards_are_refused_where_an_agent_could_not_tell_them_apart() -> None:
    several = requests.vm(requests.network(), requests.network(name="other", ip="10.0.64.10"))
    with pytest.raises(NotSupportedError, match="agent-cards-unknown"):
        vms.read_vm_properties(agents.with_agent(several), requests.config())
    public = requests.network(name="public", kind=NetworkKind.VIP, ip="203.0.113.5")
    assert vms.read_vm_properties(agents.with_agent(requests.vm(requests.network(), public)), requests.config())
    assert vms.read_vm_properties(several, requests.config())
