"""Persistent disks as directories: attach, detach, grow, snapshot.

Takes and gives records. Attached, a disk appears in its VM at /run/disks/CID; the guest binds it where it wants it.
"""

import os
from collections.abc import Mapping
from typing import TypedDict

from cpi.clouds.local.inside.records import file_trees, records
from cpi.clouds.local.inside.system import contents, names
from cpi.clouds.local.inside.system.site import Site
from cpi.clouds.local.inside.vms import disk_mounts, vm_power
from cpi.contract.errors import ConflictError, NotFoundError, NotSupportedError
from cpi.contract.values import JsonValue


class DiskOrder(TypedDict):
    owner: records.OwnerRecord
    size_mib: int
    cloud_properties: Mapping[str, JsonValue]
    tags: dict[str, str]


class DiskTarget(TypedDict):
    cid: str


class Attachment(TypedDict):
    vm: str
    disk: str


class DiskSize(TypedDict):
    cid: str
    size_mib: int


class DiskTags(TypedDict):
    cid: str
    tags: dict[str, str]


class SnapshotOrder(TypedDict):
    cid: str
    owner: records.OwnerRecord
    tags: dict[str, str]


def create_disk(site: Site, order: DiskOrder) -> str:
    """Make an empty disk; the same owner's again gives the same disk."""
    cid = names.cid_of("disk", order["owner"])
    if records.load_disk(site.state, cid) is not None:
        return cid
    os.makedirs(site.disk_files(cid), exist_ok=True)
    record: records.LocalDisk = {
        "cid": cid,
        "owner": order["owner"],
        "size_mib": order["size_mib"],
        "vm": "",
        "tags": order["tags"],
        "cloud_properties": order["cloud_properties"],
        "state": "created",
    }
    records.save_disk(site.state, record)
    return cid


def delete_disk(site: Site, target: DiskTarget) -> None:
    """Delete a detached disk; absent is success."""
    disk = records.load_whole(f"{site.state}/disks/{target['cid']}/disk.json", records.LocalDisk)
    if disk is not None:
        _refuse_attached(disk)
    contents.set_aside(site, f"{site.state}/disks/{target['cid']}")


def attach_disk(site: Site, attachment: Attachment) -> str:
    """Give the disk to the VM; attached to it before is success. Gives the directory inside the VM."""
    disk = find_disk(site, attachment["disk"])
    vm = records.load_vm(site.state, attachment["vm"])
    if vm is None:
        raise NotFoundError("unknown-vm", f"The local cloud has no VM {attachment['vm']}.")
    if disk["vm"] not in ("", vm["cid"]):
        _refuse_attached(disk)
    if disk["cid"] not in vm["disks"]:
        vm["disks"].append(disk["cid"])
        records.save_vm(site.state, vm)
    set_holder(site, disk["cid"], vm["cid"])
    target = disk_mounts.path_in_vm(disk["cid"])
    if vm_power.find_init(site, vm["cid"]):
        disk_mounts.mount(site.vm_dir(vm["cid"]), site.disk_files(disk["cid"]), target)
    return target


def detach_disk(site: Site, attachment: Attachment) -> None:
    """Take the disk from the VM; not attached before is success."""
    vm = records.load_vm(site.state, attachment["vm"])
    if vm is None:
        raise NotFoundError("unknown-vm", f"The local cloud has no VM {attachment['vm']}.")
    disk = find_disk(site, attachment["disk"])
    if disk["vm"] == vm["cid"] and vm_power.find_init(site, vm["cid"]):
        disk_mounts.unmount(site.vm_dir(vm["cid"]), disk_mounts.path_in_vm(disk["cid"]))
    if disk["cid"] in vm["disks"]:
        vm["disks"].remove(disk["cid"])
        records.save_vm(site.state, vm)
    if disk["vm"] == vm["cid"]:
        set_holder(site, disk["cid"], "")


def resize_disk(site: Site, arguments: DiskSize) -> None:
    """Grow a detached disk: a number, as directories have no size of their own."""
    disk = find_disk(site, arguments["cid"])
    if arguments["size_mib"] < disk["size_mib"]:
        raise NotSupportedError(
            "disk-cannot-shrink",
            f"Disk {disk['cid']} cannot shrink.",
            why=f"It has {disk['size_mib']} MiB; {arguments['size_mib']} are requested.",
            fix="Request at least its present size, or create a new disk.",
        )
    _refuse_attached(disk)
    disk["size_mib"] = arguments["size_mib"]
    records.save_disk(site.state, disk)


def set_disk_tags(site: Site, arguments: DiskTags) -> None:
    """Put tags beside those there are."""
    disk = find_disk(site, arguments["cid"])
    disk["tags"] |= arguments["tags"]
    records.save_disk(site.state, disk)


def snapshot_disk(site: Site, order: SnapshotOrder) -> str:
    """Copy the disk's present content; the same owner's again gives the same snapshot."""
    disk = find_disk(site, order["cid"])
    cid = names.cid_of("snapshot", order["owner"])
    found = records.load_whole(f"{site.state}/snapshots/{cid}/snapshot.json", records.SnapshotRecord)
    if found is not None and found["state"] == "created":
        return cid
    directory = f"{site.state}/snapshots/{cid}"
    contents.remove_tree(directory)
    os.makedirs(directory)
    record: records.SnapshotRecord = {
        "cid": cid,
        "owner": order["owner"],
        "disk": disk["cid"],
        "state": "creating",
        "tags": order["tags"],
    }
    records.save(f"{directory}/snapshot.json", record)
    file_trees.copy(site.disk_files(disk["cid"]), f"{directory}/fs")
    record["state"] = "created"
    records.save(f"{directory}/snapshot.json", record)
    return cid


def delete_snapshot(site: Site, target: DiskTarget) -> None:
    """Absent is success."""
    contents.set_aside(site, f"{site.state}/snapshots/{target['cid']}")


def find_disk(site: Site, cid: str) -> records.LocalDisk:
    """The disk's record. Raises NotFoundError, code unknown-disk."""
    disk = records.load_disk(site.state, cid)
    if disk is None:
        raise NotFoundError("unknown-disk", f"The local cloud has no disk {cid}.")
    return disk


def set_holder(site: Site, cid: str, vm: str) -> None:
    """Note which VM has the disk, "" for none."""
    disk = find_disk(site, cid)
    if disk["vm"] != vm:
        disk["vm"] = vm
        records.save_disk(site.state, disk)


def release_all(site: Site, vm: str) -> None:
    """Detach every disk of a VM that is gone."""
    for disk in records.list_whole_disks(site.state):
        if disk["vm"] == vm:
            set_holder(site, disk["cid"], "")


def _refuse_attached(disk: records.LocalDisk) -> None:
    if disk["vm"]:
        raise ConflictError(
            "disk-attached",
            f"Disk {disk['cid']} is attached.",
            why=f"VM {disk['vm']} has it.",
            fix="Detach it first.",
        )
