"""Leases as locks on files: the kernel frees one when its holder dies.

Takes a folder, gives locks by environment and name.
"""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from director.edge.machine import atomic_files, file_locks

_TRIES = 5
_PAUSE_S = 0.02


class LeaseFiles:
    """Implements Locks of sql_leases, for directors on one machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def lock(self, held: ExitStack, environment: str, name: str, *, is_shared: bool) -> bool:
        """Lock the file until `held` ends; False when somebody else has it."""
        lock = held.enter_context(atomic_files.open_lock(self._path(environment, name)))
        return _is_taken(lock, is_shared=is_shared)

    def is_locked(self, environment: str, name: str) -> bool:
        """Take a shared lock and release it at once: it is refused while a living process has the exclusive one."""
        path = self._path(environment, name)
        if not path.exists():
            return False
        with path.open("rb") as lock:
            return not file_locks.is_taken(lock, is_shared=True)

    def _path(self, environment: str, name: str) -> Path:
        return self._folder / environment / f"{name or '.environment'}.lock"


def _is_taken(lock: IO[Any], *, is_shared: bool) -> bool:
    """A process that only checks holds the lock for a moment, so a single refusal does not count."""
    for left in reversed(range(_TRIES)):
        if file_locks.is_taken(lock, is_shared=is_shared):
            return True
        if left:
            time.sleep(_PAUSE_S)
    return False
