"""The file system that a process of bpm sees: its own job, packages and disks, and the system read-only.

Takes a process, puts a root directory together in a mount namespace of the caller, and enters it.
Source: cloudfoundry/bpm-release src/bpm/runc/adapter/adapter.go; mount(2), pivot_root(2).
"""

from __future__ import annotations

import contextlib
import ctypes
import glob
import os
import platform
from typing import Dict, Iterator, List, NamedTuple

from director.guest.bpm.configs import BpmProcess, BpmVolume
from director.guest.layout import Layout

NEW_MOUNTS, NEW_UTS, NEW_IPC, NEW_PIDS = 0x00020000, 0x04000000, 0x08000000, 0x20000000
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _REMOUNT, _BIND, _REC = 1, 2, 4, 8, 32, 4096, 16384
_PRIVATE, _SHARED, _SLAVE = 1 << 18, 1 << 20, 1 << 19
_DETACH = 2
_KEPT_FLAGS = {1: _RDONLY, 2: _NOSUID, 4: _NODEV, 8: _NOEXEC, 1024: 1024, 2048: 2048, 4096: 1 << 21}
"""Flags of statvfs(3) and of mount(2): a mount that is bound again keeps those it has."""
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_SYSTEM = ("/bin", "/etc", "/lib", "/lib64", "/sbin", "/usr")
_RESOLVERS = ("/run/resolvconf", "/run/systemd/resolve")
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_LINKS = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2"}
_MASKED = ("/etc/sv", "/proc/kcore", "/proc/latency_stats", "/proc/sched_debug", "/proc/timer_list", "/sys/firmware")
_LIBC = ctypes.CDLL(None, use_errno=True)


class Mount(NamedTuple):
    """Bound from `source`, which leads to the same file system; read-only and not executable unless it says so."""

    target: str
    source: str
    is_writable: bool = False
    is_executable: bool = False
    is_deep: bool = False


def unshare(flags: int) -> None:
    """Leave namespaces. Raises OSError."""
    _check(_LIBC.unshare(flags), "unshare")


def share_volumes(process: BpmProcess) -> None:
    """Make shared volumes mount points of the VM whose later mounts everybody sees."""
    for volume in process.volumes:
        if volume.is_shared and not volume.is_free and not os.path.ismount(volume.path):
            _mount(volume.path, volume.path, _BIND)
            _mount("", volume.path, _SHARED)


def planned_mounts(layout: Layout, process: BpmProcess) -> List[Mount]:
    """What is bound into the root, shallow targets first; of two for one target the first."""
    found: Dict[str, Mount] = {}
    for mount in (*_own_mounts(layout, process), *_volume_mounts(process)):
        found.setdefault(mount.target, mount)
    return sorted(found.values(), key=lambda mount: mount.target.count("/"))


def enter_root(root: str, layout: Layout, process: BpmProcess) -> None:
    """Put the root together at `root` and enter it. Raises OSError; then the caller's namespace is of no use."""
    _mount("", "/", _PRIVATE | _REC if not _has_shared(process) else _SLAVE | _REC)
    os.makedirs(root, exist_ok=True)
    _check(_LIBC.mount(b"tmpfs", root.encode(), b"tmpfs", _NOSUID | _NODEV, b"mode=0755,size=4m"), "mount tmpfs")
    for path in _SYSTEM:
        if os.path.islink(path):
            os.symlink(os.readlink(path), root + path)
    _make_proc_and_sys(root)
    _make_devices(root + "/dev")
    limits = 0 if process.is_privileged else _NOSUID
    for mount in planned_mounts(layout, process):
        _bind(root, mount, limits | _NODEV)
    if not process.is_privileged:
        _mask(root)
    _mount("", root, _REMOUNT | _RDONLY | _NOSUID | _NODEV)
    _enter(root)


def _own_mounts(layout: Layout, process: BpmProcess) -> Iterator[Mount]:
    job, temporary = process.job, layout.path("data", process.job, "tmp")
    for path in _SYSTEM:
        if os.path.isdir(path) and not os.path.islink(path):
            yield Mount(path, path, is_executable=True)
    for path in _RESOLVERS:
        if os.path.isdir(path):
            yield Mount(path, path)
    for path in ("/tmp", "/var/tmp", temporary):
        yield Mount(path, temporary, is_writable=True)
    for path in (layout.packages, layout.path("data", "packages")):
        yield Mount(path, path, is_executable=True)
    own = os.path.join(layout.jobs, job)
    yield Mount(own, os.path.realpath(own), is_executable=True)
    logs = layout.path("sys", "log", job)
    yield Mount(logs, os.path.realpath(logs), is_writable=True)
    if process.has_ephemeral_disk:
        yield Mount(layout.path("data", job), layout.path("data", job), is_writable=True)
    if process.has_persistent_disk:
        yield Mount(layout.path("store", job), layout.path("store", job), is_writable=True)


def _volume_mounts(process: BpmProcess) -> Iterator[Mount]:
    for volume in process.volumes:
        for path in glob.glob(volume.path) if volume.is_free else [volume.path]:
            if os.path.exists(path) and not (volume.is_free and _is_covered(path)):
                yield _volume_mount(path, volume)


def _volume_mount(path: str, volume: BpmVolume) -> Mount:
    return Mount(path, os.path.realpath(path), volume.is_writable, volume.is_executable, is_deep=True)


def _is_covered(path: str) -> bool:
    return any(path == root or path.startswith(root + "/") for root in _SYSTEM)


def _has_shared(process: BpmProcess) -> bool:
    return any(volume.is_shared for volume in process.volumes)


def _make_proc_and_sys(root: str) -> None:
    for name in ("proc", "sys", "dev"):
        os.makedirs(os.path.join(root, name))
    if _LIBC.mount(b"proc", (root + "/proc").encode(), b"proc", _NOSUID | _NODEV | _NOEXEC, None) != 0:
        _mount("/proc", root + "/proc", _BIND | _REC)  # where the kernel shows parts of /proc only
    _mount("/sys", root + "/sys", _BIND | _REC)
    _restrict(root + "/sys", _RDONLY | _NOSUID | _NODEV | _NOEXEC)


def _make_devices(folder: str) -> None:
    _check(_LIBC.mount(b"tmpfs", folder.encode(), b"tmpfs", _NOSUID, b"mode=0755,size=64k"), "mount /dev")
    for name in _DEVICES:
        if os.path.exists("/dev/" + name):
            _touch(os.path.join(folder, name))
            _mount("/dev/" + name, os.path.join(folder, name), _BIND)
    for name, target in _LINKS.items():
        os.symlink(target, os.path.join(folder, name))
    for name in ("shm", "mqueue", "pts"):
        os.mkdir(os.path.join(folder, name))
    shared = os.path.join(folder, "shm").encode()
    _check(_LIBC.mount(b"shm", shared, b"tmpfs", _NOSUID | _NODEV | _NOEXEC, b"mode=1777"), "mount /dev/shm")
    for name in ("mqueue", "pts"):
        if os.path.isdir("/dev/" + name):
            with contextlib.suppress(OSError):
                _mount("/dev/" + name, os.path.join(folder, name), _BIND)
    if os.path.isdir("/dev/pts"):
        os.symlink("pts/ptmx", os.path.join(folder, "ptmx"))


def _bind(root: str, mount: Mount, flags: int) -> None:
    target = root + mount.target
    if os.path.isdir(mount.source):
        os.makedirs(target, exist_ok=True)
    elif not os.path.exists(target):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        _touch(target)
    _mount(mount.source, target, _BIND | (_REC if mount.is_deep else 0))
    flags |= 0 if mount.is_writable else _RDONLY
    flags |= 0 if mount.is_executable else _NOEXEC
    _restrict(target, flags)


def _restrict(target: str, flags: int) -> None:
    now = os.statvfs(target).f_flag
    kept = sum(flag for shown, flag in _KEPT_FLAGS.items() if now & shown)
    _mount("", target, _REMOUNT | _BIND | kept | flags)


def _mask(root: str) -> None:
    """Hide what describes the machine; what cannot be hidden here stays, as nothing relies on it."""
    for path in _MASKED:
        with contextlib.suppress(OSError):
            if os.path.isdir(root + path):
                _check(_LIBC.mount(b"tmpfs", (root + path).encode(), b"tmpfs", _RDONLY, b"size=0"), "mask")
            elif os.path.exists(root + path):
                _mount("/dev/null", root + path, _BIND)


def _enter(root: str) -> None:
    number = _PIVOT_ROOT.get(platform.machine())
    if number is None:
        raise OSError(0, "pivot_root on %s" % platform.machine())
    os.chdir(root)
    _check(_LIBC.syscall(number, b".", b"."), "pivot_root")
    _check(_LIBC.umount2(b".", _DETACH), "umount")
    os.chdir("/")


def _touch(path: str) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o644))


def _mount(source: str, target: str, flags: int) -> None:
    _check(_LIBC.mount(source.encode(), target.encode(), None, flags, None), "mount %s" % target)


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, "%s: %s" % (what, os.strerror(number)))
