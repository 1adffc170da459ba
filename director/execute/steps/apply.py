"""Render an instance's templates and install them."""

import base64
from collections.abc import Mapping

from cpi.contract.values import JsonValue
from director.actions.apply import Apply
from director.execute.steps import compiled_packages
from director.execute.steps.context import StepContext
from director.model.rendered import RenderedJobs
from director.model.secret_ref import Property
from director.model.work import Result

_TOLD = ("deployment", "name", "index", "id", "az", "bootstrap", "address", "ip", "persistent_disk", "networks")
"""What an agent is told of its template spec: no properties, for those may hold secrets and it keeps the spec."""


def do(context: StepContext, work: Apply) -> Result:
    """Render with secrets filled in, and install; the rendered files go to the agent and nowhere else."""
    rendered = context.world.renderer.render_jobs(work.spec, secret=context.world.vault.get_secret)
    spec = {
        **_told(work.spec.spec),
        "jobs": [job.name for job in work.spec.jobs],
        "packages": compiled_packages.describe_packages(context, work.applied.packages),
        "configuration_hash": work.applied.configuration_hash,
    }
    context.ask_agent(work.instance, "apply", {"spec": spec, "files": _files(rendered)})
    return Result()


def _told(spec: Mapping[str, Property]) -> Mapping[str, JsonValue]:
    return {name: _plain(spec[name]) for name in _TOLD if name in spec}


def _plain(value: Property) -> JsonValue:
    """The value as JSON; a secret, should one be there, stays a name."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, str | int | float | bool | None):
        return value
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else str(value)


def _files(rendered: RenderedJobs) -> Mapping[str, JsonValue]:
    return {
        job: {
            path: {
                "content_base64": base64.b64encode(file.content).decode(),
                "is_executable": file.is_executable,
            }
            for path, file in files.items()
        }
        for job, files in rendered.items()
    }
