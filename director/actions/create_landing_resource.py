"""Make one thing of the landing zone.

Takes nothing, gives a frozen value with its facts and its result.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from cpi.contract.values import LandingResource, OwnerKey
from director.model.tasks.work import CidResult, CloudWork, Difference, Doubt, Family, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateLandingResourceResult(CidResult):
    """What was made, by the cloud's kind and name; `outputs` are what other resources and settings use of it."""

    kind: str
    name: str
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateLandingResource(CloudWork[CreateLandingResourceResult]):
    """Make one thing of the landing zone."""

    resource: LandingResource
    owner: OwnerKey
    kind: Literal["create_landing_resource"] = "create_landing_resource"
    facts: ClassVar = WorkFacts(
        verb="create",
        noun="landing resource",
        doing="creating landing resource",
        sign="+",
        estimate_s=10.0,
        family=Family.NETWORK,
        doubt=Doubt.LOOK,
        is_event=True,
    )
    result: ClassVar = CreateLandingResourceResult

    def differences(self, result: CreateLandingResourceResult) -> tuple[Difference, ...]:
        """Another name or kind than planned."""
        pairs = {"name": (self.resource.name, result.name), "kind": (self.resource.kind, result.kind)}
        return tuple(Difference(what=at, planned=was, reported=now) for at, (was, now) in pairs.items() if was != now)
