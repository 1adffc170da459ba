"""Where documents have what a cloud finds wrong: cloud properties, their values, networks, static addresses, VMs.

Takes nothing, gives a frozen value.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace

from cpi.contract.value_classes import dataclass
from cpi.contract.values import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPlaces:
    """`properties` by their dotted paths below `cloud_properties`, `names` by their text, `vms` by what their names
    begin with in the cloud.

    What is written in several places has its first one. The name of a network and a static address of an instance group
    count where no property has that text, a VM where no name is written. What a finding has in quotes comes after
    the names that it says to be about.
    """

    properties: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    vms: Mapping[str, str] = field(default_factory=dict)

    def with_names(self, names: Mapping[str, str]) -> "DocumentPlaces":
        """The same, and the places of `names` where they have no other."""
        return replace(self, names={**names, **self.names}) if names else self

    def place_of(self, finding: Finding) -> str:
        """`file:line:column`, "" for what no document has."""
        place = self.properties.get(finding.property_path, "")
        return place or self._first(finding.written_names) or self.place_in(finding.what)

    def place_in(self, text: str) -> str:
        """The place of what the text has in quotes."""
        return self._first(_QUOTED.findall(text))

    def _first(self, names: Sequence[str]) -> str:
        found = [self.names.get(name, "") for name in names]
        found += [self._place_of_vm(name) for name in names]
        return next(filter(None, found), "")

    def _place_of_vm(self, name: str) -> str:
        begins = [begin for begin in self.vms if name.startswith(begin)]
        return self.vms[max(begins, key=len)] if begins else ""


_QUOTED = re.compile(r"'([^']+)'")
NO_PLACES = DocumentPlaces()


def joined(all_places: Iterable[DocumentPlaces]) -> DocumentPlaces:
    """The places of several documents; the first one counts that has something."""
    properties: dict[str, str] = {}
    names: dict[str, str] = {}
    vms: dict[str, str] = {}
    for each in all_places:
        properties = {**each.properties, **properties}
        names = {**each.names, **names}
        vms = {**each.vms, **vms}
    return DocumentPlaces(properties=properties, names=names, vms=vms)
