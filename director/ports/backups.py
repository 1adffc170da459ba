"""The home as one file: written while commands run, verified, and put back.

Takes paths, gives values of director.model.backups.
"""

from typing import Protocol

from director.model.backups import HomeBackup, RestoredHome


class Backups(Protocol):
    """The file is an untrusted archive until its seal was verified; nothing outside the home is ever written."""

    def write(self, path: str, *, made_at: float, has_key: bool, has_all_blobs: bool) -> HomeBackup:
        """Write state, vault, files and blobs as they were at one moment: the state names nothing that is not in it.

        `has_key` puts the vault's key into the file, `has_all_blobs` caches too. The file is 0600, there whole or not
        at all. Raises InputError: backup-of-nothing, backup-too-large; StateError: backup-blob-missing, disk-full,
        storage-denied.
        """

    def verify(self, path: str, *, key: str | None) -> HomeBackup:
        """Check each byte of it; `key` is the file of the vault's key where the backup has none, None for the home's.

        Nothing is written. Raises InputError: backup-missing, backup-damaged, backup-altered, backup-version,
        backup-without-key.
        """

    def has_content(self) -> bool:
        """Whether the home holds a state, secrets or files of environments."""

    def finish(self, path: str) -> RestoredHome | None:
        """Finish a restore that was interrupted; None without one, or if it was one of another file than `path`.

        Raises LockedError, code `home-in-use`.
        """

    def restore(self, path: str, *, key: str | None, stamp: str) -> RestoredHome:
        """Put the home into the state of the file; what it had is moved to a folder that has `stamp` in its name.

        Killed at any time, `finish` continues; until then no other command opens the home. Call `finish` before.
        Raises what `verify` raises; LockedError, code `home-in-use`; StateError: disk-full, storage-denied.
        """
