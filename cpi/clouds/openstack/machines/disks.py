"""Volumes and snapshots: bodies built and replies read.

Takes requests and what Cinder told, gives what is sent to Cinder and the disks found.
"""

from collections.abc import Mapping
from typing import Any

from cpi.clouds.openstack.machines import vms
from cpi.clouds.openstack.wire import names, refusals
from cpi.clouds.openstack.wire.config import DiskProperties, OpenStackConfig
from cpi.contract.errors import CloudError, ConflictError, NotFoundError, NotSupportedError
from cpi.contract.values import DiskCid, DiskRequest, FoundDisk, FoundSnapshot, OwnerKey, SnapshotCid, VmCid
from cpi.kit import judge
from cpi.kit import tags as owner_tags

CloudAnswer = Mapping[str, Any]

MIB_A_GIB = 1024
_SERIAL = 20
"""So many characters of a volume's id are its serial number on the machine."""
_LEAVING = ("deleting", "deleted")
_MOVING = ("creating", "attaching", "detaching", "extending", "reserved", "downloading", "uploading", "backing-up")


def gib_of(size_mib: int) -> int:
    """Cinder's whole GiB, rounded up. Raises CloudError, code disk-size-invalid."""
    return judge.whole_gib(size_mib, cloud="OpenStack")


def write_volume(
    request: DiskRequest, properties: DiskProperties, *, zone: str, config: OpenStackConfig
) -> CloudAnswer:
    """The body of POST /volumes."""
    kind = properties.type or config.default_volume_type
    volume: dict[str, Any] = {
        "name": names.name_of(request.owner),
        "size": gib_of(request.size_mib),
        "metadata": {**vms.write_tags(request.tags), **owner_tags.tags_of(request.owner)},
    }
    volume |= {"volume_type": kind} if kind else {}
    volume |= {"availability_zone": zone} if zone else {}
    return {"volume": volume}


def write_snapshot(cid: DiskCid, owner: OwnerKey, tags: Mapping[str, str]) -> CloudAnswer:
    """The body of POST /snapshots; also of a disk in use."""
    snapshot = {
        "volume_id": cid,
        "name": names.name_of(owner),
        "force": True,
        "metadata": {**vms.write_tags(tags), **owner_tags.tags_of(owner)},
    }
    return {"snapshot": snapshot}


def read_disk(answer: CloudAnswer, holders: Mapping[str, VmCid]) -> FoundDisk | None:
    """A volume as a disk; None: without an owner key, or being deleted."""
    owner = vms.owner_of(answer)
    if owner is None or not is_alive(answer):
        return None
    return FoundDisk(
        cid=DiskCid(answer["id"]),
        owner=owner,
        size_mib=int(answer["size"]) * MIB_A_GIB,
        vm_cid=holders.get(answer["id"]),
        tags=vms.read_tags(answer.get("metadata") or {}),
    )


def read_snapshot(answer: CloudAnswer) -> FoundSnapshot | None:
    """A snapshot; None: without an owner key, or being deleted."""
    owner = vms.owner_of(answer)
    if owner is None or not is_alive(answer):
        return None
    kept = vms.read_tags(answer.get("metadata") or {})
    return FoundSnapshot(cid=SnapshotCid(answer["id"]), owner=owner, disk_cid=DiskCid(answer["volume_id"]), tags=kept)


def is_alive(answer: CloudAnswer) -> bool:
    """Whether it is there and will stay."""
    return answer["status"] not in _LEAVING


def hint_of(cid: DiskCid) -> str:
    """Where the machine finds it: by the serial number that its driver shows."""
    return f"/dev/disk/by-id/virtio-{cid[:_SERIAL]}"


def require_still_there(answer: CloudAnswer) -> None:
    """Raises TransientError while Cinder is at work on it."""
    if answer["status"] in _MOVING:
        raise refusals.not_ready(f"Disk {answer['id']}", f"Cinder reports its status as {answer['status']}.")


def require_free(answer: CloudAnswer, doing: str) -> None:
    """Raises ConflictError while a VM has it, TransientError while it is on its way somewhere."""
    status = answer["status"]
    if status == "in-use":
        raise ConflictError(
            "disk-attached",
            f"Disk {answer['id']} cannot be {doing}: it is attached.",
            why=f"Server {_holder(answer)} has it.",
            fix="Detach the disk first.",
        )
    require_still_there(answer)
    if status.startswith("error"):
        raise CloudError(
            "disk-in-error",
            f"Disk {answer['id']} cannot be {doing}: Cinder failed to create or change it.",
            why=f"Cinder reports its status as '{status}'.",
            fix="Ask the cloud's operator; `openstack volume show` and `volume message list` show more.",
        )


def require_growth(answer: CloudAnswer, size_mib: int) -> None:
    """Raises NotSupportedError, code disk-cannot-shrink."""
    if gib_of(size_mib) < int(answer["size"]):
        raise NotSupportedError(
            "disk-cannot-shrink",
            f"Disk {answer['id']} has {answer['size']} GiB and cannot shrink.",
            fix="Set at least that size; changing the disk type creates a new disk of another size.",
        )


def unknown_disk(cid: str) -> NotFoundError:
    """No such volume."""
    return NotFoundError(
        "unknown-disk",
        f"OpenStack has no volume {cid}.",
        why="It was deleted, or never existed.",
        fix="Restore it from a snapshot; without one its data is lost.",
    )


def _holder(answer: CloudAnswer) -> str:
    return next((str(each.get("server_id", "")) for each in answer.get("attachments") or ()), "?")
