"""Linux system calls that Python 3.11 has no names for, by ctypes.

Takes paths, descriptors and flags, gives nothing or a descriptor; raises OSError naming the call.
"""

import ctypes
import os

_LIBC = ctypes.CDLL(None, use_errno=True)

NEWNS = 0x20000
NEWCGROUP = 0x2000000
NEWUTS = 0x4000000
NEWIPC = 0x8000000
NEWUSER = 0x10000000
NEWPID = 0x20000000
NEWNET = 0x40000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18
MS_SLAVE = 1 << 19
MNT_DETACH = 2

ATTR_RDONLY = 1
ATTR_NOSUID = 2
ATTR_NODEV = 4
ATTR_IDMAP = 0x100000

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NAME = 15
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38

_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_AT_FDCWD = -100
_AT_EMPTY_PATH = 0x1000
_AT_RECURSIVE = 0x8000
_OPEN_TREE_CLONE = 1
_MOVE_MOUNT_F_EMPTY_PATH = 4

_LIBC.mount.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p]


class _MountAttr(ctypes.Structure):
    _fields_ = (
        ("attr_set", ctypes.c_uint64),
        ("attr_clr", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns_fd", ctypes.c_uint64),
    )


def unshare(flags: int) -> None:
    """Leave the namespaces named by `flags` for new ones."""
    _check(_LIBC.unshare(flags), f"unshare {flags:#x}")


def setns(descriptor: int, flags: int = 0) -> None:
    """Enter the namespace behind an open /proc/PID/ns file."""
    _check(_LIBC.setns(descriptor, flags), f"setns {flags:#x}")


def mount(source: str, target: str, *, kind: str = "", flags: int = 0, options: str = "") -> None:
    """mount(2); an empty `kind` or `options` is none."""
    done = _LIBC.mount(source.encode(), os.fsencode(target), kind.encode() or None, flags, options.encode() or None)
    _check(done, f"mount {kind or 'bind'} on {target}")


def umount(target: str, flags: int = 0) -> None:
    """umount2(2)."""
    _check(_LIBC.umount2(os.fsencode(target), flags), f"umount {target}")


def pivot_root(new_root: str, put_old: str) -> None:
    """pivot_root(2)."""
    number = ctypes.c_long(_PIVOT_ROOT[os.uname().machine])
    _check(_LIBC.syscall(number, os.fsencode(new_root), os.fsencode(put_old)), "pivot_root")


def prctl(option: int, value: int = 0) -> None:
    """prctl(2) with one argument."""
    zero = ctypes.c_ulong(0)
    _check(_LIBC.prctl(option, ctypes.c_ulong(value), zero, zero, zero), f"prctl {option}")


def set_process_name(name: str) -> None:
    """Name the calling process for people; it is inherited by forks, so never search by it."""
    _LIBC.prctl(PR_SET_NAME, ctypes.c_char_p(name.encode()[:15]), 0, 0, 0)


def set_seccomp_filter(program: bytes) -> None:
    """Install a classic BPF filter of 8-byte instructions on the calling process and all it starts."""
    code = ctypes.create_string_buffer(program, len(program))
    head = ctypes.create_string_buffer(16)
    ctypes.c_uint16.from_buffer(head, 0).value = len(program) // 8
    ctypes.c_uint64.from_buffer(head, 8).value = ctypes.addressof(code)
    zero = ctypes.c_ulong(0)
    _check(_LIBC.prctl(PR_SET_SECCOMP, ctypes.c_ulong(2), ctypes.byref(head), zero, zero), "prctl seccomp")


def sethostname(name: str) -> None:
    """sethostname(2) in the present UTS namespace."""
    encoded = name.encode()
    _check(_LIBC.sethostname(encoded, ctypes.c_size_t(len(encoded))), "sethostname")


def open_tree(path: str, *, recursive: bool = True) -> int:
    """Clone the mount at `path` into a detached one; gives its descriptor."""
    flags = _OPEN_TREE_CLONE | os.O_CLOEXEC | (_AT_RECURSIVE if recursive else 0)
    done = _LIBC.syscall(ctypes.c_long(_OPEN_TREE), _AT_FDCWD, os.fsencode(path), ctypes.c_uint(flags))
    return _check(done, f"open_tree {path}")


def move_mount(descriptor: int, target: str) -> None:
    """Attach a detached mount at `target`."""
    done = _LIBC.syscall(
        ctypes.c_long(_MOVE_MOUNT), descriptor, b"", _AT_FDCWD, os.fsencode(target), _MOVE_MOUNT_F_EMPTY_PATH
    )
    _check(done, f"move_mount {target}")


def mount_setattr(descriptor: int, attributes: int, *, userns: int = 0, recursive: bool = True) -> None:
    """Set ATTR_* on a detached mount; ATTR_IDMAP takes the user namespace's descriptor."""
    value = _MountAttr(attributes, 0, 0, userns)
    flags = _AT_EMPTY_PATH | (_AT_RECURSIVE if recursive else 0)
    size = ctypes.c_size_t(ctypes.sizeof(value))
    done = _LIBC.syscall(ctypes.c_long(_MOUNT_SETATTR), descriptor, b"", flags, ctypes.byref(value), size)
    _check(done, "mount_setattr")


def bind(source: str, target: str, *, attributes: int = 0) -> None:
    """Bind `source`, with what is mounted below it, onto `target`, with ATTR_* from its first moment."""
    descriptor = open_tree(source)
    try:
        if attributes:
            mount_setattr(descriptor, attributes)
        move_mount(descriptor, target)
    finally:
        os.close(descriptor)


def _check(done: int, call: str) -> int:
    if done < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), call)
    return done
