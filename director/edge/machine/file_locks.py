"""Locks on open files, which the kernel frees when their holder dies. All of the director locks here.

Takes open files, gives whether the lock is held now.
"""

import fcntl
from typing import IO, Any


def wait(file: IO[Any]) -> None:
    """Wait for the lock and hold it until the file is closed."""
    fcntl.flock(file, fcntl.LOCK_EX)


def is_taken(file: IO[Any], *, is_shared: bool = False) -> bool:
    """Whether the lock is held now, until the file is closed; False where somebody else has it."""
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
