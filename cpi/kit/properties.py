"""What a user may write for a cloud, read into a model: settings of the plugin, and cloud_properties.

Takes a pydantic model and a mapping, gives the model's value. A model is frozen and forbids extra keys. As in BOSH,
null is absent, and a cloud property that no CPI of the cloud has is ignored, unless it resembles one that it has.
"""

import difflib
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from cpi.contract.errors import CloudError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue


class PropertiesModel(BaseModel):
    """Base of everything written by people."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, coerce_numbers_to_str=True, defer_build=True
    )


class OwnImage(PropertiesModel):
    """A disk image on this machine that the environment's stemcell is made of, instead of one that the cloud has."""

    path: str = Field(min_length=1)
    """A disk, or an archive that holds one, such as the `image` of BOSH's stemcells, or such a stemcell whole."""
    os: str = Field(min_length=1)
    version: str = Field(min_length=1)

    @field_validator("path")
    @classmethod
    def _is_whole(cls, path: str) -> str:
        whole = Path(path).expanduser()
        if not whole.is_absolute():
            raise ValueError("A path begins with / or with ~/ (your home)")
        return str(whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualStemcell:
    """The stemcell that an environment makes; `path` is "" where the cloud has its image."""

    os: str
    version: str
    path: str


def usual_stemcell(own: OwnImage | None, *, os: str, version: str) -> UsualStemcell:
    """The one of our own, else the cloud's."""
    if own is None:
        return UsualStemcell(os=os, version=version, path="")
    return UsualStemcell(os=own.os, version=own.version, path=own.path)


_M = TypeVar("_M", bound=PropertiesModel)
_NEAR = 0.75
"""How alike two names are of which one is a misspelling of the other."""


def read_properties(model: type[_M], written: Mapping[str, JsonValue], *, where: str, cloud: str) -> _M:
    """Check cloud_properties for a `where` ("VM 'web-0'") of a `cloud` ("AWS").

    Raises CloudError: unknown-cloud-property for a name that resembles a known one, wrong-cloud-property.
    """
    for path, known in _unknown_paths(model, written):
        name = path.rpartition(".")[2]
        near = _nearest(name, known)
        if near:
            raise _misspelt(path, known, near, where=where, cloud=cloud)
    try:
        return model.model_validate(_known(model, written))
    except ValidationError as error:
        raise _not_valid(error, where) from error


def ignored_properties(model: type[PropertiesModel], written: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """The names, dotted where they are inside another, that reading passes over; it refuses misspelt ones."""
    unknown = _unknown_paths(model, written)
    return tuple(path for path, known in unknown if not _nearest(path.rpartition(".")[2], known))


def without_nulls(written: JsonValue) -> JsonValue:
    """The same without keys whose value is null, as templates of CPI releases write what is not set."""
    if isinstance(written, Mapping):
        return {key: without_nulls(value) for key, value in written.items() if value is not None}
    if isinstance(written, list | tuple):
        return [without_nulls(value) for value in written]
    return written


def read_settings(model: type[_M], written: Mapping[str, JsonValue], *, cloud: str) -> _M:
    """Check a plugin's own settings. Raises CloudError, code cloud-config-invalid; repeats no value."""
    try:
        return model.model_validate(without_nulls(written))
    except ValidationError as error:
        known = sorted(model.model_fields)
        near = [_near(str(found["loc"][0]), known) for found in error.errors() if found["type"] == "extra_forbidden"]
        invalid = CloudError(
            "cloud-config-invalid",
            f"{cloud[:1].upper()}{cloud[1:]}'s settings are not valid.",
            why=" ".join(_fault(found) for found in error.errors()),
            fix=" ".join(dict.fromkeys(near)) or "Correct them in the environment's file.",
        )
        invalid.property_path = _path(error.errors()[0])
        raise invalid from error


def _fault(found: ErrorDetails) -> str:
    name = ".".join(map(str, found["loc"]))
    if found["type"] == "extra_forbidden":
        return f"The setting '{name}' does not exist."
    if found["type"] == "missing":
        return f"'{name}' is missing."
    message = found["msg"].removeprefix("Value error, ")
    return f"'{name}' is not valid: {message[:1].lower()}{message[1:]}."


def _misspelt(path: str, known: list[str], near: str, *, where: str, cloud: str) -> CloudError:
    error = CloudError(
        "unknown-cloud-property",
        f"{cloud} has no cloud property '{path}' ({where}).",
        why=f"The properties are {', '.join(known)}.",
        fix=f"Write '{near}'.",
    )
    error.property_path = path
    return error


def _not_valid(fault: ValidationError, where: str) -> CloudError:
    found = fault.errors()
    error = CloudError(
        "wrong-cloud-property",
        f"A cloud property of {where} is not valid.",
        why=" ".join(_fault(one) for one in found),
        fix="Correct it in the cloud config.",
    )
    error.property_path = _path(found[0])
    return error


def _path(found: ErrorDetails) -> str:
    return ".".join(str(step) for step in found["loc"] if isinstance(step, str))


def _unknown_paths(model: type[PropertiesModel], written: Mapping[str, JsonValue]) -> Iterator[tuple[str, list[str]]]:
    """Each name that the model does not have, and the names that it has in its place."""
    for key, value in written.items():
        if key not in model.model_fields:
            yield key, sorted(model.model_fields)
            continue
        inner = _model_in(model.model_fields[key].annotation)
        for each in (value if isinstance(value, list | tuple) else (value,)) if inner else ():
            if inner and isinstance(each, Mapping):
                yield from ((f"{key}.{path}", known) for path, known in _unknown_paths(inner, each))


def _known(model: type[PropertiesModel], written: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """What the model has of it, without nulls."""
    found: dict[str, JsonValue] = {}
    for key, value in written.items():
        if key not in model.model_fields or value is None:
            continue
        inner = _model_in(model.model_fields[key].annotation)
        found[key] = _known_value(inner, value) if inner else without_nulls(value)
    return found


def _known_value(model: type[PropertiesModel], value: JsonValue) -> JsonValue:
    if isinstance(value, Mapping):
        return _known(model, value)
    if isinstance(value, list | tuple):
        return [_known_value(model, each) for each in value if each is not None]
    return value


def _model_in(annotation: object) -> type[PropertiesModel] | None:
    """The model of a field that is one, may be one, or is a list of them."""
    if isinstance(annotation, type) and issubclass(annotation, PropertiesModel):
        return annotation
    parts = (_model_in(part) for part in typing.get_args(annotation))
    return next((part for part in parts if part is not None), None)


def _nearest(key: str, known: list[str]) -> str:
    return next(iter(difflib.get_close_matches(key, known, n=1, cutoff=_NEAR)), "")


def _near(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f"Write '{near[0]}'." if near else f"Remove '{key}'."
