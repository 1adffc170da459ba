"""What root of a VM does to make a tree of the machine writable. Runs inside the VM: standard library only.

Takes trees as arguments; prints JSON: what became possible, as a way, a tree and "flag" or "write". Each way has a
process and a mount namespace of its own.
"""

import ctypes
import json
import os
import sys
from collections.abc import Callable

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mount.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p]
RDONLY, REMOUNT, BIND, MOVE, REC, DETACH = 1, 32, 4096, 8192, 16384, 2
NEWNS, NEWUSER = 0x20000, 0x10000000
OPEN_TREE, MOUNT_SETATTR, CLONE, EMPTY_PATH, RECURSIVE = 428, 442, 1, 0x1000, 0x8000
ELSEWHERE = "/mnt/elsewhere"
Way = Callable[[str], str]


def check(done: int) -> int:
    if done < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return done


def mount(source: str, target: str, flags: int) -> None:
    check(LIBC.mount(source.encode(), target.encode(), None, flags, None))


def set_writable(descriptor: int, path: str, flags: int) -> None:
    attributes = (ctypes.c_uint64 * 4)(0, RDONLY, 0, 0)
    size = ctypes.c_size_t(32)
    check(LIBC.syscall(ctypes.c_long(MOUNT_SETATTR), descriptor, path.encode(), flags, attributes, size))


def remount(tree: str) -> str:
    mount("none", tree, REMOUNT | BIND)
    return tree


def remount_file_system(tree: str) -> str:
    mount("none", tree, REMOUNT)
    return tree


def bind_elsewhere(tree: str) -> str:
    mount(tree, ELSEWHERE, BIND)
    return remount(ELSEWHERE)


def bind_all_elsewhere(tree: str) -> str:
    mount("/", ELSEWHERE, BIND | REC)
    return remount(ELSEWHERE + tree)


def move_elsewhere(tree: str) -> str:
    mount(tree, ELSEWHERE, MOVE)
    return remount(ELSEWHERE)


def set_attribute(tree: str) -> str:
    set_writable(-100, tree, 0)
    return tree


def clone(tree: str) -> str:
    descriptor = check(LIBC.syscall(ctypes.c_long(OPEN_TREE), -100, tree.encode(), CLONE | RECURSIVE))
    set_writable(descriptor, "", EMPTY_PATH | RECURSIVE)
    return f"/proc/self/fd/{descriptor}"


def new_mount_namespace(tree: str) -> str:
    check(LIBC.unshare(NEWNS))
    return remount(tree)


def new_user_namespace(tree: str) -> str:
    check(LIBC.unshare(NEWUSER | NEWNS))
    return remount(tree)


def namespaces_of_the_first_process(tree: str) -> str:
    for name in ("user", "mnt"):
        check(LIBC.setns(os.open(f"/proc/1/ns/{name}", os.O_RDONLY), 0))
    return remount(tree)


def root_of_the_first_process(tree: str) -> str:
    return remount(f"/proc/1/root{tree}")


def uncover(tree: str) -> str:
    check(LIBC.umount2(tree.encode(), DETACH))
    return ""


def nothing(tree: str) -> str:
    return tree


WAYS: tuple[Way, ...] = (
    nothing,
    remount,
    remount_file_system,
    bind_elsewhere,
    bind_all_elsewhere,
    move_elsewhere,
    set_attribute,
    clone,
    new_mount_namespace,
    new_user_namespace,
    namespaces_of_the_first_process,
    root_of_the_first_process,
    uncover,
)


def attempt(way: Way, tree: str) -> str:
    """What came of one way: "", "flag" (the mount is no longer read-only), "write" (a file was made)."""
    try:
        place = way(tree)
    except OSError:
        return ""
    if not place:
        return "flag"
    try:
        with open(f"{place}/escaped-{way.__name__}", "w"):
            return "write"
    except OSError:
        return "flag" if way is not nothing else ""


def in_a_process(way: Way, tree: str) -> str:
    ear, mouth = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            check(LIBC.unshare(NEWNS))  # a way that works must not change what the next one finds
            os.write(mouth, attempt(way, tree).encode())
        finally:
            os._exit(0)
    os.close(mouth)
    reported = os.read(ear, 64).decode()
    os.waitpid(child, 0)
    os.close(ear)
    return reported


os.makedirs(ELSEWHERE, exist_ok=True)
outcomes = [(way.__name__, tree, in_a_process(way, tree)) for way in WAYS for tree in sys.argv[1:]]
sys.stdout.write(json.dumps([outcome for outcome in outcomes if outcome[2]]))
