"""Change the rules or routes of one thing of the landing zone.

Takes nothing, gives a frozen value with its facts and its result.
"""

from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from cpi.contract.values import LandingResource, OwnerKey
from director.model.tasks.work import CidResult, CloudWork, Family, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateLandingResource(CloudWork[CidResult]):
    """Change the rules or routes of one thing of the landing zone."""

    resource: LandingResource
    owner: OwnerKey
    kind: Literal["update_landing_resource"] = "update_landing_resource"
    facts: ClassVar = WorkFacts(
        verb="update",
        noun="landing resource",
        doing="updating landing resource",
        sign="~",
        estimate_s=5.0,
        family=Family.NETWORK,
        is_event=True,
    )
    result: ClassVar = CidResult
