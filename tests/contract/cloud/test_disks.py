"""What every cloud promises of disks and snapshots."""

import pytest

from cpi.contract.errors import CloudError, ConflictError, NotFoundError, NotSupportedError
from cpi.contract.values import DiskCid, DiskRequest, FoundDisk, OwnerQuery, SnapshotCid, VmCid
from tests.contract.cloud.subjects import ENVIRONMENT, Subject

NO_DISK = DiskCid("disk-that-never-was")


def test_a_disk_is_there_once_for_its_owner_and_found(subject: Subject) -> None:
    cid = _disk(subject, "d1")
    assert _disk(subject, "d1") == cid
    assert subject.connected.cloud.has_disk(cid)
    assert [(disk.cid, disk.owner, disk.size_mib, disk.vm_cid) for disk in _all_disks(subject)] == [
        (cid, subject.owner("d1"), 1024, None)
    ]


def test_a_disk_without_size_is_refused(subject: Subject) -> None:
    with pytest.raises(CloudError):
        subject.connected.cloud.create_disk(DiskRequest(owner=subject.owner("d1"), size_mib=0))
    assert _all_disks(subject) == ()


def test_an_attached_disk_says_where_it_is(subject: Subject) -> None:
    cloud, vm, disk = subject.connected.cloud, _vm(subject, 10), _disk(subject, "d1")
    hint = cloud.attach_disk(vm, disk)
    assert hint
    assert cloud.attach_disk(vm, disk) == hint
    assert cloud.get_disks(vm) == (disk,)
    assert _all_disks(subject)[0].vm_cid == vm


def test_each_of_a_vms_disks_has_a_place_of_its_own_that_stays_when_others_go(subject: Subject) -> None:
    cloud, vm, disks = subject.connected.cloud, _vm(subject, 10), [_disk(subject, f"d{number}") for number in (1, 2, 3)]
    hints = [cloud.attach_disk(vm, disk) for disk in disks]
    assert len(set(hints)) == 3
    assert set(cloud.get_disks(vm)) == set(disks)
    cloud.detach_disk(vm, disks[0])
    assert [cloud.attach_disk(vm, disk) for disk in disks[1:]] == hints[1:]
    again = cloud.attach_disk(vm, disks[0])
    assert again not in hints[1:]
    cloud.delete_vm(vm)
    second = _vm(subject, 11)
    assert len({cloud.attach_disk(second, disk) for disk in reversed(disks)}) == 3
    assert {disk.cid for disk in _all_disks(subject) if disk.vm_cid == second} == set(disks)


def test_a_disk_is_attached_to_one_vm_at_a_time(subject: Subject) -> None:
    cloud, first, second, disk = subject.connected.cloud, _vm(subject, 10), _vm(subject, 11), _disk(subject, "d1")
    cloud.attach_disk(first, disk)
    with pytest.raises(ConflictError):
        cloud.attach_disk(second, disk)
    cloud.detach_disk(first, disk)
    cloud.attach_disk(second, disk)
    assert (cloud.get_disks(first), cloud.get_disks(second)) == ((), (disk,))


def test_an_attached_disk_is_neither_deleted_nor_resized(subject: Subject) -> None:
    cloud, vm, disk = subject.connected.cloud, _vm(subject, 10), _disk(subject, "d1")
    cloud.attach_disk(vm, disk)
    with pytest.raises(ConflictError):
        cloud.delete_disk(disk)
    with pytest.raises(ConflictError):
        cloud.resize_disk(disk, 2048)
    assert cloud.has_disk(disk)


def test_detaching_and_deleting_twice_is_fine(subject: Subject) -> None:
    cloud, vm, disk = subject.connected.cloud, _vm(subject, 10), _disk(subject, "d1")
    cloud.attach_disk(vm, disk)
    cloud.detach_disk(vm, disk)
    cloud.detach_disk(vm, disk)
    cloud.delete_disk(disk)
    cloud.delete_disk(disk)
    assert not cloud.has_disk(disk)
    assert _all_disks(subject) == ()


def test_the_disks_of_a_deleted_vm_are_kept_and_free(subject: Subject) -> None:
    cloud, vm, disk = subject.connected.cloud, _vm(subject, 10), _disk(subject, "d1")
    cloud.attach_disk(vm, disk)
    cloud.delete_vm(vm)
    assert [(found.cid, found.vm_cid) for found in _all_disks(subject)] == [(disk, None)]
    cloud.attach_disk(_vm(subject, 11), disk)


def test_a_disk_grows_and_does_not_shrink(subject: Subject) -> None:
    cloud, disk = subject.connected.cloud, _disk(subject, "d1")
    cloud.resize_disk(disk, 2048)
    assert _all_disks(subject)[0].size_mib == 2048
    with pytest.raises(NotSupportedError):
        cloud.resize_disk(disk, 1024)


def test_what_is_not_there_is_not_found(subject: Subject) -> None:
    cloud, vm, disk = subject.connected.cloud, _vm(subject, 10), _disk(subject, "d1")
    assert not cloud.has_disk(NO_DISK)
    with pytest.raises(NotFoundError):
        cloud.attach_disk(vm, NO_DISK)
    with pytest.raises(NotFoundError):
        cloud.attach_disk(VmCid("vm-that-never-was"), disk)
    with pytest.raises(NotFoundError):
        cloud.resize_disk(NO_DISK, 2048)


def test_tags_of_a_disk_are_put_beside_its_owner(subject: Subject) -> None:
    disk = _disk(subject, "d1")
    subject.connected.cloud.set_disk_metadata(disk, {"orphaned": "true"})
    found = _all_disks(subject)[0]
    assert (found.owner, found.tags["orphaned"]) == (subject.owner("d1"), "true")


def test_a_snapshot_is_there_once_and_goes(subject: Subject) -> None:
    cloud, disk = subject.connected.cloud, _disk(subject, "d1")
    about = {"deployment": "app", "job": "db", "index": "0", "director_name": "bosh"}
    snapshot = cloud.snapshot_disk(disk, subject.owner("s1"), about)
    assert cloud.snapshot_disk(disk, subject.owner("s1"), about) == snapshot
    found = subject.finder.find_snapshots(OwnerQuery(environment=ENVIRONMENT, deployment="app"))
    assert [(one.cid, one.owner, one.disk_cid) for one in found] == [(snapshot, subject.owner("s1"), disk)]
    assert found[0].tags.items() >= about.items()
    cloud.delete_snapshot(snapshot)
    cloud.delete_snapshot(SnapshotCid(snapshot))
    assert subject.finder.find_snapshots(OwnerQuery(environment=ENVIRONMENT)) == ()


def _vm(subject: Subject, last: int) -> VmCid:
    return subject.connected.cloud.create_vm(subject.vm_request(f"vm{last}", last=last)).cid


def _disk(subject: Subject, action: str) -> DiskCid:
    return subject.connected.cloud.create_disk(subject.disk_request(action))


def _all_disks(subject: Subject) -> tuple[FoundDisk, ...]:
    return subject.finder.find_disks(OwnerQuery(environment=ENVIRONMENT))
