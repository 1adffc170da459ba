"""Compile on whichever member of the pool is free.

Takes nothing, gives a frozen value with its facts and its result.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.cloud_names import CloudName
from director.model.environments.desired import PackageNeed
from director.model.ids import Digest
from director.model.tasks.work import Result, WorkFacts, WorkOf


@dataclass(frozen=True, slots=True, kw_only=True)
class CompilePackageResult(Result):
    """The compiled package's blob; `size` in bytes."""

    key: str
    digest: Digest
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CompilePackage(WorkOf[CompilePackageResult]):
    """Compile on whichever member of the pool is free.

    `dependencies` maps the names of the direct dependencies to their compile keys; it may be empty when all of them
    are compiled by the same plan. `store` is the cloud from whose object storage the compile VM fetches them; None:
    they go there by SSH, as the source always does.
    """

    package: PackageNeed
    dependencies: Mapping[str, str] = field(default_factory=dict)
    store: CloudName | None = None
    kind: Literal["compile_package"] = "compile_package"
    facts: ClassVar = WorkFacts(
        verb="compile", noun="package", doing="compiling package", estimate_s=30.0, is_event=True
    )
    result: ClassVar = CompilePackageResult
