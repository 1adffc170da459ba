"""The verbs of named disks: jobs find the device of each at instance/disks/NAME. Nothing is formatted or mounted.

Takes a disk's name, CID and the cloud's hint (a directory or a block device), gives links that `associate_again`
makes again after a boot, when devices may have other names. A cloud that gives a directory has no block devices: there
a sparse file of the disk's size is in place of the device. Source: cloudfoundry/bosh-agent
agent/action/update_settings.go, platform/linux_platform.go (AssociateDisk).
"""

from __future__ import annotations

import os
import time
from typing import Any, Dict, Mapping

from director.guest.arguments import Arguments
from director.guest.calls import VerbCall
from director.guest.disks import block_devices
from director.guest.failures import GuestError
from director.guest.guests import Guest
from director.guest.layout import Layout, create_directory
from director.guest.system import files

_FILE = "device"
_MIB = 1 << 20


def associate_disk(guest: Guest, arguments: Arguments, call: VerbCall) -> Dict[str, Any]:
    """After: the name leads to the disk's device, whose content is as it was; twice is once.

    `timeout_s` is how long the device may take to show up. Raises disk-not-found, unsafe-name.
    """
    name, cid, hint = arguments.text("name"), arguments.text("cid"), arguments.text("hint")
    size_mib = int(arguments.number("size_mib", 0))
    timeout_s = arguments.number("timeout_s", block_devices.PATIENCE_S)
    files.check_plain_name(name, "disk")
    with guest.changing:
        disk = {"cid": cid, "hint": hint, "size_mib": size_mib}
        _remember(guest.layout, {**_recorded(guest.layout), name: disk})
        _associate(guest.layout, name, disk, timeout_s=timeout_s)
    return {}


def dissociate_disk(guest: Guest, arguments: Arguments, call: VerbCall) -> Dict[str, Any]:
    """After: no name leads to the disk; one that none led to is success."""
    cid = arguments.text("cid")
    with guest.changing:
        recorded = _recorded(guest.layout)
        for name in [name for name, disk in recorded.items() if disk["cid"] == cid]:
            files.remove_path(_link_of(guest.layout, name))
            del recorded[name]
        _remember(guest.layout, recorded)
    return {}


def associate_again(layout: Layout) -> None:
    """After a boot: a name whose disk was detached while the VM was down leads nowhere.

    All devices together have as long to show up as one.
    """
    recorded = _recorded(layout)
    for name in recorded:
        files.remove_path(_link_of(layout, name))
    deadline = time.monotonic() + block_devices.PATIENCE_S
    for name, disk in recorded.items():
        try:
            _associate(layout, name, disk, timeout_s=deadline - time.monotonic())
        except GuestError as error:
            if error.code != "disk-not-found":
                raise


def _associate(layout: Layout, name: str, disk: Mapping[str, Any], *, timeout_s: float) -> None:
    hint = disk["hint"]
    if os.path.isdir(hint):
        device = os.path.join(hint, _FILE)
        _fill_in(device, disk["size_mib"] * _MIB)
    else:
        device = block_devices.await_device(hint, timeout_s)
    create_directory(layout, layout.named_disks, mode=0o755)
    files.point_link(_link_of(layout, name), device)


def _fill_in(path: str, size: int) -> None:
    """A file of that size without content; one that is there keeps what it holds."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        if os.fstat(descriptor).st_size < size:
            os.ftruncate(descriptor, size)
    finally:
        os.close(descriptor)


def _link_of(layout: Layout, name: str) -> str:
    return os.path.join(layout.named_disks, name)


def _recorded(layout: Layout) -> Dict[str, Mapping[str, Any]]:
    return dict(files.read_json(layout.associations_file))


def _remember(layout: Layout, disks: Mapping[str, Mapping[str, Any]]) -> None:
    files.write_json(layout.associations_file, disks)
