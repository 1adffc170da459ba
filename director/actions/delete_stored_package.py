"""Delete a compiled package from a cloud's object storage. Gone before is success.

Takes nothing, gives a frozen value with its facts.
"""

from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.tasks.work import CloudWork, Family, Result, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteStoredPackage(CloudWork[Result]):
    """Delete a compiled package from a cloud's object storage. `name` is its name in that storage."""

    name: str
    kind: Literal["delete_stored_package"] = "delete_stored_package"
    facts: ClassVar = WorkFacts(
        verb="delete",
        noun="stored package",
        doing="deleting stored package",
        sign="-",
        family=Family.STORAGE,
        is_event=True,
        needs_consent=True,
    )
