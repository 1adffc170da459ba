"""What a document says and nothing acts on, though it is no mistake that BOSH would refuse: worth knowing.

Takes a request and the placed jobs, reports remarks. Source: cloudfoundry/bosh silently ignores all of these.
"""

from collections.abc import Iterator, Mapping, Sequence

from director.model.secret_ref import Property
from director.resolve.checks import unused
from director.resolve.findings import Findings, nearest
from director.resolve.instance_groups import open_properties, properties
from director.resolve.releases.placed import Placed, PlacedJob
from director.resolve.request import ResolveRequest, UsedRelease

_MOST_NAMES = 5


def remark_all(request: ResolveRequest, placed: Placed, systems: Mapping[str, str], *, found: Findings) -> None:
    """Remark: addon-without-instance, property-undeclared, setting-unused, release-key-unused."""
    unused.remark_unused(request, found)
    for used in request.releases.values():
        _remark_release(used, found)
    _remark_addons(request, placed, {os for os in systems.values() if os}, found=found)
    for job in (job for jobs in placed.values() for job in jobs):
        if job.use.properties is not None:
            _remark_undeclared(request, job, found)


def _remark_release(used: UsedRelease, found: Findings) -> None:
    """One remark for all the keys of a release: a user who deploys it can rarely change it."""
    for remark in used.release.remarks:
        found.remark(remark.code, f"Release '{used.release.name}': {remark.text}", where=used.reference.where)
    keys = used.release.unused_keys
    if not keys:
        return
    listed = [f"'{each.key}' ({each.where}{_perhaps(each.near)})" for each in keys[:_MOST_NAMES]]
    more = f" and {len(keys) - _MOST_NAMES} more" if len(keys) > _MOST_NAMES else ""
    found.remark(
        "release-key-unused",
        f"Release '{used.release.name}' has unknown keys: {', '.join(listed)}{more}.",
        where=used.reference.where,
    )


def _perhaps(near: str) -> str:
    return f"; did you mean '{near}'?" if near else ""


def _remark_addons(request: ResolveRequest, placed: Placed, systems: set[str], *, found: Findings) -> None:
    used = {job.path[1] for jobs in placed.values() for job in jobs if job.path[0] == "addons"}
    for index, addon in enumerate(request.manifest.document.addons):
        if index in used or not addon.jobs or not placed:
            continue
        wanted = [each.os for each in (addon.include.stemcell or ())] if addon.include else []
        absent = [os for os in wanted if os not in systems]
        why = (
            f" It is for {' or '.join(map(repr, absent))}, and the stemcells of the manifest are "
            f"{', '.join(map(repr, sorted(systems))) or 'none'}."
            if absent
            else ""
        )
        found.remark(
            "addon-without-instance",
            f"Addon '{addon.name}' is on no instance: its filters match no instance group.{why}",
            where=request.manifest.where("addons", index),
        )


def _remark_undeclared(request: ResolveRequest, job: PlacedJob, found: Findings) -> None:
    declared = list(dict.fromkeys(open_properties.read_names(job)))
    unknown = list(_undeclared(job.values, frozenset(declared), _prefixes(declared)))
    if not unknown:
        return
    given = {name for name in declared if properties.has_value(job.values, name)}
    free = [name for name in declared if name not in given]
    listed = [f"'{name}'{_meant(name, free)}" for name in unknown[:_MOST_NAMES]]
    more = f" and {len(unknown) - _MOST_NAMES} more" if len(unknown) > _MOST_NAMES else ""
    found.remark(
        "property-undeclared",
        f"Job '{job.use.name}' of instance group '{job.group}' does not declare {', '.join(listed)}{more}, so its "
        f"templates cannot read {'them' if unknown[1:] else 'it'}.",
        where=request.manifest.where(*job.values_path, *unknown[0].split(".")),
    )


def _meant(name: str, declared: Sequence[str]) -> str:
    near = nearest(name, declared)
    return f" (did you mean '{near}'?)" if near else ""


def _prefixes(declared: Sequence[str]) -> frozenset[str]:
    return frozenset(
        ".".join(keys[:depth]) for keys in (name.split(".") for name in declared) for depth in range(1, len(keys))
    )


def _undeclared(
    values: Mapping[str, Property], declared: frozenset[str], prefixes: frozenset[str], *, above: str = ""
) -> Iterator[str]:
    for key, value in values.items():
        name = f"{above}{key}"
        if name in declared:
            continue
        if name in prefixes:
            if isinstance(value, Mapping):
                yield from _undeclared(value, declared, prefixes, above=f"{name}.")
        else:
            yield name
