"""Builders of what rendering takes."""

from collections.abc import Mapping

from director.model.environments.desired import Job
from director.model.environments.instance_spec import InstanceSpec
from director.model.erb import ErbFailure, ErbRequest, ErbText
from director.model.releases.release import LinkDefinition, PropertyDefinition, ReleaseJob, TemplateFile
from director.model.secret_ref import Property


def build_job(
    templates: Mapping[str, str],
    *,
    monit: str = "",
    properties: Mapping[str, Property] | None = None,
    name: str = "web",
    packages: tuple[str, ...] = (),
) -> Job:
    """A job whose template `x.j2` goes to `x`; it declares the properties it is given, and `wanted`."""
    given = properties or {}
    source = ReleaseJob(
        name=name,
        fingerprint="f1",
        where=f"jobs/{name}/spec",
        monit=monit.encode(),
        packages=packages,
        templates=tuple(
            TemplateFile(source=source, destination=source.removesuffix(".j2"), content=text.encode())
            for source, text in templates.items()
        ),
        properties=tuple(PropertyDefinition(name=key) for key in (*given, "wanted")),
        consumes=(LinkDefinition(name="db", type="sql", is_optional=True),),
    )
    return Job(name=name, release="shop", release_version="7", source=source, properties=given)


def build_spec(*jobs: Job, links: Mapping[str, Property] | None = None) -> InstanceSpec:
    spec: dict[str, Property] = {
        "deployment": "store",
        "name": "front",
        "index": 2,
        "id": "i-1",
        "az": "z1",
        "bootstrap": False,
        "ip": "10.0.0.9",
        "address": "10.0.0.9",
        "networks": {"default": {"ip": "10.0.0.9", "type": "manual"}},
        "persistent_disk": 0,
    }
    return InstanceSpec(jobs=jobs, spec=spec, links={job.name: links or {} for job in jobs})


def no_secret(name: str) -> str:
    raise AssertionError(f"nobody should ask for {name}")


def no_erb(request: ErbRequest) -> tuple[ErbText | ErbFailure, ...]:
    raise AssertionError(f"nobody should ask Ruby for {request.job}")
