"""Cases of resolving read from folders: what a case leaves out is taken from the folder `base`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from director.model.documents import Source
from director.model.environments.desired import Desired, Group, Job, LinkSource, StemcellOffer
from director.model.ids import EnvironmentName
from director.model.releases.release import (
    LinkDefinition,
    PropertyDefinition,
    Release,
    ReleaseJob,
    ReleasePackage,
    ReleaseReference,
)
from director.model.secret_ref import Property, SecretRef, SecretText
from director.resolve.front import ResolveRequest, UsedRelease, resolve_desired
from director.text.front import Reading, read_documents
from director.text.variables.bind import KnownNames

CASES = Path(__file__).parents[3] / "cases" / "resolve"


def resolve_case(case: Path) -> Desired:
    """Resolve the case's documents."""
    return resolve_desired(read_request(case))


def read_request(case: Path) -> ResolveRequest:
    environment = yaml.safe_load(_file(case, "environment.yml").read_text())
    secrets = [name.removeprefix("/place/store/") for name in environment["known_secrets"]]
    documents = read_documents(*(_reading(case, name, secrets) for name in ("manifest", "cloud-config")))
    releases = yaml.safe_load(_file(case, "releases.yml").read_text())
    return ResolveRequest(
        environment=EnvironmentName("place"),
        manifest=documents.manifest,
        cloud_config=documents.cloud_config,
        releases={name: _used(name, written) for name, written in releases.items()},
        stemcells=tuple(StemcellOffer(**each) for each in environment["stemcells"]),
        manifest_text="as written",
        clouds=tuple(environment["clouds"]),
        known_secrets=frozenset(environment["known_secrets"]),
        taken=environment["taken"],
    )


def summary_of(desired: Desired) -> Any:
    """A case's expectation, in a readable form: keys of packages are given by name."""
    names = {need.key: need.name for need in desired.packages}
    return {
        "groups": {group.name: _group(group, names) for group in desired.groups},
        "packages": [
            {need.name: [names[key] for key in need.dependencies]} if need.dependencies else need.name
            for need in desired.packages
        ],
        "variables": {each.name: dict(each.options) for each in desired.variables},
        "variable_order": [each.name for each in desired.variables],
        "tags": dict(desired.tags),
    }


def _group(group: Group, names: Mapping[str, str]) -> Any:
    return {
        "instances": group.instances,
        "stemcell": f"{group.stemcell.os} {group.stemcell.version}",
        "azs": list(group.azs),
        "networks": {
            use.name: {"static_ips": list(use.static_ips), "defaults": list(use.defaults)} for use in group.networks
        },
        "cloud_properties": group.cloud_properties,
        "disk": group.disk and {"size_mib": group.disk.size_mib, "type": group.disk.name},
        **({"disks": {name: disk.size_mib for name, disk in group.named_disks.items()}} if group.named_disks else {}),
        "packages": [names[key] for key in group.packages],
        "jobs": {job.name: _job(job, names) for job in group.jobs},
    }


def _job(job: Job, names: Mapping[str, str]) -> Any:
    return {
        "properties": _plain(job.properties),
        "packages": [names[key] for key in job.packages],
        "links": {
            link.name: {
                "from": _source(link.source),
                "instances": [each.address for each in link.source.instances],
                "network": link.source.network,
                "properties": _plain(link.properties),
            }
            for link in job.links
        },
        "provides": [f"{link.name} as {link.alias}" for link in job.provides],
    }


def _source(source: LinkSource) -> str:
    if source.is_disk:
        return f"disk {source.alias} of {source.group}"
    return f"{source.group}/{source.job}" if source.group else "hand"


def _plain(value: Property) -> Any:
    match value:
        case SecretRef() | SecretText():
            return str(value)
        case Mapping():
            return {key: _plain(member) for key, member in value.items()}
        case str() | bool() | int() | float() | None:
            return value
        case _:
            return [_plain(member) for member in value]


def _file(case: Path, name: str) -> Path:
    return case / name if (case / name).exists() else CASES / "base" / name


def _reading(case: Path, name: str, secrets: list[str]) -> Reading:
    ops = case / f"{name}-ops.yml"
    return Reading(
        source=Source(name=f"{name}.yml", content=_file(case, f"{name}.yml").read_bytes()),
        ops=(Source(name=ops.name, content=ops.read_bytes()),) if ops.exists() else (),
        known=KnownNames(secrets=secrets),
    )


def _used(name: str, written: Any) -> UsedRelease:
    release = Release(
        name=name,
        version="1",
        origin=f"releases/{name}",
        jobs=tuple(_job_source(name, job, spec) for job, spec in written["jobs"].items()),
        packages=tuple(
            ReleasePackage(name=package, fingerprint=f"{name}-{package}", dependencies=tuple(needs))
            for package, needs in written["packages"].items()
        ),
    )
    return UsedRelease(release=release, reference=ReleaseReference(name=name, version="1"))


def _job_source(release: str, name: str, spec: Any) -> ReleaseJob:
    return ReleaseJob(
        name=name,
        fingerprint=f"{release}-{name}",
        where=f"releases/{release}/jobs/{name}/spec",
        templates=(),
        monit=b"",
        packages=tuple(spec.get("packages", ())),
        properties_schema=spec.get("properties_schema"),
        properties=tuple(
            PropertyDefinition(name=each, default=definition.get("default"))
            for each, definition in spec.get("properties", {}).items()
        ),
        consumes=tuple(
            LinkDefinition(name=link["name"], type=link["type"], is_optional=link.get("optional", False))
            for link in spec.get("consumes", ())
        ),
        provides=tuple(
            LinkDefinition(name=link["name"], type=link["type"], properties=tuple(link.get("properties", ())))
            for link in spec.get("provides", ())
        ),
    )
