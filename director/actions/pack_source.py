"""Put a package's source archive into the blobstore.

Takes nothing, gives a frozen value with its facts and its result.
"""

from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.environments.desired import PackageNeed
from director.model.ids import Digest
from director.model.tasks.work import Result, WorkFacts, WorkOf


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSourceResult(Result):
    """The archive's blob."""

    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSource(WorkOf[PackSourceResult]):
    """Put a package's source archive into the blobstore."""

    package: PackageNeed
    kind: Literal["pack_source"] = "pack_source"
    facts: ClassVar = WorkFacts(verb="pack", noun="source", doing="packing source")
    result: ClassVar = PackSourceResult
