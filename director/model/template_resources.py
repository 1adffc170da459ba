"""Resources that a template describes, evaluated, as the rooms after its language have them.

Takes nothing, gives frozen values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TypeAlias

from cpi.contract.value_classes import dataclass
from director.model.secret_ref import Property
from director.model.spans import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterValue:
    """A value that exists once something is deployed; `origin` is the expression that reads it."""

    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecureValue:
    """A value that comes from a secure parameter: it is in no plan and never shown."""

    value: str | int = field(repr=False)


TemplateValue: TypeAlias = (
    "bool | int | float | str | LaterValue | SecureValue | Sequence[TemplateValue] | Mapping[str, TemplateValue] | None"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateResource:
    """`id` is Azure's, `after` the names, symbolic names and ids of the resources that it waits for.

    `body` has all members but name, type and those that the language acts on. `places` has `file:line:column` by the
    way to each piece of it, () for the resource itself; `json_path` leads from the template's root to the resource.
    """

    type: str
    name: str
    id: str
    body: Mapping[str, TemplateValue] = field(repr=False)
    symbol: str = ""
    after: tuple[str, ...] = ()
    places: Mapping[Path, str] = field(default_factory=dict, repr=False)
    json_path: str = ""

    @property
    def title(self) -> str:
        """Type and name, as messages of Azure Resource Manager have them."""
        return f"{self.type}/{self.name}"

    @property
    def key(self) -> str:
        """The id as it is compared."""
        return self.id.lower()

    def where(self, path: Path = ()) -> str:
        """The place of a piece, or of the nearest one around it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedResource:
    """A resource as it was last deployed. `body` is as it is shown: secure values are hidden, later ones are named."""

    id: str
    type: str
    name: str
    body: Mapping[str, Property] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The id as it is compared."""
        return self.id.lower()
