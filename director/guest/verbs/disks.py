"""The verbs of persistent disks: mounted on store, or beside it when their content is to move there.

Takes a disk's CID and the cloud's hint (a directory or a block device), gives mounts that `remount_disk` repeats
after a boot. Source: cloudfoundry/bosh-agent agent/action/mount_disk.go, platform/linux_platform.go.
"""

from __future__ import annotations

import errno
import os
import subprocess
from typing import Any, Dict, List, Mapping

from director.guest.arguments import Arguments
from director.guest.calls import VerbCall
from director.guest.disks import block_devices, mounts
from director.guest.failures import GuestError
from director.guest.guests import Guest
from director.guest.layout import Layout, create_directory
from director.guest.system import files, processes

_BUSY_S = 10.0


def mount_disk(guest: Guest, arguments: Arguments, call: VerbCall) -> Dict[str, Any]:
    """After: it is on store, or on the migration target if another disk is on store, and fills its device.

    `timeout_s` is how long its device may take to show up. Mounted before is success.
    Raises disk-not-found, disk-not-formatted, disk-not-mounted, disk-not-grown.
    """
    cid, hint = arguments.text("cid"), arguments.text("hint")
    timeout_s = arguments.number("timeout_s", block_devices.PATIENCE_S)
    with guest.changing:
        if cid not in mounted_disks(guest.layout):
            _mount(guest.layout, cid, hint, timeout_s=timeout_s)
        _grow(hint, place=mounted_disks(guest.layout)[cid], call=call)
    return {}


def unmount_disk(guest: Guest, arguments: Arguments, call: VerbCall) -> Dict[str, Any]:
    """After: not mounted. Not mounted before is success. Raises disk-busy with the processes that hold it.

    `timeout_s` is how long they may take to let go.
    """
    cid, timeout_s = arguments.text("cid"), arguments.number("timeout_s", _BUSY_S)
    with guest.changing:
        place = mounted_disks(guest.layout).get(cid)
        if place is None:
            return {"message": "Disk %s is not mounted" % cid}
        _unmount(place, call, timeout_s=timeout_s)
        _forget(guest.layout, place)
    return {"message": "Unmounted disk %s" % cid}


def migrate_disk(guest: Guest, arguments: Arguments, call: VerbCall) -> Dict[str, Any]:
    """Copy the mounted disk's content to the one beside it, then put that one in its place."""
    layout = guest.layout
    from_cid, to_cid = arguments.text("from_cid"), arguments.text("to_cid")
    with guest.changing:
        places = mounted_disks(layout)
        if places.get(to_cid) == layout.store:
            return {}  # migrated before
        if places.get(from_cid) != layout.store or places.get(to_cid) != layout.migration_target:
            raise GuestError(
                "disks-not-in-place",
                "Disk %s cannot be migrated to %s." % (from_cid, to_cid),
                why="expected the first on store and the second beside it, mounted are %s" % (places or "none"),
                fix="Mount both disks first.",
            )
        hint = _recorded_disks(layout)[layout.migration_target]["hint"]
        mounts.make_read_only(layout.store)
        _copy(layout.store, layout.migration_target)
        for place in (layout.store, layout.migration_target):
            _unmount(place, call)
            _forget(layout, place)
        _mount(layout, to_cid, hint)
    return {}


def list_disks(guest: Guest, arguments: Arguments, call: VerbCall) -> List[str]:
    return sorted(mounted_disks(guest.layout))


def mounted_disks(layout: Layout) -> Dict[str, str]:
    """CIDs of the disks that are mounted now, and where."""
    recorded = _recorded_disks(layout)
    return {disk["cid"]: place for place, disk in recorded.items() if mounts.is_mounted(place)}


def remount_disk(layout: Layout) -> None:
    """After a boot: mount again what was on store. Nothing remembered is fine."""
    disk = _recorded_disks(layout).get(layout.store)
    if disk is not None and not mounts.is_mounted(layout.store):
        _mount(layout, disk["cid"], disk["hint"])


def _mount(layout: Layout, cid: str, hint: str, *, timeout_s: float = block_devices.PATIENCE_S) -> None:
    """Remembered before it is done: killed in between, the next call sees what is mounted and where."""
    place = layout.migration_target if mounts.is_mounted(layout.store) else layout.store
    create_directory(layout, place, mode=0o755)
    device = None if os.path.isdir(hint) else block_devices.prepare_device(hint, timeout_s=timeout_s)
    _remember(layout, {**_recorded_disks(layout), place: {"cid": cid, "hint": hint}})
    try:
        if device is None:
            mounts.bind_directory(hint, place)
        else:
            mounts.mount_device(device.path, place, kind=device.filesystem)
    except OSError as error:
        _forget(layout, place)
        raise GuestError(
            "disk-not-mounted",
            "Disk %s (%s) cannot be mounted on %s." % (cid, hint, place),
            why=str(error.strerror),
            fix="Check the disk on the VM; the guest must run as root.",
        ) from error


def _grow(hint: str, *, place: str, call: VerbCall) -> None:
    """ext4 grows while it is mounted, but not where it has errors, nor without the right to exceed resources."""
    if os.path.isdir(hint):
        return
    device = block_devices.prepare_device(hint)
    trouble = block_devices.grow_mounted(device, place=place)
    if trouble:
        _unmount(place, call)
        try:
            block_devices.grow_unmounted(device, trouble=trouble)
        finally:
            mounts.mount_device(device.path, place, kind=device.filesystem)


def _unmount(place: str, call: VerbCall, *, timeout_s: float = _BUSY_S) -> None:
    """Stopped processes may need a moment to release the disk."""
    waited_s = 0.0
    while True:
        try:
            mounts.unmount(place)
            return
        except OSError as error:
            if error.errno != errno.EBUSY or waited_s >= timeout_s:
                holders = ", ".join(processes.users_of(place)) or "no visible process"
                raise GuestError(
                    "disk-busy",
                    "The disk on %s cannot be unmounted." % place,
                    why="%s; it is used by %s" % (error.strerror, holders),
                    fix="Stop the jobs first; their stop scripts must end every process.",
                ) from error
        call.wait(0.1)
        waited_s += 0.1


def _copy(source: str, target: str) -> None:
    """With owners, links, holes, ACLs and extended attributes; lost+found is each filesystem's own.

    Unasked, tar restores attributes of users only: capabilities of programs would be lost.
    """
    kept = ["--numeric-owner", "--acls", "--xattrs", "--xattrs-include=*"]
    packing = ["tar", "-C", source, *kept, "--sparse", "--exclude=./lost+found", "-cf", "-", "."]
    reader = subprocess.Popen(packing, stdout=subprocess.PIPE)
    writer = subprocess.run(
        ["tar", "-C", target, *kept, "-xpf", "-"],
        stdin=reader.stdout,
        capture_output=True,
        check=False,
    )
    if reader.stdout is not None:
        reader.stdout.close()
    if reader.wait() != 0 or writer.returncode != 0:
        raise GuestError(
            "disk-copy-failed",
            "The content of %s could not be copied." % source,
            why=writer.stderr.decode("utf-8", "replace").strip()[-500:] or "tar could not read it",
            fix="Check that the new disk is big enough; the old one is unchanged, and read-only until its next mount.",
        )


def _recorded_disks(layout: Layout) -> Dict[str, Mapping[str, str]]:
    return dict(files.read_json(layout.disks_file))


def _remember(layout: Layout, places: Mapping[str, Mapping[str, str]]) -> None:
    files.write_json(layout.disks_file, places)


def _forget(layout: Layout, place: str) -> None:
    _remember(layout, {other: disk for other, disk in _recorded_disks(layout).items() if other != place})
