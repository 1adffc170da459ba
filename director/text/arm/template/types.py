"""Types of parameters, outputs and functions of a template, and what of a value does not fit them.

Takes nodes and values, gives types and sentences. Source: MicrosoftDocs/azure-docs definitions.md @0b7b79b63402,
data-types.md @1cd90707ad5d.
"""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import field
from enum import Enum
from typing import assert_never

from cpi.contract.value_classes import dataclass
from director.text.arm.template import problems
from director.text.arm.template.nodes import Node, suggestion
from director.text.arm.values import (
    DeployedObject,
    DeployedValue,
    Value,
    equality_key,
    find_key,
    is_integer,
    quoted,
    type_name,
)

_REFERENCE = "#/definitions/"
_MAX_VIOLATIONS = 50


class ParameterKind(Enum):
    """The types that a parameter can have, as they are written."""

    STRING = "string"
    SECURE_STRING = "securestring"
    INT = "int"
    BOOL = "bool"
    OBJECT = "object"
    SECURE_OBJECT = "secureobject"
    ARRAY = "array"


_EXPECTED = {
    ParameterKind.STRING: "String, Uri",
    ParameterKind.SECURE_STRING: "String, Uri",
    ParameterKind.INT: "Integer",
    ParameterKind.BOOL: "Boolean",
    ParameterKind.OBJECT: "Object",
    ParameterKind.SECURE_OBJECT: "Object",
    ParameterKind.ARRAY: "Array",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Discriminator:
    """The property of an object whose value decides its type."""

    name: str
    mapping: Mapping[str, "TypeDefinition"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeDefinition:
    """`kind` is None for any type. `reference` names a definition: only `is_nullable` counts beside it.

    `additional` and `items` are a type, or whether there may be more members and elements.
    """

    kind: ParameterKind | None = None
    reference: str = ""
    is_nullable: bool = False
    allowed: tuple[Value, ...] | None = None
    least: int | None = None
    most: int | None = None
    shortest: int | None = None
    longest: int | None = None
    properties: Mapping[str, "TypeDefinition"] = field(default_factory=dict)
    additional: "TypeDefinition | bool" = True
    first_items: tuple["TypeDefinition", ...] = ()
    items: "TypeDefinition | bool" = True
    discriminator: Discriminator | None = None

    @property
    def is_secure(self) -> bool:
        """Whether values are never shown."""
        return self.kind in {ParameterKind.SECURE_STRING, ParameterKind.SECURE_OBJECT}

    @property
    def title(self) -> str:
        """The type as it is written."""
        return self.kind.value if self.kind else self.reference or "any"


TypeTable = Mapping[str, TypeDefinition]
"""The template's own definitions by name."""


def read_type(node: Node) -> TypeDefinition:
    """Read a type where it is written: a parameter, an output, a definition. Raises InputError."""
    nullable = node.member("nullable")
    is_nullable = bool(nullable and nullable.value is True)
    reference = node.text("$ref")
    if reference is not None:
        return TypeDefinition(reference=reference.removeprefix(_REFERENCE), is_nullable=is_nullable)
    return TypeDefinition(
        kind=_kind(node),
        is_nullable=is_nullable,
        allowed=_allowed(node),
        least=_limit(node, "minValue"),
        most=_limit(node, "maxValue"),
        shortest=_limit(node, "minLength"),
        longest=_limit(node, "maxLength"),
        properties=_types(node.member("properties")),
        additional=_type_or_flag(node.member("additionalProperties")),
        first_items=_first_items(node),
        items=_type_or_flag(node.member("items")),
        discriminator=_discriminator(node),
    )


def read_definitions(node: Node | None) -> TypeTable:
    """Read the section `definitions`. Raises InputError."""
    return _types(node)


def resolved(wanted: TypeDefinition, table: TypeTable) -> TypeDefinition:
    """The type that a reference names, through other references; any type if it names none."""
    seen: set[str] = set()
    while wanted.reference and wanted.reference not in seen:
        seen.add(wanted.reference)
        wanted = table.get(wanted.reference, TypeDefinition())
    return wanted


def violations(value: Value, wanted: TypeDefinition, table: TypeTable, *, noun: str = "parameter") -> list[str]:
    """All that does not fit, each as a sentence in the words of the constraint."""
    found: list[str] = []
    for sentence in _violations(value, wanted, _Check(table=table, noun=noun)):
        found.append(sentence)
        if len(found) >= _MAX_VIOLATIONS:
            break
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    table: TypeTable
    noun: str
    path: str = ""
    is_secure: bool = False

    def inside(self, step: str) -> "_Check":
        return _Check(table=self.table, noun=self.noun, path=f"{self.path}{step}", is_secure=self.is_secure)

    @property
    def place(self) -> str:
        return f" Property '{self.path.removeprefix('.')}'." if self.path else ""


def _violations(value: Value, wanted: TypeDefinition, check: _Check) -> Iterator[str]:
    if isinstance(value, DeployedValue | DeployedObject):
        return
    final = resolved(wanted, check.table)
    if value is None and (wanted.is_nullable or final.is_nullable or final.kind is None):
        return
    if final.kind and not _fits(value, final.kind):
        yield (
            f"Template {check.noun} JToken type is not valid. Expected '{_EXPECTED[final.kind]}'. "
            f"Actual '{type_name(value)}'.{check.place}"
        )
        return
    yield from _constraint_violations(value, final, check)
    if isinstance(value, dict):
        yield from _member_violations(value, final, check)
    elif isinstance(value, list):
        yield from _element_violations(value, final, check)


def _constraint_violations(value: Value, wanted: TypeDefinition, check: _Check) -> Iterator[str]:
    if wanted.allowed is not None and not _is_allowed(value, wanted.allowed):
        listed = ",".join(quoted(each) for each in wanted.allowed)
        yield f"The {check.noun} value is not part of the allowed value(s): '{listed}'.{check.place}"
    if isinstance(value, int) and is_integer(value):
        if wanted.least is not None and value < wanted.least:
            yield f"The value should be greater than or equal to '{wanted.least}'.{check.place}"
        if wanted.most is not None and value > wanted.most:
            yield f"The value should be less than or equal to '{wanted.most}'.{check.place}"
    if isinstance(value, str | list):
        if wanted.shortest is not None and len(value) < wanted.shortest:
            yield f"Length of the value should be greater than or equal to '{wanted.shortest}'.{check.place}"
        if wanted.longest is not None and len(value) > wanted.longest:
            yield f"Length of the value should be less than or equal to '{wanted.longest}'.{check.place}"


def _is_allowed(value: Value, allowed: tuple[Value, ...]) -> bool:
    keys = {equality_key(each) for each in allowed}
    if isinstance(value, list) and all(equality_key(item) in keys for item in value):
        return True
    return equality_key(value) in keys


def _member_violations(value: dict[str, Value], wanted: TypeDefinition, check: _Check) -> Iterator[str]:
    if wanted.discriminator:
        wanted = yield from _discriminated(value, wanted.discriminator, check)
    known = set()
    for name, inner in wanted.properties.items():
        key = find_key(value, name)
        known.add(key)
        if key is not None:
            yield from _violations(value[key], inner, check.inside(f".{name}"))
        elif not inner.is_nullable and not resolved(inner, check.table).is_nullable:
            yield f"The property '{name}' is required.{check.inside('.' + name).place}"
    for key in value:
        if key in known:
            continue
        if wanted.additional is False:
            fix = suggestion(key, tuple(wanted.properties)) if wanted.properties else ""
            yield f"The property '{key}' is not allowed. {fix}{check.place}".rstrip()
        elif isinstance(wanted.additional, TypeDefinition):
            yield from _violations(value[key], wanted.additional, check.inside(f".{key}"))


def _discriminated(value: dict[str, Value], by: Discriminator, check: _Check) -> Generator[str, None, TypeDefinition]:
    """The type that the discriminator's value names; its own property fits any."""
    key = find_key(value, by.name)
    chosen = value[key] if key is not None else None
    if isinstance(chosen, str) and chosen in by.mapping:
        found = resolved(by.mapping[chosen], check.table)
        own = {by.name: TypeDefinition(), **found.properties}
        return TypeDefinition(kind=found.kind, properties=own, additional=found.additional)
    listed = ",".join(by.mapping)
    yield f"The property '{by.name}' is not part of the allowed value(s): '{listed}'.{check.place}"
    return TypeDefinition()


def _element_violations(value: list[Value], wanted: TypeDefinition, check: _Check) -> Iterator[str]:
    for index, inner in enumerate(wanted.first_items):
        if index < len(value):
            yield from _violations(value[index], inner, check.inside(f"[{index}]"))
        elif not inner.is_nullable:
            yield f"The array needs {len(wanted.first_items)} elements, got {len(value)}.{check.place}"
            return
    rest = range(len(wanted.first_items), len(value))
    if wanted.items is False and rest:
        yield f"The array takes {len(wanted.first_items)} elements, got {len(value)}.{check.place}"
    elif isinstance(wanted.items, TypeDefinition):
        for index in rest:
            yield from _violations(value[index], wanted.items, check.inside(f"[{index}]"))


def _fits(value: Value, kind: ParameterKind) -> bool:
    match kind:
        case ParameterKind.STRING | ParameterKind.SECURE_STRING:
            return isinstance(value, str)
        case ParameterKind.INT:
            return is_integer(value)
        case ParameterKind.BOOL:
            return isinstance(value, bool)
        case ParameterKind.OBJECT | ParameterKind.SECURE_OBJECT:
            return isinstance(value, dict)
        case ParameterKind.ARRAY:
            return isinstance(value, list)
        case _:
            assert_never(kind)


def _kind(node: Node) -> ParameterKind | None:
    written = node.member("type")
    if written is None:
        return None
    known = {kind.value: kind for kind in ParameterKind}
    if isinstance(written.value, str) and written.value.lower() in known:
        return known[written.value.lower()]
    raise problems.of_template(
        f"The type '{written.value}' does not exist.", written, fix=suggestion(str(written.value), tuple(known))
    )


def _limit(node: Node, name: str) -> int | None:
    found = node.member(name)
    if found is None:
        return None
    if isinstance(found.value, int) and not isinstance(found.value, bool):
        return found.value
    raise problems.of_template(f"'{name}' must be a whole number.", found, fix="Write a number without quotes.")


def _allowed(node: Node) -> tuple[Value, ...] | None:
    """The list; None without one, and for an empty one: Azure Resource Manager lets in everything then."""
    found = node.member("allowedValues")
    if found is None:
        return None
    if found.is_array:
        return tuple(plain_value(each) for each in found.elements()) or None
    raise problems.of_template("'allowedValues' must be an array.", found, fix="Write the values in brackets.")


def _types(node: Node | None) -> TypeTable:
    return {name: read_type(child) for name, child in node.members()} if node else {}


def _type_or_flag(node: Node | None) -> TypeDefinition | bool:
    if node is None or isinstance(node.value, bool):
        return node is None or node.value is True
    return read_type(node)


def _first_items(node: Node) -> tuple[TypeDefinition, ...]:
    found = node.member("prefixItems")
    return tuple(read_type(each) for each in found.elements()) if found else ()


def _discriminator(node: Node) -> Discriminator | None:
    found = node.member("discriminator")
    if found is None:
        return None
    return Discriminator(name=found.text("propertyName") or "", mapping=_types(found.member("mapping")))


def plain_value(node: Node) -> Value:
    """A literal value, in which nothing is an expression."""
    if node.is_array:
        return [plain_value(each) for each in node.elements()]
    if node.is_object:
        return {name: plain_value(child) for name, child in node.members()}
    return node.value  # type: ignore[return-value]  # nothing else is left
