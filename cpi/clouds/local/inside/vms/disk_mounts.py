"""Put a disk's directory into a running VM and take it out.

Takes a VM's directory and paths; the VM's own first process does the mounting.
"""

import errno
import os

from cpi.clouds.local.inside.system import sysc
from cpi.clouds.local.inside.vms import vm_requests
from cpi.contract.errors import ConflictError


def path_in_vm(cid: str) -> str:
    """Where a VM finds its disk."""
    return f"/run/disks/{cid}"


def mount(vm_directory: str, source: str, target: str) -> None:
    """Mount `source` of here on `target` in the VM; there before is success."""
    clone = sysc.open_tree(source)
    try:
        answer = vm_requests.ask(vm_directory, {"do": "mount", "target": target}, clone)
    finally:
        os.close(clone)
    if answer.errno:
        raise OSError(answer.errno, answer.text)


def unmount(vm_directory: str, target: str) -> None:
    """Unmount in the VM. Raises ConflictError, code disk-mounted, while the guest uses it or has it mounted besides."""
    answer = vm_requests.ask(vm_directory, {"do": "unmount", "target": target})
    if answer.besides:
        raise _in_use(target, f"It is also mounted on {', '.join(answer.besides)}.")
    if answer.errno == errno.EBUSY:
        raise _in_use(target, "A process of the VM has files open on it.")
    if answer.errno:
        raise OSError(answer.errno, answer.text)


def _in_use(target: str, why: str) -> ConflictError:
    return ConflictError("disk-mounted", f"The disk at {target} is in use.", why=why, fix="Unmount it first.")
