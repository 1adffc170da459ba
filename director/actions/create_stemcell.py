"""Make an image usable.

Takes nothing, gives a frozen value with its facts and its result.
"""

from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from cpi.contract.values import StemcellRequest
from director.model.tasks.work import CidResult, CloudWork, Doubt, Family, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateStemcell(CloudWork[CidResult]):
    """Make an image usable."""

    request: StemcellRequest
    kind: Literal["create_stemcell"] = "create_stemcell"
    facts: ClassVar = WorkFacts(
        verb="create",
        noun="stemcell",
        doing="creating stemcell",
        sign="+",
        estimate_s=30.0,
        family=Family.IMAGE,
        doubt=Doubt.LOOK,
        is_event=True,
    )
    result: ClassVar = CidResult
