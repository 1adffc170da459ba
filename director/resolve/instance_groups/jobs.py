"""Jobs with their properties bound, their secrets under whole names, their links and packages.

Takes placed jobs, gives Job values. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/deployment_plan/job.rb.
"""

from collections.abc import Collection, Mapping, Sequence

from cpi.contract.value_classes import dataclass
from director.model.environments.deployment_dns import DnsFeatures
from director.model.environments.desired import Job
from director.model.secret_ref import Property, SecretRef
from director.resolve.findings import Findings, nearest
from director.resolve.instance_groups import open_properties, properties
from director.resolve.instance_groups.links import Bound, Consumer, Provider
from director.resolve.releases.packages import PackagePlan
from director.resolve.releases.placed import Placed, PlacedJob
from director.resolve.request import ResolveRequest
from director.resolve.variables import variables


def bind_properties(
    request: ResolveRequest, placed: Placed, found: Findings
) -> dict[tuple[str, str], Mapping[str, Property]]:
    """The properties of each job by (group, job).

    Reports: property-not-a-map, unresolved-variable, properties-schema-unsupported. Remark: variable-unused.
    """
    bound: dict[tuple[str, str], Mapping[str, Property]] = {}
    known = {variables.whole_name(request, each.name) for each in request.manifest.document.variables}
    known |= request.known_secrets
    for job in (job for jobs in placed.values() for job in jobs):
        _check_shape(request, job, found)
        own = properties.bound_properties(job.source.properties, job.values)
        _check_secrets(request, job, known, found=found)
        open_properties.report_read(request, job, found)
        whole = variables.whole_secrets(request, own)
        assert isinstance(whole, Mapping)
        bound[job.group, job.use.name] = whole
    open_properties.remark_unread(request, found)
    return bound


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReader:
    """Puts jobs together once everything they need was resolved."""

    request: ResolveRequest
    bound: Bound
    compiled: PackagePlan
    providers: tuple[Provider, ...]
    dns: DnsFeatures
    found: Findings

    def jobs(self, placed: Sequence[PlacedJob]) -> tuple[Job, ...]:
        """The jobs of one group, in its order. Reports what links.Consumer reports."""
        return tuple(self._job(job) for job in placed)

    def _job(self, job: PlacedJob) -> Job:
        site = (job.group, job.use.name)
        consumer = Consumer(request=self.request, job=job, providers=self.providers, dns=self.dns, found=self.found)
        return Job(
            name=job.use.name,
            release=job.release.release.name,
            release_version=job.release.release.version,
            source=job.source,
            properties=self.bound[site],
            links=consumer.links(),
            provides=tuple(each.link for each in self.providers if (each.group, each.job) == site),
            packages=self.compiled.by_job.get(site, ()),
        )


def _check_shape(request: ResolveRequest, job: PlacedJob, found: Findings) -> None:
    if job.source.properties_schema is not None:
        found.report(
            "properties-schema-unsupported",
            f"Job '{job.use.name}' has a properties_schema.json, which is not supported.",
            why="compleat does not validate properties against a schema.",
            fix="Use a version of the release without it.",
            where=job.source.where,
        )
    reported = set()
    for name, path, kind in properties.misplaced(job.source.properties, job.values):
        if path not in reported:
            found.report(
                "property-not-a-map",
                f"Property '{name}' of job '{job.use.name}' does not match the manifest's value.",
                why=f"'{'.'.join(map(str, path))}' is {kind}, but the job's spec requires a map.",
                fix=f"Write a map, or if it is a secret name its fields one by one: {name}: ((...)).",
                where=request.manifest.where(*job.values_path, *path),
            )
        reported.add(path)


def _check_secrets(request: ResolveRequest, job: PlacedJob, known: Collection[str], *, found: Findings) -> None:
    """Every secret that reaches a template must be generated here, or be in the vault."""
    unresolved = {
        path: reference
        for name in open_properties.read_names(job)
        for path, reference in variables.secrets_in(properties.value_at(job.values, name), tuple(name.split(".")))
        if variables.whole_name(request, reference.name) not in known
    }
    for path, reference in unresolved.items():
        where = request.manifest.where(*job.values_path, *path)
        _report_unresolved(request, job, reference=reference, where=where, found=found)


def _report_unresolved(
    request: ResolveRequest, job: PlacedJob, *, reference: SecretRef, where: str, found: Findings
) -> None:
    names = [each.name for each in request.manifest.document.variables]
    near = nearest(reference.name, names)
    found.report(
        "unresolved-variable",
        f"Job '{job.use.name}' of instance group '{job.group}' uses {reference}, which has no value.",
        why=f"`variables` defines: {', '.join(map(repr, sorted(names)))}." if names else "`variables` is empty.",
        fix=f"Did you mean '{near}'?"
        if near
        else f"Give it with `-v {reference.name}=...`, or define it in `variables`.",
        where=where,
    )
