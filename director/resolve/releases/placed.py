"""Which jobs each instance group has, its own and those that addons put on it.

Takes a request, gives for each group its jobs with the properties that count and where they are written.
Source: cloudfoundry/bosh src/bosh-director/lib/bosh/director/addon/addon.rb.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field

from cpi.contract.value_classes import dataclass
from director.model import addon_filters
from director.model.releases.release import ReleaseJob
from director.model.secret_ref import Property
from director.model.spans import Path
from director.model.written.manifest import InstanceGroup, JobUse
from director.resolve.findings import Findings
from director.resolve.request import ResolveRequest, UsedRelease


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedJob:
    """A job on a group. `path` leads to it in the manifest, `values_path` to its properties."""

    group: str
    use: JobUse
    source: ReleaseJob
    release: UsedRelease
    path: Path
    values: Mapping[str, Property] = field(repr=False)
    values_path: Path


Placed = Mapping[str, tuple[PlacedJob, ...]]
"""Each group's jobs, by the group's name."""


def place_jobs(
    request: ResolveRequest, systems: Mapping[str, str], found: Findings
) -> dict[str, tuple[PlacedJob, ...]]:
    """Each group's jobs, addons' last; a job that does not exist is left out.

    `systems` are the operating systems of stemcells, by alias, as the manifest names them.
    Tells: unknown-release, unknown-job, job-twice, addon-filter-unsupported.
    """
    _check_filters(request, found)
    placed = {}
    for index, group in enumerate(request.manifest.document.instance_groups):
        uses = list(_own_jobs(request, index))
        for number in range(len(request.manifest.document.addons)):
            has = [use for use, _, _ in uses]
            addon = request.manifest.document.addons[number]
            if addon_filters.is_for_group(addon, group, has=has, system=systems.get(group.stemcell, "")):
                uses.extend(_addon_jobs(request, number))
        placed[group.name] = tuple(_looked_up(request, group, uses=uses, found=found))
    return placed


_Use = tuple[JobUse, Path, tuple[Mapping[str, Property], Path]]


def _own_jobs(request: ResolveRequest, index: int) -> Iterator[_Use]:
    written = request.manifest.document
    group = written.instance_groups[index]
    for number, use in enumerate(group.jobs):
        path: Path = ("instance_groups", index, "jobs", number)
        if use.properties is not None:
            yield use, path, (use.properties, (*path, "properties"))
        else:
            inherited = _merged(written.properties, group.properties)
            yield use, path, (inherited, ("instance_groups", index, "properties"))


def _addon_jobs(request: ResolveRequest, index: int) -> Iterator[_Use]:
    """As BOSH's director reads them: of a job on an addon it takes no definitions of providers."""
    addon = request.manifest.document.addons[index]
    for number, written in enumerate(addon.jobs):
        path: Path = ("addons", index, "jobs", number)
        use = written.model_copy(update={"custom_provider_definitions": ()})
        if use.properties is not None:
            yield use, path, (use.properties, (*path, "properties"))
        else:
            yield use, path, (addon.properties or {}, ("addons", index, "properties"))


def _looked_up(
    request: ResolveRequest, group: InstanceGroup, *, uses: list[_Use], found: Findings
) -> Iterator[PlacedJob]:
    seen: set[str] = set()
    for use, path, (values, values_path) in uses:
        if use.name in seen:
            found.report(
                "job-twice",
                f"Instance group '{group.name}' has the job '{use.name}' twice.",
                why="A job has one directory on a machine, named after it.",
                fix="Remove one of them; `exclude` keeps an addon's job away.",
                where=request.manifest.where(*path),
            )
            continue
        seen.add(use.name)
        release = _release(request, group, use=use, path=path, found=found)
        source = release and release.release.job(use.name)
        if release and source is None:
            known = [job.name for job in release.release.jobs]
            whose = f"Instance group '{group.name}' with release '{use.release}'"
            found.report_unknown("job", use.name, whose=whose, known=known, where=request.manifest.where(*path, "name"))
        if release and source:
            yield PlacedJob(
                group=group.name,
                use=use,
                source=source,
                release=release,
                path=path,
                values=values,
                values_path=values_path,
            )


def _release(
    request: ResolveRequest, group: InstanceGroup, *, use: JobUse, path: Path, found: Findings
) -> UsedRelease | None:
    written = request.manifest.document
    named = [release.name for release in (*written.releases, *((written.release,) if written.release else ()))]
    if use.release in named:
        return request.releases.get(use.release)  # one that is nowhere is reported by who looked for it
    whose = f"Job '{use.name}' of instance group '{group.name}'"
    found.report_unknown(
        "release", use.release, whose=whose, known=named, where=request.manifest.where(*path, "release")
    )
    return None


def _merged(low: Mapping[str, Property], high: Mapping[str, Property]) -> dict[str, Property]:
    """Maps are merged at every level, the higher one's values win."""
    merged = dict(low)
    for key, value in high.items():
        under = merged.get(key)
        merged[key] = _merged(under, value) if isinstance(under, Mapping) and isinstance(value, Mapping) else value
    return merged


def _check_filters(request: ResolveRequest, found: Findings) -> None:
    for index, addon in enumerate(request.manifest.document.addons):
        for key, chosen in (("include", addon.include), ("exclude", addon.exclude)):
            if chosen is not None and chosen.deployments:
                found.report(
                    "addon-filter-unsupported",
                    f"Addon '{addon.name}' filters by deployment.",
                    why="An addon in a manifest applies only to that manifest's deployment.",
                    fix="Remove `deployments` from the filter.",
                    where=request.manifest.where("addons", index, key, "deployments"),
                )
