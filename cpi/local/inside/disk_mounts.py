"""Put a disk's directory into a running VM and take it out.

Takes the VM's first process and paths; enters the VM's mount namespace in a fork, so the caller stays where it is.
"""

import contextlib
import errno
import os
from collections.abc import Callable

from cpi.errors import ConflictError
from cpi.local.inside import daemon, sysc


def path_in_vm(cid: str) -> str:
    """Where a VM finds its disk."""
    return f"/run/disks/{cid}"


def mount(init: int, source: str, target: str) -> None:
    """Mount `source` of here on `target` in the VM; there before is success."""

    def act() -> None:
        clone = sysc.open_tree(source)
        _enter(init)
        if os.path.ismount(target):
            return
        os.makedirs(target, exist_ok=True)
        sysc.move_mount(clone, target)

    _in_fork(act)


def unmount(init: int, target: str, source: str) -> None:
    """Unmount in the VM. Raises ConflictError, code disk-mounted, while the guest uses it or has it mounted besides."""
    besides = [point for point in _mount_points(init, source) if point != target]
    if besides:
        raise _in_use(target, f"It is also mounted on {', '.join(besides)}.")

    def act() -> None:
        _enter(init)
        if os.path.ismount(target):
            sysc.umount(target)
        with contextlib.suppress(FileNotFoundError):
            os.rmdir(target)

    try:
        _in_fork(act)
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        raise _in_use(target, "A process of the VM has files open on it.") from error


def _enter(init: int) -> None:
    sysc.setns(os.open(f"/proc/{init}/ns/mnt", os.O_RDONLY), sysc.NEWNS)


def _in_fork(act: Callable[[], None]) -> None:
    """Run `act` in a fork; an OSError there is raised here."""
    ear, mouth = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            act()
        except OSError as error:
            os.write(mouth, f"{error.errno or 0} {error}".encode()[:4000])
        finally:
            os._exit(0)
    os.close(mouth)
    told = daemon.read_all(ear).decode(errors="replace")
    os.waitpid(child, 0)
    if told:
        number, _, text = told.partition(" ")
        raise OSError(int(number), text)


def _mount_points(init: int, source: str) -> list[str]:
    """Where the VM has this disk mounted: by device and by the directory's place on it."""
    device = os.stat(source).st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    tail = "/".join(source.split("/")[-3:])
    found = []
    with open(f"/proc/{init}/mountinfo", encoding="utf-8") as file:
        for line in file:
            parts = line.split()
            if parts[2] == wanted and f"{parts[3]}/".find(f"/{tail}/") >= 0:
                found.append(parts[4])
    return found


def _in_use(target: str, why: str) -> ConflictError:
    return ConflictError("disk-mounted", f"The disk at {target} is in use.", why=why, fix="Unmount it first.")
