"""Delete an orphaned disk at teardown: no instance in the state has it.

Takes nothing, gives a frozen value with its facts and its result.
"""

from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from cpi.contract.values import DiskCid
from director.model.tasks.work import CidResult, CloudWork, Doubt, Family, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteDisk(CloudWork[CidResult]):
    """Delete an orphaned disk at teardown: no instance in the state has it."""

    cid: DiskCid
    kind: Literal["delete_disk"] = "delete_disk"
    facts: ClassVar = WorkFacts(
        verb="delete",
        noun="disk",
        doing="deleting disk",
        sign="-",
        family=Family.DISK,
        doubt=Doubt.LOOK,
        is_event=True,
        needs_consent=True,
        is_finished_at_once=True,
    )
    result: ClassVar = CidResult
