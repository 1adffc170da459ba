"""Where documents have what a cloud finds wrong: cloud properties, their values, networks, static addresses.

Takes nothing, gives a frozen value.
"""

from collections.abc import Mapping
from dataclasses import field, replace

from cpi.contract.value_classes import dataclass
from cpi.contract.values import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPlaces:
    """`properties` by their dotted paths below `cloud_properties`, `names` by their text.

    What is written in several places has its first one. The name of a network and a static address of an instance group
    count where no property has that text.
    """

    properties: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def with_names(self, names: Mapping[str, str]) -> "DocumentPlaces":
        """The same, and the places of `names` where they have no other."""
        return replace(self, names={**names, **self.names}) if names else self

    def place_of(self, finding: Finding) -> str:
        """`file:line:column`, "" for what no document has."""
        found = [self.properties.get(finding.property_path, "")]
        found += [self.names.get(name, "") for name in finding.written_names]
        return next(filter(None, found), "")


NO_PLACES = DocumentPlaces()
