"""One cloud for all tests of a suite: a user's project, emptied before each.

Takes a user, gives the suite while it is open, and what each test is given of the cloud.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from cpi.clouds.openstack.plugin import PLUGIN
from cpi.contract.cloud import ConnectSettings
from cpi.contract.errors import TransientError
from cpi.contract.values import OwnerQuery
from tests.clouds.openstack import place
from tests.clouds.openstack.patience import patiently
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.support import disk_images

QUERY = OwnerQuery(environment=ENVIRONMENT)


class Suite:
    """One cloud for all tests of a suite.

    Only the suite changes what its environment has, so what must be made again before a test follows from the calls
    that the tests before it made.
    """

    def __init__(self, user: str) -> None:
        self._user = user
        self._called: set[str] = set()
        settings = ConnectSettings(environment=ENVIRONMENT, state_dir="", properties=place.one_sector_settings(user))
        self._at_once = PLUGIN.connect(settings).cloud
        self.connected = patiently(PLUGIN.connect(settings), called=self._called)
        self._subject: Subject | None = None

    def subject(self) -> Subject:
        """The cloud with one network, one public address, one stemcell, and nothing else."""
        self.empty()
        if self._subject is None or self._called & {"delete_landing_resource", "delete_stemcell"}:
            self._subject = self._prepare()
        self._called.clear()
        return self._subject

    def empty(self) -> None:
        """Without VMs, disks and snapshots. Nova deletes all servers together; each is waited for afterwards."""
        cloud, finder = self.connected.cloud, self.connected.finder
        assert finder is not None
        cids = [vm.created.cid for vm in finder.find_vms(QUERY)]
        for cid in cids:
            with contextlib.suppress(TransientError):
                self._at_once.delete_vm(cid)
        for cid in cids:
            cloud.delete_vm(cid)
        place.await_no_servers(self._user)
        for snapshot in finder.find_snapshots(QUERY):
            cloud.delete_snapshot(snapshot.cid)
        for disk in finder.find_disks(QUERY):
            cloud.delete_disk(disk.cid)
        place.await_no_volumes(self._user)

    def _prepare(self) -> Subject:
        return replace(
            prepare(self.connected),
            vm_properties={"instance_type": "m1.tiny"},
            landed_network="main-subnet",
            image=disk_images.write_raw,
            held=lambda: tuple(place.held(self._user, "image", "snapshot", "volume")),
        )


@contextlib.contextmanager
def suite_of(user: str) -> Iterator[Suite]:
    """At the end the user's project contains no resource of the tests."""
    suite = Suite(user)
    suite.empty()
    yield suite
    suite.empty()
    found = suite.connected
    assert found.finder is not None
    for stemcell in found.finder.find_stemcells(QUERY):
        found.cloud.delete_stemcell(stemcell.cid)
    assert found.landing is not None
    for resource in reversed(found.landing.find_landing_resources(ENVIRONMENT)):
        found.landing.delete_landing_resource(resource.cid)
