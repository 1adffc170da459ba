"""Work that runs once although several processes need it: one at a time for each key, among threads and processes.

Takes a folder for locks and workspaces, gives an empty workspace to one holder at a time.
"""

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from director.edge.machine import atomic_files


class ExclusiveWork:
    """Locks by key. They are file locks, which the kernel releases if their holder dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def working_on(self, key: str) -> Iterator[Path]:
        """Wait for the lock; the workspace is empty, and removed afterwards (or before its next use)."""
        with self.holding([key]):
            workspace = self._folder / "work" / _name(key)
            shutil.rmtree(workspace, ignore_errors=True)
            atomic_files.make_private(workspace)
            try:
                yield workspace
            finally:
                shutil.rmtree(workspace, ignore_errors=True)

    @contextmanager
    def holding(self, keys: Iterable[str]) -> Iterator[None]:
        """Wait for the locks of all keys; they are taken in a fixed order, so there is no deadlock."""
        locks = self._folder / "locks"
        with ExitStack() as held:
            for name in sorted({_name(key) for key in keys}):
                held.enter_context(atomic_files.locked(locks / name))
            yield


def _name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]
