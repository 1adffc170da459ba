"""The content of a home exchanged for another that was unpacked beside it: killed at any time, the next call continues.

Takes the home's folder. Below `restoring/`: `new` is unpacked, `begun` says that it is whole and that the exchange has
begun, `old` takes what the home had, `moved` says that it has all of it.
"""

import itertools
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from director.edge.backups.backup_inventory import KEY, STATE
from director.edge.machine import atomic_files, file_locks
from director.edge.state.lease_files import LeaseFiles
from director.errors import LockedError

_EXCHANGED = (f"{STATE}-shm", f"{STATE}-wal", STATE, KEY, "vault", "environments", "cloud-configs", "parameters")
_MERGED = ("blobs", "releases", "bundles")
"""Folders by digest: what is there already is the same."""


class BegunRestore(BaseModel):
    """The SHA-256 of the backup that is being restored, and what the folder with the former content is called."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    digest: str
    stamp: str


class HomeExchange:
    """One home. Call all but `has_content` within `alone`."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._folder = home / "restoring"
        self._begun = self._folder / "begun"
        self._moved = self._folder / "moved"
        self._old = self._folder / "old"
        self.new = self._folder / "new"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only restore of this home."""
        with atomic_files.locked(self._home / "leases" / ".restore.lock"):
            yield

    def has_content(self) -> bool:
        """Whether there is anything that would be moved away."""
        places = [self._home / name for name in _EXCHANGED]
        return any(any(place.iterdir()) if place.is_dir() else os.path.lexists(place) for place in places)

    def begun(self) -> BegunRestore | None:
        """The restore that was interrupted after it had begun to exchange."""
        try:
            return BegunRestore.model_validate_json(self._begun.read_bytes())
        except FileNotFoundError:
            return None

    @contextmanager
    def unpacking(self) -> Iterator[None]:
        """Unpack below `new` within: nothing is there before, and nothing stays of what fails."""
        self.clear()
        with ExitStack() as failing:
            failing.callback(self.clear)
            yield
            failing.pop_all()

    def clear(self) -> None:
        """Remove what is unpacked, its mark first: without it nothing is half exchanged."""
        self._begun.unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def begin(self, digest: str, stamp: str) -> None:
        """From now on no other command opens the home."""
        taken = {place.name for place in self._home.glob("replaced-*")}
        names = itertools.chain([stamp], (f"{stamp}-{number}" for number in itertools.count(2)))
        begun = BegunRestore(digest=digest, stamp=next(name for name in names if f"replaced-{name}" not in taken))
        _sync_tree(self.new)
        atomic_files.replace_file(self._begun, json.dumps(begun.model_dump()).encode())

    def finish(self) -> str:
        """Exchange what is not exchanged yet; gives the folder with the former content, "" without any.

        Raises LockedError, code `home-in-use`, and the restore has not begun if nothing was moved yet.
        """
        begun = self.begun()
        assert begun is not None, "begin comes first"
        with ExitStack() as held:
            self._require_idle(held)
            try:
                return self._exchange(self._home / f"replaced-{begun.stamp}")
            except OSError as error:
                raise atomic_files.storage_error(self._home, error) from error

    def _exchange(self, former: Path) -> str:
        if not self._moved.exists():
            self._old.mkdir(mode=0o700, exist_ok=True)
            for name in _EXCHANGED:
                _move(self._home / name, self._old / name)
            _sync(self._old)
            _sync(self._home)
            atomic_files.replace_file(self._moved, b"")
        for name in _MERGED:
            _merge(self.new / name, self._home / name)
        for name in _EXCHANGED:
            _move(self.new / name, self._home / name)
        if self._old.exists() and any(self._old.iterdir()):
            self._old.rename(former)
        _sync(self._home)
        self.clear()
        return str(former) if former.exists() else ""

    def _require_idle(self, held: ExitStack) -> None:
        """Hold the locks of all environments; no task may be worked on."""
        leases = self._home / "leases"
        locks = LeaseFiles(leases)
        names = sorted(place.name for place in leases.iterdir() if place.is_dir())
        is_free = all(locks.lock(held, name, ".all", is_shared=False) for name in names)
        if is_free and not any(map(_is_worked_on, (self._home / "tasks").glob("*.lock"))):
            return
        if not self._moved.exists() and not self._old.exists():
            self.clear()
        raise LockedError(
            "home-in-use",
            f"Another command is running in {self._home}.",
            why="A restore exchanges the state of all environments; `compleat tasks -e NAME` lists what runs.",
            fix="Wait for it to end, then run the same command again.",
        )


def _is_worked_on(lock: Path) -> bool:
    try:
        with lock.open("rb") as stream:
            return not file_locks.is_taken(stream, is_shared=True)
    except FileNotFoundError:
        return False


def _move(source: Path, target: Path) -> None:
    """A source that is not there was moved before, or never was."""
    if os.path.lexists(source):
        source.rename(target)


def _merge(source: Path, target: Path) -> None:
    """Move what the target lacks; a folder as a whole where it lacks that."""
    if not source.is_dir():
        return
    if not os.path.lexists(target):
        atomic_files.make_private(target.parent)
        source.rename(target)
        return
    for each in sorted(source.iterdir()):
        place = target / each.name
        if each.is_dir() and place.is_dir():
            _merge(each, place)
        elif not os.path.lexists(place):
            each.rename(place)


def _sync_tree(root: Path) -> None:
    for folder in (root, *(path for path in root.rglob("*") if path.is_dir())):
        _sync(folder)


def _sync(folder: Path) -> None:
    """The names in it are on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
