"""A Renderer that writes each job's properties down, secrets filled in."""

import json
from collections.abc import Callable, Iterable, Mapping

from cpi.contract.values import JsonValue
from director.model.environments.desired import Job
from director.model.environments.instance_spec import InstanceSpec
from director.model.examined import JobFindings
from director.model.rendered import RenderedFile, RenderedJobs
from director.model.secret_ref import Property, SecretRef, SecretText


class PlainRenderer:
    """Implements Renderer."""

    def prepare(self, jobs: Iterable[Job]) -> None:
        pass

    def render_jobs(self, spec: InstanceSpec, secret: Callable[[str], JsonValue]) -> RenderedJobs:
        return {
            job.name: {
                "monit": RenderedFile(content=f"check process {job.name} with pidfile /{job.name}.pid".encode()),
                "config.json": RenderedFile(content=json.dumps(_filled(job.properties, secret)).encode()),
            }
            for job in spec.jobs
        }

    def check_jobs(self, specs: Iterable[InstanceSpec], secret: Callable[[str], JsonValue]) -> JobFindings:
        for spec in specs:
            self.render_jobs(spec, secret)
        return JobFindings()


def _filled(value: Property, secret: Callable[[str], JsonValue]) -> JsonValue:
    if isinstance(value, SecretRef):
        return secret(value.name)
    if isinstance(value, SecretText):
        return "".join(part if isinstance(part, str) else str(secret(part.name)) for part in value.parts)
    if isinstance(value, Mapping):
        return {key: _filled(item, secret) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(item, secret) for item in value]
    assert isinstance(value, str | int | float | bool | None)
    return value
