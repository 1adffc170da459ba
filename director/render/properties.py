"""What a template sees: properties and links, by the names BOSH gives them.

Takes revealed JSON, gives objects for templates. Source of the semantics: cloudfoundry/bosh
src/bosh-common/lib/bosh/common/template/evaluation_context.rb.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import ClassVar

from cpi.contract.json_value import JsonValue
from cpi.contract.value_classes import dataclass
from director.model import dns_names, erb
from director.model.dns_names import Whereabouts
from director.model.erb import DnsNumbers


class MissingError(Exception):
    """A template wants a property or link that is not there. `names` are those it tried, of a link or its own."""

    def __init__(self, message: str, names: tuple[str, ...], *, is_of_link: bool = False) -> None:
        super().__init__(message)
        self.names = names
        self.is_of_link = is_of_link


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

    is_of_link: ClassVar[bool] = False
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
        raise MissingError(f"Can't find property '[{spelled}]'", tried, is_of_link=self.is_of_link)

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
    is_of_link: ClassVar[bool] = True
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
    """A link as a template sees it. `fields` are those that make its name, or the `address` written by hand."""

    is_of_link: ClassVar[bool] = True
    instances: tuple[LinkInstance, ...] = ()
    fields: Mapping[str, JsonValue] = field(default_factory=dict)
    dns: DnsNumbers = field(default_factory=DnsNumbers)

    @property
    def properties(self) -> Mapping[str, JsonValue]:
        return self.values

    def address(
        self, azs: Sequence[str] = (), status: str = "default", initial_health_check: str = "", **_: JsonValue
    ) -> JsonValue:
        """The DNS name of the link's instances. A link written by hand has the address that stands there.

        Raises MissingError where there is none, and for an AZ that does not exist.
        """
        if "address" in self.fields or "instance_group" not in self.fields:
            if not self.fields.get("address"):
                raise MissingError("The link has no address; use those of its instances", ())
            return self.fields["address"]
        unknown = [az for az in azs if az not in self.dns.azs]
        if unknown:
            raise MissingError(f"Unknown AZ: '{unknown[0]}'", ())
        numbers = [self.dns.azs[az] for az in azs]
        if self._is("use_short_dns_addresses") or self._is("use_link_dns_names"):
            others = (f"n{self.dns.networks[self._text('default_network')]}",)
            first = dns_names.query(azs=numbers, status=status, first_check=initial_health_check, others=others)
            return dns_names.short_name(first, self.dns.groups[self._group()], self._text("domain"))
        place = Whereabouts(
            group=self._text("instance_group"),
            network=self._text("default_network"),
            deployment=self._text("deployment_name"),
            domain=self._text("domain"),
        )
        return dns_names.long_name(dns_names.query(azs=numbers, status=status, first_check=initial_health_check), place)

    def _is(self, name: str) -> bool:
        return self.fields.get(name) is True

    def _text(self, name: str) -> str:
        return str(self.fields.get(name))

    def _group(self) -> str:
        kind, name = ("link", "group_name") if self._is("use_link_dns_names") else ("instance-group", "instance_group")
        return erb.group_key(self._text("deployment_name"), kind, self._text(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """A job's links. Each is read once, however many instances' templates ask for it."""

    by_name: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)
    dns: DnsNumbers = field(default_factory=DnsNumbers, repr=False)
    _read: dict[str, TemplateLink] = field(default_factory=dict, repr=False, compare=False)

    def link(self, name: str) -> TemplateLink:
        """The link called `name`. Raises MissingError."""
        if name not in self._read:
            found = lookup(self.by_name, name)
            if not isinstance(found, Mapping) or "instances" not in found:
                raise MissingError(f"Can't find link '{name}'", (name,))
            self._read[name] = _read_link(found, self.dns)
        return self._read[name]

    def has_link(self, name: str) -> bool:
        found = lookup(self.by_name, name)
        return isinstance(found, Mapping) and "instances" in found

    def if_link(self, name: str, caller: Callable[..., str] | None = None) -> bool | str:
        """In a call block, its text with the link if there is one; else whether there is one."""
        if caller is None:
            return self.has_link(name)
        return caller(self.link(name)) if self.has_link(name) else ""


def _read_link(fields: Mapping[str, JsonValue], dns: DnsNumbers) -> TemplateLink:
    instances = fields["instances"]
    assert isinstance(instances, Sequence)
    return TemplateLink(
        values=_mapping(fields.get("properties")),
        instances=tuple(_read_instance(_mapping(instance)) for instance in instances),
        fields=fields,
        dns=dns,
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
