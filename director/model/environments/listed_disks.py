"""Persistent disks and snapshots as the clouds list them, with whose each is or was.

Takes nothing, gives frozen values.
"""

from cpi.contract.value_classes import dataclass
from cpi.contract.values import FoundDisk, SnapshotCid
from director.model import counting
from director.model.counting import NaturalKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDisk:
    """A disk as its cloud has it. `instance` is the one that has it, or had it: then it is an orphan.

    `orphaned_at` is None for a disk in use, and 0 where that was not recorded. `is_recorded` is False for one that is
    newer than the state: some instance may have it.
    """

    found: FoundDisk
    cloud: str
    deployment: str
    instance: str
    orphaned_at: float | None = None
    is_recorded: bool = True

    @property
    def is_orphan(self) -> bool:
        """Whether no instance has it."""
        return self.orphaned_at is not None

    @property
    def place(self) -> tuple[bool, str, NaturalKey, str]:
        """Its place among others: those in use first, by deployment and instance."""
        return (self.is_orphan, self.deployment, counting.natural_key(self.instance), self.found.cid)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSnapshot:
    """A snapshot as its cloud has it; `created_at` is 0 where that was not recorded."""

    cid: SnapshotCid
    cloud: str
    deployment: str
    instance: str
    disk_cid: str
    created_at: float

    @property
    def place(self) -> tuple[str, NaturalKey, float, str]:
        """Its place among others: by deployment and instance, an instance's oldest first."""
        return (self.deployment, counting.natural_key(self.instance), self.created_at, self.cid)
