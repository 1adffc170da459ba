"""A backup of a home as a file, and what happens when it is put back.

Takes nothing, gives frozen values.
"""

from cpi.contract.value_classes import dataclass

BACKUP_SCHEMA = "compleat.backup/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUpEnvironment:
    """An environment of the state in a backup."""

    name: str
    deployments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeBackup:
    """`made_at` is in seconds since 1970, `revision` the schema of its state, `size` the bytes of the whole file.

    `has_key` says that the vault's key is in it: a reader of the file can then read every secret. `has_all_blobs` that
    caches are in it too, besides the tarballs that the state names.
    """

    path: str
    made_at: float
    revision: str
    environments: tuple[BackedUpEnvironment, ...]
    file_count: int
    size: int
    has_key: bool
    has_all_blobs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredHome:
    """`former` is the folder with what the home had before, "" where it was empty."""

    backup: HomeBackup
    former: str
