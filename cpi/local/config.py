"""What a user may write for the local cloud: its own settings, and cloud_properties of VMs, disks and networks.

Takes mappings, gives frozen models. Raises CloudError, code unknown-cloud-property or cloud-config-invalid.
"""

import difflib
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from cpi.errors import CloudError
from cpi.local.inside.modes import Mode
from cpi.values import JsonValue


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LocalConfig(_Model):
    """The cloud's own settings."""

    state_root: str = ""
    """Where clouds are kept; "" is /var/lib/compleat for root and ~/.compleat-clouds for a user."""

    mode: Mode | None = None
    """How namespaces are built; None probes and takes the best that works here."""


class VmProperties(_Model):
    """cpu, ram and ephemeral_disk are recorded and reported, not enforced: the local cloud sets no limits."""

    cpu: int | float | None = None
    ram: int | None = None
    ephemeral_disk: int | Mapping[str, int | str] | None = None
    instance_type: str | None = None
    """Accepted so that one cloud config serves several clouds; means nothing here."""


class DiskProperties(_Model):
    type: str | None = None
    """Accepted so that one cloud config serves several clouds; every disk here is a directory."""


class NetworkProperties(_Model):
    network: str | None = None
    """The landing zone's network; None means the one called like the BOSH network."""


_M = TypeVar("_M", bound=_Model)


def read_properties(model: type[_M], written: Mapping[str, JsonValue], *, where: str) -> _M:
    """Check `written` for a `where` ("VM 'web-0'"). Raises CloudError, code unknown-cloud-property."""
    known = sorted(model.model_fields)
    for key in written:
        if key not in known:
            raise _unknown(key, known, where)
    try:
        return model.model_validate(dict(written))
    except ValidationError as error:
        raise CloudError(
            "wrong-cloud-property",
            f"A cloud property of {where} has the wrong shape.",
            why=" ".join(map(_fault, error.errors())),
            fix="Correct it in the cloud config.",
        ) from error


def read_config(written: Mapping[str, JsonValue]) -> LocalConfig:
    """The plugin's own settings. Raises CloudError, code cloud-config-invalid."""
    try:
        return LocalConfig.model_validate(dict(written))
    except ValidationError as error:
        near = [_near(str(found["loc"][0]), sorted(LocalConfig.model_fields)) for found in error.errors()]
        raise CloudError(
            "cloud-config-invalid",
            "The local cloud's settings are not right.",
            why=" ".join(map(_fault, error.errors())),
            fix=" ".join(dict.fromkeys(near)),
        ) from error


def _fault(found: ErrorDetails) -> str:
    name = ".".join(map(str, found["loc"]))
    if found["type"] == "extra_forbidden":
        return f"There is no setting '{name}'."
    return f"'{name}' is not right: {found['msg'][:1].lower()}{found['msg'][1:]}."


def _unknown(key: str, known: list[str], where: str) -> CloudError:
    return CloudError(
        "unknown-cloud-property",
        f"The local cloud knows no cloud property '{key}' ({where}).",
        why=f"It knows {', '.join(known)}.",
        fix=_near(key, known),
    )


def _near(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f"Write '{near[0]}'." if near else f"Remove '{key}'."
