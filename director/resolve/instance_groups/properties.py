"""A job's properties: what the manifest gives of what the job declares, defaults for the rest.

Takes declarations and the manifest's map, gives the nested map templates see. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/deployment_plan/job.rb bind_properties.
"""

from collections.abc import Iterable, Mapping

from director.model.releases.release import PropertyDefinition
from director.model.secret_ref import Property, SecretRef, SecretText
from director.model.spans import Path


def bound_properties(definitions: Iterable[PropertyDefinition], values: Mapping[str, Property]) -> dict[str, Property]:
    """Declared properties only; null counts as absent, and a map replaces its default whole.

    The keys of maps are sorted, at every level above lists, as BOSH sorts them.
    """
    bound: dict[str, Property] = {}
    for definition in definitions:
        given = value_at(values, definition.name)
        put_value(bound, definition.name, _sorted(definition.default if given is None else given))
    return bound


def value_at(values: Property, name: str) -> Property:
    """What the dotted name leads to, None if any step is absent or null."""
    for key in name.split("."):
        if not isinstance(values, Mapping):
            return None
        values = values.get(key)
    return values


def has_value(values: Property, name: str) -> bool:
    """Whether the dotted name leads to a value, which may be null."""
    for key in name.split("."):
        if not isinstance(values, Mapping) or key not in values:
            return False
        values = values[key]
    return True


def misplaced(definitions: Iterable[PropertyDefinition], values: Mapping[str, Property]) -> list[tuple[str, Path, str]]:
    """Declared properties that cannot be looked up: name, way to what stands where a map should, and what it is."""
    found: list[tuple[str, Path, str]] = []
    for definition in definitions:
        keys = definition.name.split(".")
        at: Property = values
        for depth, key in enumerate(keys):
            if not isinstance(at, Mapping):
                found.append((definition.name, tuple(keys[:depth]), _kind(at)))
                break
            at = at.get(key)
            if at is None:
                break
    return found


def put_value(target: dict[str, Property], name: str, value: Property) -> None:
    """Set what the dotted name leads to, making maps on the way."""
    keys = name.split(".")
    for key in keys[:-1]:
        inner = target.get(key)
        if not isinstance(inner, dict):
            inner = target[key] = dict(inner) if isinstance(inner, Mapping) else {}
        target = inner
    target[keys[-1]] = value


def _sorted(value: Property) -> Property:
    if isinstance(value, Mapping):
        # YAML has keys that are no text: numbers, booleans.
        return {key: _sorted(value[key]) for key in sorted(value, key=str)}
    return value


def _kind(value: Property) -> str:
    match value:
        case SecretRef() | SecretText():
            return f"the secret {value}"
        case bool():
            return "a boolean"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case _:
            return "a list"
