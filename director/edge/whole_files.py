"""Files that are there whole or not at all.

Takes a folder and a function that fills a file, gives the file in its place, on disk for good.
"""

import errno
import fcntl
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from director.errors import StateError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_ABANDONED_AFTER_S = 60.0


def make_private(folder: Path) -> None:
    """Make the folder, its parents as well, for this user alone."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(folder, error) from error


def write_whole(partial: Path, fill: Callable[[BinaryIO], Path]) -> Path:
    """Let `fill` write a new file in `partial`, then move it to the path that `fill` gave.

    The target's folder must be on the same file system. Whatever goes wrong, nothing is left.
    Raises StateError: disk-full, blobstore-denied.
    """
    make_private(partial)
    descriptor, name = _new_file(partial)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            target = fill(stream)
            stream.flush()
            os.fsync(stream.fileno())
            make_private(target.parent)
            temporary.rename(target)
        _sync_folder(target.parent)
    except OSError as error:
        raise storage_error(partial, error) from error
    finally:
        temporary.unlink(missing_ok=True)
    return target


def remove_abandoned(partial: Path) -> int:
    """Remove what killed writers left in `partial`: older than a minute, and locked by nobody. Gives how many."""
    removed = 0
    for path in partial.iterdir() if partial.is_dir() else ():
        if time.time() - path.stat().st_mtime < _ABANDONED_AFTER_S:
            continue
        with path.open("rb") as stream:
            if _is_unlocked(stream):
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def storage_error(path: Path, error: OSError) -> StateError:
    """Say what kept us from writing below `path`."""
    if error.errno in _FULL:
        return StateError(
            "disk-full",
            f"No space left for {path}.",
            why=f"The system said: {error.strerror}. Nothing half-written was kept.",
            fix="Free some space (or point COMPLEAT_HOME at a larger disk), then run the same command again.",
        )
    return StateError(
        "blobstore-denied",
        f"Cannot write below {path}.",
        why=f"The system said: {error.strerror}.",
        fix="Give your user the right to write there, or set COMPLEAT_HOME to a folder of your own.",
    )


def _new_file(partial: Path) -> tuple[int, str]:
    try:
        return tempfile.mkstemp(dir=partial)
    except OSError as error:
        raise storage_error(partial, error) from error


def _is_unlocked(stream: BinaryIO) -> bool:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
