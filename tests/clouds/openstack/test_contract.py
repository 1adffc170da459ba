"""The contract suite of clouds, on a real OpenStack: the same tests, one cloud for all, emptied before each."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.cloud import ConnectedCloud, ConnectSettings
from cpi.openstack import layout, names
from cpi.openstack.plugin import PLUGIN
from cpi.values import FoundLandingResource, JsonValue, OwnerQuery
from tests.clouds.openstack import place
from tests.clouds.openstack.patience import patiently
from tests.contract.cloud.clouds import ENVIRONMENT, Subject, prepare
from tests.contract.cloud.protocol import through_protocol
from tests.contract.cloud.test_disks import *  # noqa: F403
from tests.contract.cloud.test_heavy_stemcells import test_an_image_is_sent_used_and_deleted_without_a_rest  # noqa: F401
from tests.contract.cloud.test_landing import *  # noqa: F403
from tests.contract.cloud.test_storage import *  # noqa: F403
from tests.contract.cloud.test_vms import *  # noqa: F403
from tests.support import disk_images

_QUERY = OwnerQuery(environment=ENVIRONMENT)


@pytest.fixture(scope="module")
def connected() -> Iterator[ConnectedCloud]:
    """The cloud all of these tests run on, and at the end nothing in it."""
    settings = ConnectSettings(environment=ENVIRONMENT, state_dir="", properties=place.settings())
    found = patiently(PLUGIN.connect(settings))
    _empty(found)
    yield found
    _empty(found)
    assert found.finder is not None
    for stemcell in found.finder.find_stemcells(_QUERY):
        found.cloud.delete_stemcell(stemcell.cid)
    assert found.landing is not None
    for resource in reversed(found.landing.find_landing_resources(ENVIRONMENT)):
        found.landing.delete_landing_resource(resource.cid)


@pytest.fixture
def subject(connected: ConnectedCloud) -> Subject:
    """The cloud with one network, one public address, one stemcell, and nothing else."""
    _empty(connected)
    prepared = prepare(connected)
    return replace(
        prepared,
        vm_properties={"instance_type": "m1.tiny"},
        landed_network="main-subnet",
        image=disk_images.write_raw,
        held=lambda: tuple(line for line in place.held() if line.startswith(("image", "volume", "snapshot"))),
    )


def test_a_port_that_never_got_a_server_does_not_hold_its_group(subject: Subject) -> None:
    """A birth that was cut short between the two leaves one, and `down` finds no VM that would take it away."""
    landed = subject.landing.find_landing_resources(ENVIRONMENT)
    (network,) = [one for one in landed if one.kind == layout.NETWORK]
    group = next(one for one in landed if one.kind == layout.GROUP)
    note = names.write_note(subject.owner("cut-short"))
    place.make_port(network=_id_of(network), group=_id_of(group), description=note)
    subject.landing.delete_landing_resource(group.cid)
    assert [line for line in place.held() if line.startswith(("port", "group")) and "cut-short" in line] == []
    assert group not in subject.landing.find_landing_resources(ENVIRONMENT)


def test_a_vm_that_boots_from_a_volume_takes_it_along_even_while_it_is_built(subject: Subject) -> None:
    cloud = subject.connected.cloud
    properties: dict[str, JsonValue] = {"instance_type": "m1.tiny", "root_disk": {"size": 3}}
    vm = cloud.create_vm(replace(subject.vm_request("a1"), cloud_properties=properties)).cid
    place.await_some("volume")
    cloud.delete_vm(vm)
    assert place.await_none("volume") == []


def test_the_executable_does_the_same(subject: Subject, tmp_path: Path) -> None:
    cloud = through_protocol(subject, tmp_path).connected.cloud
    vm = cloud.create_vm(subject.vm_request("a1")).cid
    disk = cloud.create_disk(subject.disk_request("d1"))
    cloud.attach_disk(vm, disk)
    assert (cloud.has_vm(vm), cloud.has_disk(disk), cloud.get_disks(vm)) == (True, True, (disk,))
    cloud.detach_disk(vm, disk)
    cloud.delete_vm(vm)
    assert (cloud.has_vm(vm), cloud.has_disk(disk), subject.finder.find_vms(_QUERY)) == (False, True, ())


def _id_of(resource: FoundLandingResource) -> str:
    return resource.cid.partition(":")[2]


def _empty(connected: ConnectedCloud) -> None:
    cloud, finder = connected.cloud, connected.finder
    assert finder is not None
    for vm in finder.find_vms(_QUERY):
        cloud.delete_vm(vm.created.cid)
    place.await_no_servers()
    for snapshot in finder.find_snapshots(_QUERY):
        cloud.delete_snapshot(snapshot.cid)
    for disk in finder.find_disks(_QUERY):
        cloud.delete_disk(disk.cid)
