"""A value as a hash: equal if, and only if, nothing that matters differs.

Takes properties with secrets by name, gives hex text; a secret's value is never among it, its version is.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import assert_never

from cpi.contract.values import JsonValue
from director.model.environments.desired import Job
from director.model.secret_ref import Property, SecretRef, SecretText

_MARK = "\x00secret"
"""A key no document can hold, so that no property looks like a secret."""


def shared_hash(jobs: Sequence[Job], links: Mapping[str, Mapping[str, Property]], versions: Mapping[str, int]) -> str:
    """The hash of what templates of all instances of a group see; a secret that `versions` lacks counts as 1."""
    described: Property = [
        {"name": job.name, "release": job.release, "fingerprint": job.source.fingerprint, "p": job.properties}
        for job in jobs
    ]
    return _digest(_plain({"jobs": described, "links": links}, versions))


def configuration_hash(shared: str, spec: Mapping[str, Property], versions: Mapping[str, int]) -> str:
    """The hash of all that one instance's templates see: what its group shares, and its own template spec."""
    return _digest(_plain({"shared": shared, "spec": spec}, versions))


def _digest(value: JsonValue) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=_mapping)
    return hashlib.sha256(text.encode()).hexdigest()


def _mapping(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"not JSON: {type(value).__name__}")


def _plain(value: Property, versions: Mapping[str, int]) -> JsonValue:
    match value:
        case SecretRef(name=name, path=path):
            return {_MARK: [name, list(path), versions.get(name, 1)]}
        case SecretText(parts=parts):
            return {_MARK: [_plain(part, versions) for part in parts]}
        case str() | bool() | int() | float() | None:
            return value
        case Mapping():
            return {key: _plain(member, versions) for key, member in value.items()}
        case Sequence():
            return [_plain(member, versions) for member in value]
        case _:
            assert_never(value)
