"""Put a package that its release has compiled into the cache of compiled packages.

Takes nothing, gives a frozen value with its facts.
"""

from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.environments.desired import PackageNeed
from director.model.tasks.work import Result, WorkFacts, WorkOf


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeCompiled(WorkOf[Result]):
    """Put a package that its release has compiled into the cache of compiled packages."""

    package: PackageNeed
    kind: Literal["take_compiled"] = "take_compiled"
    facts: ClassVar = WorkFacts(verb="take", noun="compiled package", doing="taking compiled package")
