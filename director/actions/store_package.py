"""Put a compiled package, by its compile key, into a cloud's object storage. There before is success.

Takes nothing, gives a frozen value with its facts.
"""

from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.tasks.work import CloudWork, Family, Result, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class StorePackage(CloudWork[Result]):
    """Put a compiled package, by its compile key, into a cloud's object storage. There before is success."""

    name: str
    key: str
    kind: Literal["store_package"] = "store_package"
    facts: ClassVar = WorkFacts(
        verb="store",
        noun="package",
        doing="storing package",
        sign="+",
        estimate_s=3.0,
        family=Family.STORAGE,
        is_event=True,
    )
