"""What the guest's `apply` verb is sent: who the instance is, its packages, its jobs' files.

Takes an instance's spec, its rendered jobs and its packages' digests, gives JSON.
"""

import base64
from collections.abc import Mapping

from cpi.values import JsonValue
from director.errors import Bug
from director.model.release import Digests
from director.model.rendered import RenderedFile, RenderedJobs
from director.model.secret_ref import Property, SecretRef, SecretText
from director.model.state import Applied
from director.model.work import InstanceSpec

_TOLD = ("deployment", "name", "index", "id", "az", "bootstrap", "ip", "address", "networks", "persistent_disk")


def apply_arguments(
    spec: InstanceSpec, applied: Applied, *, rendered: RenderedJobs, digests: Digests
) -> dict[str, JsonValue]:
    """The arguments of `apply`: {"spec", "files"}; `digests` maps compile keys to compiled packages' digests.

    Packages and files are sorted by name, jobs keep the manifest's order.
    """
    return {"spec": applied_spec(spec, applied, digests), "files": _files(rendered)}


def applied_spec(spec: InstanceSpec, applied: Applied, digests: Digests) -> dict[str, JsonValue]:
    """The spec that the guest keeps and gives back in get_state; it holds no secret."""
    told = {key: _plain(spec.spec[key]) for key in _TOLD if key in spec.spec}
    packages: list[JsonValue] = [
        {"name": name, "version": key, "digest": digests[key]} for name, key in sorted(applied.packages.items())
    ]
    return {
        **told,
        "configuration_hash": applied.configuration_hash,
        "jobs": [job.name for job in spec.jobs],
        "packages": packages,
    }


def _files(rendered: RenderedJobs) -> dict[str, JsonValue]:
    return {job: {path: _file(file) for path, file in sorted(files.items())} for job, files in sorted(rendered.items())}


def _file(file: RenderedFile) -> JsonValue:
    return {"content_base64": base64.b64encode(file.content).decode(), "is_executable": file.is_executable}


def _plain(value: Property) -> JsonValue:
    match value:
        case SecretRef() | SecretText():
            raise Bug("secret-in-spec", "A secret stands in a part of the spec that the guest keeps.")
        case str() | bool() | int() | float() | None:
            return value
        case Mapping():
            return {key: _plain(member) for key, member in value.items()}
        case _:
            return [_plain(member) for member in value]
