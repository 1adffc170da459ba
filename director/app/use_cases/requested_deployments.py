"""A deployment that is wanted beside others, as files.

Takes nothing, gives a frozen value.
"""

from dataclasses import field

from cpi.contract.value_classes import dataclass
from director.app.sessions.reading import ManifestFiles
from director.model.documents import WrittenDocument
from director.model.tasks.stored_plan import PlanOptions
from director.model.written.bundle import Bundle


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedDeployment:
    """A deployment of the bundle: its files, options and errands, and the bundle's index with its folder."""

    files: ManifestFiles
    options: PlanOptions = field(default_factory=PlanOptions)
    errands: tuple[str, ...] = ()
    index: WrittenDocument[Bundle] | None = None
    folder: str = ""
