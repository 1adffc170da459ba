"""What SQLite and the disk say of the state store, in our words.

Takes the database's path and SQLite's text, gives StateErrors.
"""

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from director.errors import LockedError, StateError
from director.model import as_data

_LEAST_BYTES = 64 * 1024
_WAY_ON = (
    "Put the file back from a backup. Without one, move it away and run `compleat up`, then deploy each manifest "
    "again: compleat finds its resources in the clouds by their owner keys, and keeps disks."
)


def refusal(path: Path, text: str) -> StateError:
    """Map SQLite's error text to an error: disk-full, state-locked, state-unreadable."""
    if "full" in text or ("I/O error" in text and _free_bytes(path) < _LEAST_BYTES):
        return StateError(
            "disk-full",
            f"No space left for the state in {path}.",
            why=f"SQLite error: {text}. Free space: {_free_bytes(path) >> 10} KiB. Acknowledged writes are safe.",
            fix="Free some space, then run the same command again: it continues where it stopped.",
        )
    if "locked" in text:
        return LockedError(
            "state-locked",
            f"Another compleat process holds the write lock on the state in {path}.",
            why=f"SQLite error: {text}. The wait for it timed out; it may be suspended (Ctrl-Z), or its disk hangs.",
            fix=f"Resume or end that process (`fuser {path}` names it), then run the same command again.",
        )
    if path.exists() and not os.access(path, os.R_OK | os.W_OK):
        return _denied(path)
    return StateError(
        "state-unreadable",
        f"The state in {path} cannot be read or written.",
        why=f"SQLite error: {text}.",
        fix=f"Check the owner of the file and its folder. If the file is damaged: {_WAY_ON}",
    )


def _denied(path: Path) -> StateError:
    """Most often a first command was run with sudo."""
    home = shlex.quote(str(path.parent))
    return StateError(
        "state-denied",
        f"Your user may not read and write the state in {path}.",
        why=f"Its owner is {path.owner()}, mode {path.stat().st_mode & 0o777:04o}.",
        fix=f"Run the command as that user, or change the owner of the home: `sudo chown -R $(id -u) {home}`.",
    )


def emptied(path: Path) -> StateError:
    """A file without content, which no compleat leaves behind."""
    return StateError(
        "state-emptied",
        f"The state in {path} is empty.",
        why="The file has 0 bytes: its content is lost. A new state is never empty.",
        fix=_WAY_ON,
    )


def newer_schema(path: Path, revision: str, known: str) -> StateError:
    """A schema that this version does not know."""
    return StateError(
        "state-version",
        f"The state in {path} was written by a newer version of compleat.",
        why=f"Its schema is {revision}; this version knows {known}.",
        fix="Run the command with that newer version, or set COMPLEAT_HOME to another folder.",
    )


def newer_record(path: Path, whose: str, reason: str) -> StateError:
    """A record that is whole, with a part that this version does not know."""
    return StateError(
        "state-version",
        f"The record of {whose} in {path} was written by a newer version of compleat.",
        why=f"This version does not know all of it: {reason}.",
        fix="Run the command with that newer version. If there was none, the record is damaged: put the file back "
        "from a backup.",
    )


def damaged(path: Path, whose: str, reason: str) -> StateError:
    """A record that is not what was written."""
    return StateError(
        "state-damaged",
        f"The record of {whose} in {path} is damaged.",
        why=f"Its content differs from what compleat wrote: {reason}.",
        fix=_WAY_ON,
    )


def sealed(path: Path, whose: str, reason: str) -> StateError:
    """A record that the key does not open."""
    return StateError(
        "state-sealed",
        f"The record of {whose} in {path} cannot be opened.",
        why=f"{reason[:1].upper()}{reason[1:]}.",
        fix=f"Put vault.key and state.db back from the same backup. Without one, move vault.key, the folder vault and "
        f"state.db (with its -wal and -shm) away from {path.parent}, then run `compleat up` and deploy each manifest "
        "again: VMs are recreated; disks are found by their owner keys and kept.",
    )


def _free_bytes(path: Path) -> int:
    """Also the shared memory of the write-ahead log takes room: SQLite calls its lack an I/O error."""
    free = os.statvfs(path.parent)
    return free.f_bavail * free.f_frsize


@contextmanager
def refusing_damage(path: Path, whose: str) -> Iterator[None]:
    """Raises StateError for a document that cannot be read inside: state-damaged; state-version of a newer one."""
    try:
        yield
    except as_data.UnknownPartError as error:
        raise newer_record(path, whose, str(error)) from error
    except (ValueError, RecursionError) as error:
        raise damaged(path, whose, str(error)) from error
