"""Remove one thing of the landing zone.

Takes nothing, gives a frozen value with its facts and its result.
"""

from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from cpi.contract.values import LandingCid
from director.model.tasks.work import CidResult, CloudWork, Family, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteLandingResource(CloudWork[CidResult]):
    """Remove one thing of the landing zone."""

    cid: LandingCid
    kind: Literal["delete_landing_resource"] = "delete_landing_resource"
    facts: ClassVar = WorkFacts(
        verb="delete",
        noun="landing resource",
        doing="deleting landing resource",
        sign="-",
        estimate_s=10.0,
        family=Family.NETWORK,
        is_event=True,
        needs_consent=True,
    )
    result: ClassVar = CidResult
