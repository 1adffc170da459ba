"""What has to be compiled for each stemcell, in order, and the key each result is known by.

Takes placed jobs, gives PackageNeed values. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/deployment_plan/stages/package_compile_stage.rb.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from cpi.contract.value_classes import dataclass
from director.model.environments.desired import Job, PackageNeed, StemcellOffer
from director.model.releases.release import PackageSource, ReleasePackage
from director.resolve.findings import Findings
from director.resolve.order import in_order
from director.resolve.releases import uploaded
from director.resolve.releases.placed import Placed, PlacedJob
from director.resolve.request import ResolveRequest, UsedRelease


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagePlan:
    """All packages in order by key, and each job's run-time keys by (group, job), in the spec's order."""

    needs: Mapping[str, PackageNeed] = field(default_factory=dict)
    by_job: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def run_time(self, jobs: Iterable[Job]) -> tuple[str, ...]:
        """Keys of all packages of the jobs, each once, sorted by package name."""
        keys = {key for job in jobs for key in job.packages}
        return tuple(sorted(keys, key=lambda key: (self.needs[key].name, key)))


def package_key(package: ReleasePackage, dependencies: Iterable[str], stemcell: StemcellOffer) -> str:
    """The compile cache's key: it changes when, and only when, the result could.

    SHA-256 over name (it is part of the install path), fingerprint, keys of direct dependencies (which hold theirs),
    OS, first part of the OS version, and architecture. Neither release nor deployment: results are shared.
    """
    major = stemcell.version.split(".")[0]
    content = [package.name, package.fingerprint, sorted(dependencies), stemcell.os, major, stemcell.architecture]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def resolve_packages(
    request: ResolveRequest,
    placed: Placed,
    stemcells: Mapping[str, StemcellOffer],
    *,
    found: Findings,
) -> PackagePlan:
    """Every package of every group's jobs with what it needs to be compiled.

    Tells: package-cycle, unknown-package, package-collision, compiled-for-another-stemcell, not-exported-from.
    """
    sound = {name: _check_release(used, found) for name, used in request.releases.items()}
    needs: dict[str, PackageNeed] = {}
    by_job: dict[tuple[str, str], tuple[str, ...]] = {}
    fitting: dict[tuple[str, StemcellOffer], bool] = {}
    for index, group in enumerate(request.manifest.document.instance_groups):
        stemcell = stemcells.get(group.stemcell)
        jobs = [job for job in placed[group.name] if stemcell and sound[job.use.release]]
        for job in jobs:
            assert stemcell
            place = (job.use.release, stemcell)
            if place not in fitting:
                fitting[place] = _check_compiled(request, job.release, stemcell, found=found)
            if not fitting[place]:
                continue
            keys = _Keys(job.release, stemcell, needs)
            by_job[group.name, job.use.name] = tuple(keys.key(name) for name in _run_time(job, found))
        needed = [needs[key] for job in jobs for key in by_job.get((group.name, job.use.name), ())]
        _check_collisions(
            group.name, needed, found=found, where=request.manifest.where("instance_groups", index, "jobs")
        )
    return PackagePlan(needs=needs, by_job=by_job)


def _check_compiled(request: ResolveRequest, used: UsedRelease, stemcell: StemcellOffer, *, found: Findings) -> bool:
    """Whether the release's compiled packages, if it has such, are for this stemcell and what the manifest says."""
    release = used.release
    compiled_for = sorted({package.compiled_for for package in release.packages if package.compiled_for})
    strange = [each for each in compiled_for if not uploaded.fits(each, stemcell)]
    if strange:
        found.report(
            "compiled-for-another-stemcell",
            f"Release '{release.name}/{release.version}' is compiled for {', '.join(strange)}, "
            f"and the stemcell here is {stemcell.os}/{stemcell.version}.",
            why="Compiled packages run only on the OS and the first part of the version that they were compiled for.",
            fix="Use the release with sources, or one that is compiled for this stemcell.",
            where=used.reference.where,
        )
    exported = _exported_from(request, release.name)
    unlisted = [each for each in compiled_for if exported and each not in exported]
    if unlisted:
        found.report(
            "not-exported-from",
            f"Release '{release.name}/{release.version}' is compiled for {', '.join(unlisted)}, "
            "which `exported_from` does not list.",
            why=f"It lists: {', '.join(exported)}.",
            fix="Correct `exported_from`, or use the release that was exported from that stemcell.",
            where=used.reference.where,
        )
    return not strange and not unlisted


def _exported_from(request: ResolveRequest, name: str) -> list[str]:
    written = request.manifest.document
    uses = (*written.releases, *((written.release,) if written.release else ()))
    return [f"{each.os}/{each.version}" for use in uses if use.name == name for each in use.exported_from]


class _Keys:
    """Adds packages of one release for one stemcell to what is needed, dependencies first."""

    def __init__(self, used: UsedRelease, stemcell: StemcellOffer, needs: dict[str, PackageNeed]) -> None:
        self._used = used
        self._stemcell = stemcell
        self._needs = needs
        self._keys: dict[str, str] = {}

    def key(self, name: str) -> str:
        if name in self._keys:
            return self._keys[name]
        package = self._used.release.package(name)
        assert package
        dependencies = tuple(self.key(each) for each in package.dependencies)
        key = self._keys[name] = package_key(package, dependencies, self._stemcell)
        if key not in self._needs:
            self._needs[key] = PackageNeed(
                key=key,
                name=name,
                version=package.fingerprint,
                release=self._used.release.name,
                stemcell=self._stemcell,
                source=PackageSource(
                    reference=self._used.reference,
                    package=name,
                    fingerprint=package.fingerprint,
                    architecture=self._stemcell.architecture,
                ),
                dependencies=dependencies,
                is_compiled=bool(package.compiled_for),
            )
        return key


def _check_release(used: UsedRelease, found: Findings) -> bool:
    """Whether every dependency exists and none needs itself."""
    release = used.release
    names = [package.name for package in release.packages]
    is_sound = True
    for package in release.packages:
        for name in package.dependencies:
            if name not in names:
                whose = f"Package '{package.name}' of release '{release.name}'"
                found.report_unknown("package", name, whose=whose, known=names, where=release.origin)
                is_sound = False
    _, cycle = in_order({package.name: package.dependencies for package in release.packages})
    if cycle:
        found.report(
            "package-cycle",
            f"Packages of release '{release.name}' have a dependency cycle: {' -> '.join(cycle)}.",
            why="No compilation order exists.",
            fix="Remove one of these dependencies from a package's spec.",
            where=release.origin,
        )
    return is_sound and not cycle


def _run_time(job: PlacedJob, found: Findings) -> list[str]:
    known = [package.name for package in job.release.release.packages]
    for name in job.source.packages:
        if name not in known:
            whose = f"Job '{job.use.name}' of release '{job.release.release.name}'"
            found.report_unknown("package", name, whose=whose, known=known, where=job.source.where)
    return [name for name in job.source.packages if name in known]


def _check_collisions(group: str, needed: Sequence[PackageNeed], *, found: Findings, where: str) -> None:
    first: dict[str, PackageNeed] = {}
    for need in needed:
        other = first.setdefault(need.name, need)
        if other.key != need.key:
            found.report(
                "package-collision",
                f"Instance group '{group}' needs two different packages '{need.name}'.",
                why=f"Releases '{other.release}' and '{need.release}' each have one, and they are not the same.",
                fix="Put the jobs on different instance groups.",
                where=where,
            )
