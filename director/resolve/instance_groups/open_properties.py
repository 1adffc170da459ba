"""Variables without a value in properties: a problem where a job reads the property, a remark where none does.

Takes placed jobs, gives problems and remarks. Source: cloudfoundry/bosh @96f9135, deployment_plan/job.rb
(bind_properties keeps what the spec declares), config_server/variables_interpolator.rb (properties are resolved after).
"""

from collections.abc import Iterator, Mapping

from director.errors import InputError
from director.model.documents import Remark
from director.model.secret_ref import Property
from director.model.spans import Path
from director.resolve.findings import Findings
from director.resolve.instance_groups import properties
from director.resolve.releases.placed import PlacedJob
from director.resolve.request import ResolveRequest


def read_names(job: PlacedJob) -> Iterator[str]:
    """The properties that templates read: the job's own, and what it hands over, which may be undeclared."""
    yield from (each.name for each in job.source.properties)
    for handed in (each.properties for each in job.source.provides):
        yield from handed
    for handed in (each.properties for each in job.use.custom_provider_definitions):
        yield from handed


def report_read(request: ResolveRequest, job: PlacedJob, found: Findings) -> None:
    """Report those in properties that the job reads: its own, its group's, or the manifest's."""
    by_place: dict[str, list[InputError]] = {}
    for problem in request.open_properties:
        by_place.setdefault(problem.where, []).append(problem)
    for place in _read_places(request, job) if by_place else ():
        for problem in by_place.get(place, ()):
            if problem not in found.problems:
                found.problems.append(problem)


def remark_unread(request: ResolveRequest, found: Findings) -> None:
    """Remark those that no job reads, as BOSH drops them."""
    for problem in request.open_properties:
        if problem not in found.problems:
            text = f"{problem.what} No job declares the property, so it has no effect."
            found.remarks.append(Remark(code="variable-unused", text=text, where=problem.where))


def _read_places(request: ResolveRequest, job: PlacedJob) -> Iterator[str]:
    """Where the texts that the job reads are written; of inherited ones, the group's place and the manifest's."""
    for name in read_names(job):
        for path in _leaves(properties.value_at(job.values, name), tuple(name.split("."))):
            yield request.manifest.where(*job.values_path, *path)
            yield request.manifest.where("properties", *path)


def _leaves(value: Property, path: Path) -> Iterator[Path]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*path, index))
    elif isinstance(value, str):
        yield path
