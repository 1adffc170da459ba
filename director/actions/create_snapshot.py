"""Keep the present content of an instance's disk as a snapshot.

Takes nothing, gives a frozen value with its facts and its result.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from cpi.contract.values import DiskCid, OwnerKey
from director.model.tasks.work import CidResult, CloudWork, Doubt, Family, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSnapshot(CloudWork[CidResult]):
    """Keep the present content of an instance's disk as a snapshot. `instance_name` is for people."""

    cid: DiskCid
    owner: OwnerKey
    instance_name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    kind: Literal["create_snapshot"] = "create_snapshot"
    facts: ClassVar = WorkFacts(
        verb="create",
        noun="snapshot",
        doing="creating snapshot",
        sign="+",
        estimate_s=20.0,
        family=Family.DISK,
        doubt=Doubt.LOOK,
        is_event=True,
    )
    result: ClassVar = CidResult
