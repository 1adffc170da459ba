"""What a user may write for a cloud, read into a model: settings of the plugin, and cloud_properties.

Takes a pydantic model and a mapping, gives the model's value. A model is frozen and forbids extra keys.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from cpi.contract.errors import CloudError
from cpi.contract.values import JsonValue


class PropertiesModel(BaseModel):
    """Base of everything written by people."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


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


def read_properties(model: type[_M], written: Mapping[str, JsonValue], *, where: str, cloud: str) -> _M:
    """Check cloud_properties for a `where` ("VM 'web-0'") of a `cloud` ("AWS").

    Raises CloudError: unknown-cloud-property with the nearest known one, wrong-cloud-property.
    """
    known = sorted(model.model_fields)
    for key in written:
        if key not in known:
            raise _unknown(key, known, where=where, cloud=cloud)
    try:
        return model.model_validate(dict(written))
    except ValidationError as error:
        raise CloudError(
            "wrong-cloud-property",
            f"A cloud property of {where} is not valid.",
            why=" ".join(_fault(found) for found in error.errors()),
            fix="Correct it in the cloud config.",
        ) from error


def read_settings(model: type[_M], written: Mapping[str, JsonValue], *, cloud: str) -> _M:
    """Check a plugin's own settings. Raises CloudError, code cloud-config-invalid; repeats no value."""
    try:
        return model.model_validate(dict(written))
    except ValidationError as error:
        known = sorted(model.model_fields)
        near = [_near(str(found["loc"][0]), known) for found in error.errors() if found["type"] == "extra_forbidden"]
        raise CloudError(
            "cloud-config-invalid",
            f"{cloud[:1].upper()}{cloud[1:]}'s settings are not valid.",
            why=" ".join(_fault(found) for found in error.errors()),
            fix=" ".join(dict.fromkeys(near)) or "Correct them in the environment's file.",
        ) from error


def _fault(found: ErrorDetails) -> str:
    name = ".".join(map(str, found["loc"]))
    if found["type"] == "extra_forbidden":
        return f"The setting '{name}' does not exist."
    if found["type"] == "missing":
        return f"'{name}' is missing."
    message = found["msg"].removeprefix("Value error, ")
    return f"'{name}' is not valid: {message[:1].lower()}{message[1:]}."


def _unknown(key: str, known: list[str], *, where: str, cloud: str) -> CloudError:
    return CloudError(
        "unknown-cloud-property",
        f"{cloud} has no cloud property '{key}' ({where}).",
        why=f"The properties are {', '.join(known)}.",
        fix=_near(key, known),
    )


def _near(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f"Write '{near[0]}'." if near else f"Remove '{key}'."
