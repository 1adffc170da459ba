"""The contract suite through BOSH's protocol: `exec:` on one side, `compleat cpi` on the other, bytes between them.

What CPI v2 cannot say is left out by name, and what it says of it instead is tested here. With processes between
them the local cloud does the same (tests/integration/local).
"""

from dataclasses import replace
from pathlib import Path

import pytest

from cpi.clouds.external.cloud import ExternalCloud
from cpi.clouds.external.landing import ExternalLanding
from cpi.clouds.external.network_records import NetworkRecords
from cpi.contract.errors import CloudError
from cpi.contract.values import ManagedNetwork, NetworkKind, NetworkSettings, OwnerQuery, StemcellCid, VmState
from tests.contract.cloud.protocol import through_protocol
from tests.contract.cloud.subjects import ENVIRONMENT, Subject
from tests.contract.cloud.test_disks import *  # noqa: F403
from tests.contract.cloud.test_vms import *  # noqa: F403

# A conflict is a CloudError like any other there, and create_vm has one failure of its own for whatever it is.
del (
    test_a_disk_is_attached_to_one_vm_at_a_time,  # noqa: F821
    test_a_public_address_goes_to_one_vm_at_a_time,  # noqa: F821
    test_an_address_that_is_taken_is_a_conflict_and_makes_nothing,  # noqa: F821
    test_an_attached_disk_is_neither_deleted_nor_resized,  # noqa: F821
    test_an_unknown_stemcell_or_network_is_not_found,  # noqa: F821
)
# The host key does not cross, nor does a VM's name: the executable makes one of the agent's id.
del (
    test_a_name_that_is_no_host_name_is_refused,  # noqa: F821
    test_a_vm_has_the_address_it_was_asked_for_and_is_found_by_its_owner,  # noqa: F821
)


@pytest.fixture
def subject(subject: Subject, tmp_path: Path) -> Subject:
    """Every cloud of the suite: CPI v2 through the protocol; looking, landing and power by the cloud itself."""
    return through_protocol(subject, tmp_path)


def test_a_vm_has_its_address_and_the_owner_key_of_whoever_called(subject: Subject) -> None:
    request = subject.vm_request("a1")
    created = subject.connected.cloud.create_vm(request)
    (found,) = subject.finder.find_vms(OwnerQuery(environment=ENVIRONMENT, deployment="app"))
    assert [network.ip for network in created.networks] == [f"{subject.prefix}10"]
    assert (found.created.cid, found.created.networks) == (created.cid, created.networks)
    assert (found.owner, found.state) == (request.owner, VmState.RUNNING)


def test_what_the_cloud_refuses_of_a_vm_is_refused_and_makes_nothing(subject: Subject) -> None:
    cloud, request = subject.connected.cloud, subject.vm_request("a1")
    nowhere = replace(request.networks[0], name="nowhere", cloud_properties={"network": "nowhere"})
    for wrong in (replace(request, stemcell_cid=StemcellCid("none")), replace(request, networks=(nowhere,))):
        with pytest.raises(CloudError, match="create_vm"):
            cloud.create_vm(wrong)
    cloud.create_vm(request)
    with pytest.raises(CloudError, match="address-taken"):
        cloud.create_vm(subject.vm_request("a2"))
    assert len(subject.finder.find_vms(OwnerQuery(environment=ENVIRONMENT))) == 1


def test_a_network_is_created_once_holds_vms_and_is_deleted_whole(subject: Subject, tmp_path: Path) -> None:
    cloud = subject.connected.cloud
    assert isinstance(cloud, ExternalCloud)
    landing, before = ExternalLanding(cloud, NetworkRecords(tmp_path / "networks")), _parts(subject)
    (asked,) = landing.managed_network(ManagedNetwork(name="managed.made.a", cidr="10.77.0.0/24", gateway="10.77.0.1"))
    made = landing.create_landing_resource(asked, subject.owner("network"))
    parts = _parts(subject)
    again = cloud.create_network({"type": "manual", **asked.properties}, owner=subject.owner("network"))
    assert (again.cid, _parts(subject), len(parts) > len(before)) == (made.cid, parts, True)
    request = subject.vm_request("a1")
    on_it = replace(request.networks[0], ip="10.77.0.10", gateway="10.77.0.1", cloud_properties={"network": asked.name})
    created = cloud.create_vm(replace(request, networks=(on_it,)))
    (found,) = subject.finder.find_vms(OwnerQuery(environment=ENVIRONMENT))
    assert [network.ip for network in found.created.networks] == ["10.77.0.10"]
    cloud.delete_vm(created.cid)
    landing.delete_landing_resource(made.cid)
    cloud.delete_network(made.cid)
    assert _parts(subject) == before


def _parts(subject: Subject) -> set[tuple[str, str]]:
    return {(one.kind, one.cid) for one in subject.landing.find_landing_resources(ENVIRONMENT)}


def test_a_public_address_that_is_taken_is_refused(subject: Subject) -> None:
    landed = subject.landing.find_landing_resources(ENVIRONMENT)
    address = next(value for one in landed for key, value in one.outputs.items() if key == "jumpbox_public_ip")
    vip = NetworkSettings(name="public", kind=NetworkKind.VIP, ip=address)
    first, second = subject.vm_request("a1"), subject.vm_request("a2", last=11)
    created = subject.connected.cloud.create_vm(replace(first, networks=(*first.networks, vip)))
    assert address in {network.ip for network in created.networks}
    with pytest.raises(CloudError):
        subject.connected.cloud.create_vm(replace(second, networks=(*second.networks, vip)))


def test_an_attached_disk_is_kept_where_it_is(subject: Subject) -> None:
    cloud = subject.connected.cloud
    first, second = (cloud.create_vm(subject.vm_request(f"a{last}", last=last)).cid for last in (10, 11))
    disk = cloud.create_disk(subject.disk_request("d1", size_mib=64))
    cloud.attach_disk(first, disk)
    for refused in (
        lambda: cloud.attach_disk(second, disk),
        lambda: cloud.delete_disk(disk),
        lambda: cloud.resize_disk(disk, 128),
    ):
        with pytest.raises(CloudError):
            refused()
    assert (cloud.get_disks(first), cloud.get_disks(second), cloud.has_disk(disk)) == ((disk,), (), True)
