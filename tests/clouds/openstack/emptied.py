"""One cloud for all tests of a suite: a user's project, emptied before each.

Takes a user, gives the connected cloud while it is open, and what a test is given of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from cpi.clouds.openstack.plugin import PLUGIN
from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.values import OwnerQuery
from tests.clouds.openstack import place
from tests.clouds.openstack.patience import patiently
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.support import disk_images

QUERY = OwnerQuery(environment=ENVIRONMENT)


@contextmanager
def connected_as(user: str) -> Iterator[ConnectedCloud]:
    """At the end it contains no resource of the tests."""
    settings = ConnectSettings(environment=ENVIRONMENT, state_dir="", properties=place.one_sector_settings(user))
    found = patiently(PLUGIN.connect(settings))
    _empty(found, user)
    yield found
    _empty(found, user)
    assert found.finder is not None
    for stemcell in found.finder.find_stemcells(QUERY):
        found.cloud.delete_stemcell(stemcell.cid)
    assert found.landing is not None
    for resource in reversed(found.landing.find_landing_resources(ENVIRONMENT)):
        found.landing.delete_landing_resource(resource.cid)


def subject_on(connected: ConnectedCloud, user: str) -> Subject:
    """The cloud with one network, one public address, one stemcell, and nothing else."""
    _empty(connected, user)
    return replace(
        prepare(connected),
        vm_properties={"instance_type": "m1.tiny"},
        landed_network="main-subnet",
        image=disk_images.write_raw,
        held=lambda: tuple(line for line in place.held(user) if line.startswith(("image", "volume", "snapshot"))),
    )


def _empty(connected: ConnectedCloud, user: str) -> None:
    cloud, finder = connected.cloud, connected.finder
    assert finder is not None
    for vm in finder.find_vms(QUERY):
        cloud.delete_vm(vm.created.cid)
    place.await_no_servers(user)
    for snapshot in finder.find_snapshots(QUERY):
        cloud.delete_snapshot(snapshot.cid)
    for disk in finder.find_disks(QUERY):
        cloud.delete_disk(disk.cid)
