"""The environment's own tags are set on every resource when it is created, as an organization's policy requires."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.contract.cloud import ConnectSettings
from cpi.contract.errors import CloudError, DeniedError
from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    LandingSpec,
    NetworkKind,
    NetworkSettings,
    OwnerKey,
    PreflightRequest,
    StemcellRequest,
)
from cpi.plugins import find_plugin
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.support import disk_images
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.azure.tls import Certificates

TAGS = {"CostCenter": "4711", "owner": "platform team"}
UNTAGGED = "Microsoft.Network/virtualNetworks/subnets"
MADE = {
    *("Microsoft.Resources/resourceGroups", "Microsoft.Storage/storageAccounts"),
    *(f"Microsoft.Network/{kind}" for kind in ("networkSecurityGroups", "virtualNetworks", "publicIPAddresses")),
    *(f"Microsoft.Network/{kind}" for kind in ("natGateways", "networkInterfaces")),
    *(f"Microsoft.Compute/{kind}" for kind in ("virtualMachines", "disks", "images", "snapshots", "availabilitySets")),
}


@pytest.fixture(name="azure")
def _azure(tmp_path: Path, certificates: Certificates) -> Iterator[StandIn]:
    with azure_stand_in(tmp_path, certificates=certificates) as azure:
        azure.place.region.required_tags = tuple(TAGS)
        yield azure


def test_every_resource_bears_the_environment_s_tags_from_birth(azure: StandIn, tmp_path: Path) -> None:
    subject = prepare(find_plugin("azure").connect(_settings(azure, TAGS, has_nat_gateway=True)))
    _make_one_of_everything(subject, disk_images.write_vhd(tmp_path))
    tagged = [one for one in azure.place.store.inventory() if one["type"] != UNTAGGED]
    assert {one["type"] for one in tagged} == MADE
    assert [one["id"] for one in tagged if not TAGS.items() <= one["tags"].items()] == []


def test_a_tag_of_the_request_wins_over_the_environment_s_whatever_its_case(azure: StandIn) -> None:
    subject = prepare(find_plugin("azure").connect(_settings(azure, TAGS)))
    request = replace(subject.vm_request("a1"), tags={"OWNER": "team web", "deployment": "app"})
    properties = {**request.cloud_properties, "tags": {"deployment": "mine", "n": 5, "is": True, "nothing": None}}
    cid = subject.connected.cloud.create_vm(replace(request, cloud_properties=properties)).cid
    (vm,) = [one for one in azure.place.store.inventory() if one["name"] == cid]
    own = {name: value for name, value in vm["tags"].items() if not name.startswith("compleat-")}
    assert own == {"CostCenter": "4711", "OWNER": "team web", "deployment": "mine", "n": "5", "is": "true"}


def test_a_policy_that_wants_a_tag_is_named_before_anything_is_made(azure: StandIn) -> None:
    connected = find_plugin("azure").connect(_settings(azure, {"owner": "x"}))
    with pytest.raises(DeniedError) as caught:
        prepare(connected)
    assert caught.value.code == "policy-refused"
    assert "Policy 'Require a tag on resources'" in caught.value.why
    assert azure.place.store.inventory() == ()


@pytest.mark.parametrize(
    ("tags", "code", "words"),
    [
        ({"compleat-action": "x"}, "tag-name-reserved", "finds its resources by tags"),
        ({"a/b": "x", "Owner": "1", "owner": "2"}, "tags-invalid", "'a/b' contains one of the characters"),
        ({"a": "x" * 257}, "tags-invalid", "257 characters; 256"),
        ({"a" * 129: ""}, "tags-invalid", "129 characters; 1 to 128"),
        ({"azure-cost": ""}, "tags-invalid", "reserves"),
        ({str(n): "" for n in range(41)}, "tags-invalid", "41 tags exceed 40"),
    ],
)
def test_tags_that_azure_does_not_take_are_refused_when_connecting(
    azure: StandIn, tags: Mapping[str, str], code: str, words: str
) -> None:
    with pytest.raises(CloudError) as caught:
        find_plugin("azure").connect(_settings(azure, tags))
    assert (caught.value.code, words in caught.value.why) == (code, True)


def test_more_tags_than_a_vm_takes_are_found_beforehand(azure: StandIn) -> None:
    subject = prepare(find_plugin("azure").connect(_settings(azure, TAGS)))
    few, many = ({f"t{number}": "" for number in range(count)} for count in (45, 46))
    assert ["too-many-tags" in _found(subject, tags) for tags in (few, many)] == [False, True]


def _found(subject: Subject, tags: Mapping[str, str]) -> list[str]:
    assert subject.connected.preflight is not None
    request = PreflightRequest(vms=(replace(subject.vm_request("a"), tags=tags),))
    return [finding.code for finding in subject.connected.preflight.preflight(request)]


def _settings(azure: StandIn, tags: Mapping[str, str], **more: bool) -> ConnectSettings:
    return ConnectSettings(environment=ENVIRONMENT, state_dir="", properties=azure.settings(**more), tags=tags)


def _make_one_of_everything(subject: Subject, image: Path) -> None:
    cloud, owner = (
        subject.connected.cloud,
        OwnerKey(environment=ENVIRONMENT, deployment=ENVIRONMENT_ITSELF, action="nat"),
    )
    spec = LandingSpec(networks={"main": "10.9.0.0/24"}, public_names=("jumpbox",))
    found = [subject.landing.create_landing_resource(one, owner) for one in subject.landing.landing_resources(spec)]
    address = next(one.outputs["jumpbox_public_ip"] for one in found if one.name == "jumpbox")
    request = subject.vm_request("a1")
    public = NetworkSettings(name="public", kind=NetworkKind.VIP, ip=address)
    properties = {**request.cloud_properties, "availability_set": "together"}
    vm = cloud.create_vm(replace(request, networks=(*request.networks, public), cloud_properties=properties)).cid
    disk = cloud.create_disk(replace(subject.disk_request("d1"), vm_cid=vm))
    cloud.attach_disk(vm, disk)
    cloud.snapshot_disk(disk, subject.owner("s1"))
    sent = StemcellRequest(
        owner=subject.owner("image", ENVIRONMENT_ITSELF), os="debian", version="1", image_path=str(image)
    )
    cloud.create_stemcell(sent)
