"""Two kinds of lock: a POSIX record lock that says who lives, and flock for one operation at a time.

Takes paths, gives descriptors and process ids. A record lock is not inherited by fork and ends with its process, so it
is never held by a zombie; F_GETLK gives the holder's id in the caller's own process namespace.
"""

import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager

_FLOCK = "hhqqi4x"


def hold(path: str) -> int:
    """Take the record lock at `path` for the life of the calling process; BlockingIOError when another has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return descriptor


def wait_and_hold(path: str) -> int:
    """Take the record lock at `path`, waiting for another holder to end."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.lockf(descriptor, fcntl.LOCK_EX)
    return descriptor


def find_holder(path: str) -> int:
    """The process that holds the record lock at `path`; 0 for none, also when the file is absent.

    A caller outside the holder's process namespaces cannot see its id; then it is -1: alive.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0
    try:
        asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        kind, _, _, _, pid = struct.unpack(_FLOCK, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    finally:
        os.close(descriptor)
    if kind == fcntl.F_UNLCK:
        return 0
    return pid or -1


@contextmanager
def alone(path: str) -> Iterator[None]:
    """Be the only one inside, among all processes; waits for its turn. `path` may be a directory."""
    descriptor = _open_any(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _open_any(path: str) -> int:
    if os.path.isdir(path):
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
