"""What the memory cloud refuses beyond what every cloud does: its account's limits."""

from dataclasses import replace
from pathlib import Path

import pytest

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.connect import connect_cloud
from cpi.clouds.memory.plugin import PLUGIN
from cpi.clouds.memory.rules import Rules
from cpi.contract.cloud import ConnectSettings
from cpi.contract.errors import CloudError, ConflictError, NoCapacityError, NotFoundError
from cpi.contract.values import DiskCid, DiskRequest, PreflightRequest
from cpi.plugins import find_plugin
from tests.contract.cloud.subjects import Subject, prepare


def subject_with(rules: Rules) -> tuple[Subject, MemoryCloud]:
    cloud = MemoryCloud(rules)
    return prepare(connect_cloud(cloud)), cloud


def test_one_vm_more_than_the_quota_is_refused_with_the_numbers() -> None:
    subject, cloud = subject_with(Rules(max_vms=1))
    cloud.create_vm(subject.vm_request("a", last=10))
    with pytest.raises(NoCapacityError) as raised:
        cloud.create_vm(subject.vm_request("b", last=11))
    assert (raised.value.code, raised.value.what, raised.value.why) == (
        "quota-exceeded",
        "The quota for VMs does not allow 1 more.",
        "1 of 1 VMs are in use; 2 are needed.",
    )


def test_a_full_network_has_no_dynamic_address_left() -> None:
    cloud = MemoryCloud(Rules(networks={"tiny": "10.1.0.0/30"}))
    subject = Subject(connected=connect_cloud(cloud), stemcell=prepare(connect_cloud(cloud)).stemcell)
    request = subject.vm_request("a")
    open_network = replace(request.networks[0], ip=None, cloud_properties={"network": "tiny"})
    created = cloud.create_vm(replace(request, networks=(open_network,)))
    assert created.networks[0].ip == "10.1.0.2"
    with pytest.raises(NoCapacityError) as raised:
        cloud.create_vm(replace(subject.vm_request("b"), networks=(open_network,)))
    assert raised.value.code == "subnet-full"


def test_a_disk_is_attached_only_in_its_own_zone() -> None:
    subject, cloud = subject_with(Rules())
    vm = cloud.create_vm(replace(subject.vm_request("a"), cloud_properties={"zone": "z1"})).cid
    far = DiskRequest(owner=subject.owner("d"), size_mib=1, cloud_properties={"zone": "z2"})
    with pytest.raises(ConflictError) as raised:
        cloud.attach_disk(vm, cloud.create_disk(far))
    assert raised.value.code == "disk-in-other-zone"
    near = replace(far, owner=subject.owner("e"), vm_cid=vm)
    assert cloud.attach_disk(vm, cloud.create_disk(near))


def test_a_mounted_disk_is_not_detached() -> None:
    subject, cloud = subject_with(Rules())
    vm = cloud.create_vm(subject.vm_request("a")).cid
    disk = cloud.create_disk(DiskRequest(owner=subject.owner("d"), size_mib=1))
    cloud.attach_disk(vm, disk)
    cloud.set_mounted(disk, is_mounted=True)
    with pytest.raises(ConflictError) as raised:
        cloud.detach_disk(vm, disk)
    assert raised.value.code == "disk-mounted"


@pytest.mark.parametrize(
    ("tags", "code"),
    [({str(number): "x" for number in range(60)}, "too-many-tags"), ({"long": "x" * 300}, "tag-too-long")],
)
def test_tags_have_limits(tags: dict[str, str], code: str) -> None:
    subject, cloud = subject_with(Rules())
    with pytest.raises(CloudError) as raised:
        cloud.create_vm(replace(subject.vm_request("a"), tags=tags))
    assert raised.value.code == code


def test_an_unknown_instance_type_is_named_with_the_known_ones() -> None:
    subject, cloud = subject_with(Rules())
    with pytest.raises(NotFoundError) as raised:
        cloud.create_vm(replace(subject.vm_request("a"), cloud_properties={"instance_type": "huge"}))
    assert (raised.value.what, raised.value.why) == (
        "The memory cloud has no instance type 'huge'.",
        "It has large, medium, small.",
    )


def test_preflight_says_all_that_would_be_refused_and_makes_nothing() -> None:
    subject, cloud = subject_with(Rules(max_vms=1, max_disk_mib=100))
    before = cloud.inventory()
    assert subject.connected.preflight is not None
    vm = subject.vm_request("a")
    request = PreflightRequest(
        vms=(vm, replace(vm, cloud_properties={"instance_type": "huge"})),
        disks=(subject.disk_request("b", size_mib=64), subject.disk_request("c", size_mib=101)),
    )
    findings = subject.connected.preflight.preflight(request)
    assert [finding.code for finding in findings] == [
        "quota-exceeded",
        "disk-size-invalid",
        "unknown-instance-type",
        "address-taken",
    ]
    assert cloud.inventory() == before


def test_a_lost_vm_leaves_its_disks() -> None:
    subject, cloud = subject_with(Rules())
    vm = cloud.create_vm(subject.vm_request("a")).cid
    disk = cloud.create_disk(DiskRequest(owner=subject.owner("d"), size_mib=1))
    cloud.attach_disk(vm, disk)
    cloud.vanish_vm(vm)
    assert not cloud.has_vm(vm)
    assert [(found.cid, found.vm_cid) for found in cloud.inventory().disks] == [(DiskCid(disk), None)]


def test_the_plugin_is_found_by_name_and_refuses_unknown_properties(tmp_path: Path) -> None:
    assert find_plugin("memory") is PLUGIN
    settings = ConnectSettings(environment="e", state_dir=str(tmp_path), properties={"max_vms": 3, "max_vns": 4})
    with pytest.raises(CloudError) as raised:
        PLUGIN.connect(settings)
    assert raised.value.code == "cloud-config-invalid"
    assert "max_vns" in raised.value.why
    assert PLUGIN.connect(replace(settings, properties={"max_vms": 3})).finder is not None
