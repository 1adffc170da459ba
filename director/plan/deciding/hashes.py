"""A value as a hash: equal if, and only if, nothing that matters differs.

Takes properties with secrets by name, gives hex text; a secret's value is never among it, its version is.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.model.environments.desired import Job
from director.model.releases.release import ReleaseJob
from director.model.secret_ref import Property, SecretRef, SecretText

_MARK = "\x00secret"
"""A key no document can hold, so that no property looks like a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationHashes:
    """`whole` is of all that templates see; `restart` leaves out the properties that jobs take over while they run.

    `restart` is "" if the jobs take over nothing.
    """

    whole: str
    restart: str = ""


def shared_hashes(
    jobs: Sequence[Job], links: Mapping[str, Mapping[str, Property]], versions: Mapping[str, int]
) -> ConfigurationHashes:
    """The hashes of what templates of all instances of a group see; a secret that `versions` lacks counts as 1."""
    whole = _shared_hash(jobs, links, versions)
    if not any(_is_reloading(job.source) for job in jobs):
        return ConfigurationHashes(whole=whole)
    kept = [replace(job, properties=_without(job.properties, _reloaded_properties(job.source))) for job in jobs]
    sources = {job.name: job.source for job in jobs}
    kept_links = {name: _kept_links(sources[name], own) if name in sources else own for name, own in links.items()}
    return ConfigurationHashes(whole=whole, restart=_shared_hash(kept, kept_links, versions))


def instance_hashes(
    shared: ConfigurationHashes, spec: Mapping[str, Property], versions: Mapping[str, int]
) -> ConfigurationHashes:
    """The hashes of all that one instance's templates see: what its group shares, and its own template spec."""
    return ConfigurationHashes(
        whole=_instance_hash(shared.whole, spec, versions),
        restart=_instance_hash(shared.restart, spec, versions) if shared.restart else "",
    )


def _shared_hash(jobs: Sequence[Job], links: Mapping[str, Mapping[str, Property]], versions: Mapping[str, int]) -> str:
    described: Property = [
        {"name": job.name, "release": job.release, "fingerprint": job.source.fingerprint, "p": job.properties}
        for job in jobs
    ]
    return _digest(_plain({"jobs": described, "links": links}, versions))


def _instance_hash(shared: str, spec: Mapping[str, Property], versions: Mapping[str, int]) -> str:
    return _digest(_plain({"shared": shared, "spec": spec}, versions))


def _is_reloading(job: ReleaseJob) -> bool:
    return bool(_reloaded_properties(job)) or any(link.reloaded for link in job.consumes)


def _reloaded_properties(job: ReleaseJob) -> tuple[str, ...]:
    return tuple(each.name for each in job.properties if each.is_reloaded)


def _kept_links(job: ReleaseJob, links: Mapping[str, Property]) -> Mapping[str, Property]:
    reloaded = {link.name: link.reloaded for link in job.consumes}
    return {name: _without_properties(link, reloaded.get(name, ())) for name, link in links.items()}


def _without_properties(link: Property, names: Sequence[str]) -> Property:
    if not names or not isinstance(link, Mapping):
        return link
    return {**link, "properties": _without(link.get("properties"), names)}


def _without(properties: Property, names: Sequence[str]) -> Mapping[str, Property]:
    """The nested hash without the properties of these names, which have a dot for each level."""
    nested = properties if isinstance(properties, Mapping) else {}
    inner = {name.partition(".")[0] for name in names if "." in name}
    return {
        key: _without(value, [name.partition(".")[2] for name in names if name.startswith(f"{key}.")])
        if key in inner and isinstance(value, Mapping)
        else value
        for key, value in nested.items()
        if key not in names
    }


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
