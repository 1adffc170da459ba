"""Delete one of the environment's snapshots.

Takes nothing, gives a frozen value with its facts and its result.
"""

from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from cpi.contract.values import SnapshotCid
from director.model.tasks.work import CidResult, CloudWork, Family, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteSnapshot(CloudWork[CidResult]):
    """Delete one of the environment's snapshots."""

    cid: SnapshotCid
    kind: Literal["delete_snapshot"] = "delete_snapshot"
    facts: ClassVar = WorkFacts(
        verb="delete",
        noun="snapshot",
        doing="deleting snapshot",
        sign="-",
        family=Family.DISK,
        is_event=True,
        needs_consent=True,
        is_finished_at_once=True,
    )
    result: ClassVar = CidResult
