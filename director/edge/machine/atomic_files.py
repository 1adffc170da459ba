"""Files that are written atomically and are private to this user: folders 0700, files 0600.

Takes a path and a content, or a function that fills a file; gives the file at its path, synced to disk.
"""

import errno
import io
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from director.edge.machine import file_locks
from director.errors import StateError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_ABANDONED_AFTER_S = 60.0
_PARTIAL = ".partial"


def make_private(folder: Path) -> None:
    """Make the folder, and what is missing of its parents, for this user alone."""
    try:
        _make_private(folder)
    except OSError as error:
        raise storage_error(folder, error) from error


def write_atomically(partial: Path, fill: Callable[[BinaryIO], Path]) -> Path:
    """Let `fill` write a new file in `partial`, then move it to the path that `fill` gave.

    The target's folder must be on the same file system. Whatever goes wrong, nothing is left.
    Raises StateError: disk-full, storage-denied.
    """
    make_private(partial)
    try:
        with _new_file(partial, "tmp", "") as (stream, temporary):
            target = fill(stream)
            _make_private(target.parent)
            _finish(stream, lambda: temporary.rename(target))
        _sync_folder(target.parent)
    except OSError as error:
        raise storage_error(partial, error) from error
    return target


def replace_file(target: Path, content: bytes) -> None:
    """Put a file of this content in place of what is there. Raises StateError: disk-full, storage-denied."""
    replace_by_stream(target, io.BytesIO(content))


def replace_by_stream(target: Path, source: BinaryIO) -> None:
    """The same with what a stream gives. A device or a pipe takes it as it comes."""
    place = Path(os.path.realpath(target))
    if place.exists() and not place.is_file() and not place.is_dir():
        with place.open("wb") as device:
            shutil.copyfileobj(source, device)
        return
    with _beside(place) as (stream, temporary):
        shutil.copyfileobj(source, stream)
        _finish(stream, lambda: temporary.rename(place))


def create_file(target: Path, content: bytes) -> bool:
    """Make the file unless there is one: of many at the same time, one gives True, and all find its content.

    Raises StateError: disk-full, storage-denied.
    """
    with _beside(target) as (stream, temporary):
        stream.write(content)
        try:
            _finish(stream, lambda: os.link(temporary, target))
        except FileExistsError:
            return False
    return True


def publish(made: Path, target: Path) -> None:
    """Give a whole file that was made in the target's folder its name, on disk for good. Raises OSError."""
    descriptor = os.open(made, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    made.rename(target)
    _sync_folder(target.parent)


@contextmanager
def open_lock(path: Path) -> Iterator[BinaryIO]:
    """A file to lock, made if it is not there; its content is never used.

    Raises StateError: disk-full, storage-denied.
    """
    try:
        _make_private(path.parent)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise storage_error(path, error) from error
    with os.fdopen(descriptor, "r+b") as stream:
        yield stream


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait for the lock on such a file, and hold it."""
    with open_lock(path) as lock:
        file_locks.wait(lock)
        yield


def remove_abandoned(partial: Path, pattern: str = "*") -> int:
    """Remove what killed writers left in `partial`: older than a minute and not locked. Gives how many."""
    return sum(_remove_abandoned(path) for path in partial.glob(pattern)) if partial.is_dir() else 0


def is_full(error: OSError) -> bool:
    """Whether it says that there is no room."""
    return error.errno in _FULL


def storage_error(path: Path, error: OSError) -> StateError:
    """Say what keeps a file at or below `path` from being read or written."""
    if is_full(error):
        return StateError(
            "disk-full",
            f"No space left for {path}.",
            why=f"System error: {error.strerror}. No partial file was kept.",
            fix="Free some space (or point COMPLEAT_HOME at a larger disk), then run the same command again.",
        )
    return StateError(
        "storage-denied",
        f"Cannot read or write {path}.",
        why=f"System error: {error.strerror}.",
        fix="Allow your user to write there, move away what blocks it, or set COMPLEAT_HOME to a folder of yours.",
    )


def _make_private(folder: Path) -> None:
    """Path.mkdir would make the parents by the umask."""
    if folder.is_dir():
        return
    if folder.parent != folder:
        _make_private(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def _beside(target: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A new file in the target's folder; what killed writers left there of the same name goes."""
    prefix = f".{target.name}."
    try:
        _make_private(target.parent)
        remove_abandoned(target.parent, f"{prefix}*{_PARTIAL}")
        with _new_file(target.parent, prefix, _PARTIAL) as opened:
            yield opened
        _sync_folder(target.parent)
    except OSError as error:
        raise storage_error(target, error) from error


@contextmanager
def _new_file(folder: Path, prefix: str, suffix: str) -> Iterator[tuple[BinaryIO, Path]]:
    """A locked file; its name is gone at the end, whatever happens."""
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=prefix, suffix=suffix)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            file_locks.wait(stream)
            yield stream, temporary
    finally:
        temporary.unlink(missing_ok=True)


def _finish(stream: BinaryIO, place: Callable[[], object]) -> None:
    """Only what is on the disk gets its name."""
    stream.flush()
    os.fsync(stream.fileno())
    place()


def _remove_abandoned(path: Path) -> int:
    try:
        if time.time() - path.stat().st_mtime < _ABANDONED_AFTER_S or not path.is_file():
            return 0
        with path.open("rb") as stream:
            if not file_locks.is_taken(stream):
                return 0
            path.unlink(missing_ok=True)
    except OSError:
        return 0
    return 1


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
