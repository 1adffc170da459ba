"""What a template sees: properties and links, by the names BOSH gives them.

Takes revealed JSON, gives objects for templates. Source of the semantics: cloudfoundry/bosh
src/bosh-common/lib/bosh/common/template/evaluation_context.rb.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cpi.contract.json_value import JsonValue


class MissingError(Exception):
    """A template wants a property or link that is not there. `names` are those it tried."""

    def __init__(self, message: str, names: tuple[str, ...]) -> None:
        super().__init__(message)
        self.names = names


def lookup(collection: JsonValue, name: str) -> JsonValue:
    """What the dotted `name` leads to, None if any step is absent or null."""
    for key in name.split("."):
        if not isinstance(collection, Mapping):
            return None
        collection = collection.get(key)
    return collection


@dataclass(frozen=True, slots=True, kw_only=True)
class Properties:
    """Property lookup over a nested map; null counts as unset, false and "" do not."""

    values: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)

    def p(self, names: str | Sequence[str], *default: JsonValue) -> JsonValue:
        """The first of the properties that is set, else the default. Raises MissingError without a default."""
        tried = (names,) if isinstance(names, str) else tuple(names)
        for name in tried:
            value = lookup(self.values, name)
            if value is not None:
                return value
        if default:
            return default[0]
        # Ruby's spelling of the list is part of BOSH's message.
        spelled = ", ".join(f'"{name}"' for name in tried)
        raise MissingError(f"Can't find property '[{spelled}]'", tried)

    def has_p(self, *names: str) -> bool:
        """Whether all of them are set."""
        return all(lookup(self.values, name) is not None for name in names)

    def if_p(self, *names: str, caller: Callable[..., str] | None = None) -> bool | str:
        """In a call block, its text with the values if all are set; else whether all are set."""
        if caller is None:
            return self.has_p(*names)
        return caller(*(self.p(name) for name in names)) if self.has_p(*names) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkInstance(Properties):
    name: JsonValue = None
    index: JsonValue = None
    id: JsonValue = None
    az: JsonValue = None
    address: JsonValue = None
    bootstrap: JsonValue = None

    @property
    def properties(self) -> Mapping[str, JsonValue]:
        return self.values


PLAIN_FIELDS = frozenset({"name", "index", "id", "az", "address", "bootstrap"})
"""What of a link's instance is text, number, boolean or null."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateLink(Properties):
    """A link as a template sees it. `where` is its address, None where it has none."""

    instances: tuple[LinkInstance, ...] = ()
    where: JsonValue = None
    is_manual: bool = False

    @property
    def properties(self) -> Mapping[str, JsonValue]:
        return self.values

    def address(self, azs: Sequence[str] | None = None, **_criteria: JsonValue) -> JsonValue:
        """The link's address, of its first instance in the wanted AZs. Raises MissingError where it has none.

        A link written by hand has one address for all AZs. Health is not looked at: an address is no DNS name.
        """
        address = self.where
        if azs is not None and not self.is_manual:
            address = next((instance.address for instance in self.instances if instance.az in azs), None)
        if not address:
            raise MissingError("The link has no address; use those of its instances", ())
        return address


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """A job's links. Each is read once, however many instances' templates ask for it."""

    by_name: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)
    _read: dict[str, TemplateLink] = field(default_factory=dict, repr=False, compare=False)

    def link(self, name: str) -> TemplateLink:
        """The link called `name`. Raises MissingError."""
        if name not in self._read:
            found = lookup(self.by_name, name)
            if not isinstance(found, Mapping) or "instances" not in found:
                raise MissingError(f"Can't find link '{name}'", (name,))
            self._read[name] = _read_link(found)
        return self._read[name]

    def has_link(self, name: str) -> bool:
        found = lookup(self.by_name, name)
        return isinstance(found, Mapping) and "instances" in found

    def if_link(self, name: str, caller: Callable[..., str] | None = None) -> bool | str:
        """In a call block, its text with the link if there is one; else whether there is one."""
        if caller is None:
            return self.has_link(name)
        return caller(self.link(name)) if self.has_link(name) else ""


def _read_link(fields: Mapping[str, JsonValue]) -> TemplateLink:
    instances = fields["instances"]
    assert isinstance(instances, Sequence)
    return TemplateLink(
        values=_mapping(fields.get("properties")),
        instances=tuple(_read_instance(_mapping(instance)) for instance in instances),
        where=fields.get("address"),
        is_manual=not fields.get("group"),
    )


def _read_instance(fields: Mapping[str, JsonValue]) -> LinkInstance:
    return LinkInstance(
        values=_mapping(fields.get("properties")),
        name=fields.get("name"),
        index=fields.get("index"),
        id=fields.get("id"),
        az=fields.get("az"),
        address=fields.get("address"),
        bootstrap=fields.get("bootstrap"),
    )


def _mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, Mapping) else {}
