"""Delete one of the environment's images.

Takes nothing, gives a frozen value with its facts and its result.
"""

from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from cpi.contract.values import StemcellCid
from director.model.tasks.work import CidResult, CloudWork, Family, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteStemcell(CloudWork[CidResult]):
    """Delete one of the environment's images."""

    cid: StemcellCid
    kind: Literal["delete_stemcell"] = "delete_stemcell"
    facts: ClassVar = WorkFacts(
        verb="delete", noun="stemcell", doing="deleting stemcell", sign="-", family=Family.IMAGE, is_event=True
    )
    result: ClassVar = CidResult
