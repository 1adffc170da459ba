"""The front of reading releases: a directory's or tarball's files become a Release.

Takes raw files, gives releases; every problem of a release is collected and told at once.
Source: cloudfoundry/bosh-cli release/, releasedir/.
"""

import graphlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from director.errors import InputError, raise_all
from director.model.releases.release import Release, ReleaseJob, ReleasePackage
from director.model.releases.release_files import (
    ArchivedRelease,
    DraftedRelease,
    PackageDraft,
    ReleaseArchive,
    ReleaseDraft,
    ReleaseTree,
)
from director.releases import (
    fingerprints,
    release_blobs,
    release_documents,
    release_jobs,
    release_names,
    release_packages,
    release_stores,
    release_submodules,
)
from director.releases.release_documents import ReleaseDocument, ReleaseFindings
from director.releases.release_packages import PackageLookup

_PACKAGES = ("packages", "compiled_packages")
_STEMCELL = re.compile(r"[-0-9A-Za-z_+.]{1,255}/[-0-9A-Za-z_+.]{1,255}")


def read_release_tree(tree: ReleaseTree, name: str = "", *, findings: ReleaseFindings | None = None) -> ReleaseDraft:
    """Understand a release directory; `name` is what the manifest calls it, "" to take the directory's own.

    `findings` are given by who wants to see the documents that were read.

    Raises InputError or Problems: those of read_job, read_package and read_blob_pins, release-nameless,
    release-name-twice, release-submodules-empty, job-package-unknown, package-dependency-unknown, package-cycle.
    """
    findings = findings or ReleaseFindings()
    final = _config(tree, "final.yml", findings)
    jobs = _read_jobs(tree, findings)
    packages = _read_packages(tree, final, findings)
    own = final.word("name") or final.word("final_name")
    name = name or own
    for key in ("name", "final_name"):
        release_names.check_name(final, key, "name of a release")
    if not name:
        final.refuse("release-nameless", "The release has no name.", fix="Write `name:` in config/final.yml.")
    inner = _inner_problems(tree.origin, jobs, {package.name: package.dependencies for package in packages})
    raise_all((*findings.problems, *inner))
    return ReleaseDraft(
        name=name,
        origin=tree.origin,
        jobs=_by_name(jobs),
        packages=packages,
        unused_keys=findings.unused_keys(),
        remarks=tuple(findings.remarks),
    )


def finish_release(draft: ReleaseDraft, digests: Mapping[str, str]) -> DraftedRelease:
    """Fill in the digests of the files that were unread ("sha256:<hex>" by file); then fingerprints are known.

    The version is "0+dev." and twelve digits of what the release consists of: the same files, the same version.
    Raises InputError or Problems: blob-changed.
    """
    packages = tuple(_finish_package(package, digests) for package in draft.packages)
    raise_all(_changed_blobs(packages))
    listed = tuple(
        ReleasePackage(name=package.name, fingerprint=package.fingerprint, dependencies=package.dependencies)
        for package in packages
    )
    release = Release(
        name=draft.name,
        version=f"0+dev.{_content_digest(draft.jobs, listed)[:12]}",
        origin=draft.origin,
        jobs=draft.jobs,
        packages=listed,
        unused_keys=draft.unused_keys,
        remarks=draft.remarks,
    )
    return DraftedRelease(release=release, packages=packages)


def read_release_archive(archive: ReleaseArchive, *, findings: ReleaseFindings | None = None) -> ArchivedRelease:
    """Understand a release tarball; `findings` as of read_release_tree.

    Raises InputError or Problems: those of read_job, release-compiled-in-part, release-incomplete,
    job-archive-missing, job-package-unknown, package-dependency-unknown, package-cycle.
    """
    findings = findings or ReleaseFindings()
    manifest = release_documents.read_release_document(archive.manifest, f"{archive.origin}/release.MF", findings)
    _pass_over_what_tools_read(manifest)
    _check_whole(manifest)
    _check_names(manifest)
    packages = tuple(_archived_package(entry, kind) for kind in _PACKAGES for entry in manifest.children(kind))
    jobs = tuple(_archived_job(entry, archive, findings) for entry in manifest.children("jobs"))
    known = {package.name: package.dependencies for package in packages}
    raise_all((*findings.problems, *_inner_problems(archive.origin, jobs, known)))
    digests = {
        f"{kind}/{entry.word('name')}.tgz": entry.word("sha1")
        for kind in ("jobs", *_PACKAGES)
        for entry in manifest.children(kind)
    }
    commit_hash, has_changes = manifest.word("commit_hash"), manifest.flag("uncommitted_changes")
    release = Release(
        name=manifest.word("name"),
        version=manifest.word("version"),
        origin=archive.origin,
        jobs=_by_name(jobs),
        packages=tuple(sorted(packages, key=lambda package: package.name)),
        unused_keys=findings.unused_keys(),
        remarks=tuple(findings.remarks),
    )
    return ArchivedRelease(
        release=release,
        digests=digests,
        commit_hash=commit_hash,
        has_uncommitted_changes=has_changes,
    )


def _config(tree: ReleaseTree, name: str, findings: ReleaseFindings) -> ReleaseDocument:
    text = tree.texts.get(f"config/{name}")
    content = text.content if text else b""
    return release_documents.read_release_document(content, f"{tree.origin}/config/{name}", findings)


def _read_jobs(tree: ReleaseTree, findings: ReleaseFindings) -> tuple[ReleaseJob, ...]:
    found = []
    for name in _folders(tree, "jobs"):
        prefix = f"jobs/{name}/"
        files = {path.removeprefix(prefix): file for path, file in tree.texts.items() if path.startswith(prefix)}
        where = f"{tree.origin}/jobs/{name}"
        found.append(release_jobs.read_job(files, where, spec_name="spec", fingerprint="", findings=findings))
    return tuple(found)


def _read_packages(tree: ReleaseTree, final: ReleaseDocument, findings: ReleaseFindings) -> tuple[PackageDraft, ...]:
    source = release_stores.read_blob_source(final, _config(tree, "private.yml", findings))
    shelf = PackageLookup(
        tree=tree,
        pins=release_blobs.read_blob_pins(_config(tree, "blobs.yml", findings), source),
        source=source,
        is_compressed=not final.flag("no_compression"),
        findings=findings,
        submodules=release_submodules.empty_submodules(tree),
    )
    candidates = shelf.candidates()
    found = [release_packages.read_package(shelf, name, candidates) for name in _folders(tree, "packages")]
    if shelf.missed:
        findings.problems.append(release_submodules.not_checked_out(tree.origin, shelf.missed))
    return tuple(sorted(found, key=lambda package: package.name))


def _folders(tree: ReleaseTree, root: str) -> list[str]:
    parts = (path.split("/") for path in tree.texts)
    return sorted({part[1] for part in parts if part[0] == root and len(part) > 2})


def _inner_problems(
    origin: str, jobs: Iterable[ReleaseJob], dependencies: Mapping[str, tuple[str, ...]]
) -> Iterable[InputError]:
    """What the release's own pieces say about each other that is not so."""
    known = ", ".join(sorted(dependencies)) or "none"
    for job in jobs:
        for name in job.packages:
            if name not in dependencies:
                yield InputError(
                    "job-package-unknown",
                    f"Job '{job.name}' needs package '{name}', which the release does not have.",
                    why=f"It has: {known}.",
                    fix="Correct the name under `packages` of the job's spec, or add the package.",
                    where=job.where,
                )
    for package, names in dependencies.items():
        for name in sorted({name for name in names if name not in dependencies}):
            yield InputError(
                "package-dependency-unknown",
                f"Package '{package}' depends on package '{name}', which the release does not have.",
                why=f"It has: {known}.",
                fix="Correct the name under `dependencies` of the package's spec, or add the package.",
                where=origin,
            )
    yield from _cycles(origin, dependencies)


def _cycles(origin: str, dependencies: Mapping[str, tuple[str, ...]]) -> Iterable[InputError]:
    try:
        graphlib.TopologicalSorter(dependencies).prepare()
    except graphlib.CycleError as error:
        circle: list[str] = error.args[1]
        yield InputError(
            "package-cycle",
            f"Packages have a dependency cycle: {' -> '.join(reversed(circle))}.",
            why="No compilation order exists.",
            fix="Remove one of these dependencies.",
            where=origin,
        )


def _finish_package(package: PackageDraft, digests: Mapping[str, str]) -> PackageDraft:
    parts = tuple(part if part.digest else replace(part, digest=digests[part.file]) for part in package.parts)
    known = replace(package, parts=parts)
    return replace(known, fingerprint=release_packages.package_fingerprint(known))


def _changed_blobs(packages: Iterable[PackageDraft]) -> Iterable[InputError]:
    parts = {part.file: part for package in packages for part in package.parts}
    for part in parts.values():
        if part.pin and part.link is None and part.pin.digest.algorithm == "sha256":
            pinned = str(part.pin.digest)
            if part.digest != pinned:
                yield InputError(
                    "blob-changed",
                    f"'{part.file}' does not match config/blobs.yml.",
                    why=f"Expected {pinned}, got {part.digest}.",
                    fix="Remove the file, so that the pinned one is fetched; or pin the new one, if you trust it.",
                    where=part.pin.where,
                )


def _content_digest(jobs: Iterable[ReleaseJob], packages: Iterable[ReleasePackage]) -> str:
    lines = [f"{item.name} {item.fingerprint}\n" for items in (jobs, packages) for item in items]
    return fingerprints.digest_of("".join(lines).encode()).removeprefix("sha256:")


def _by_name(jobs: Iterable[ReleaseJob]) -> tuple[ReleaseJob, ...]:
    return tuple(sorted(jobs, key=lambda job: job.name))


def _check_whole(manifest: ReleaseDocument) -> None:
    if manifest.children("compiled_packages") and manifest.children("packages"):
        manifest.refuse(
            "release-compiled-in-part",
            "This tarball holds both sources and compiled packages.",
            why="A release tarball has either `packages` or `compiled_packages`.",
            fix="Export or create the release again.",
            at=("compiled_packages",),
        )
    for entry in manifest.children("compiled_packages"):
        if not _STEMCELL.fullmatch(entry.word("stemcell")):
            entry.refuse(
                "compiled-stemcell-unknown",
                f"Compiled package '{entry.word('name')}' does not name the stemcell that it was compiled for.",
                why="`stemcell` is missing or is not an OS and a version.",
                fix="Export the release again; it is written as `stemcell: ubuntu-jammy/1.200`.",
            )
    if not manifest.word("name") or not manifest.word("version"):
        manifest.refuse(
            "release-incomplete",
            "release.MF lacks a name or a version.",
            fix="Build the release again with `create-release`.",
        )


def _check_names(manifest: ReleaseDocument) -> None:
    for key in ("name", "version"):
        release_names.check_name(manifest, key, f"{key} of a release")
    for kind in ("jobs", *_PACKAGES):
        what = kind.removeprefix("compiled_").removesuffix("s")
        for entry in manifest.children(kind):
            release_names.check_name(entry, "name", f"name of a {what}")
            release_names.check_name(entry, "version", f"version of a {what}")
            release_names.check_name(entry, "fingerprint", f"fingerprint of a {what}")


def _pass_over_what_tools_read(manifest: ReleaseDocument) -> None:
    """Where a release was built and under which licence, and what a job's own archive says itself."""
    manifest.pass_over("license", "no_compression")
    for entry in manifest.children("jobs"):
        entry.pass_over("packages")


def _archived_package(entry: ReleaseDocument, kind: str) -> ReleasePackage:
    return ReleasePackage(
        name=entry.word("name"),
        fingerprint=entry.word("fingerprint") or entry.word("version"),
        dependencies=entry.words("dependencies"),
        compiled_for=entry.word("stemcell") if kind == "compiled_packages" else "",
    )


def _archived_job(entry: ReleaseDocument, archive: ReleaseArchive, findings: ReleaseFindings) -> ReleaseJob:
    name = entry.word("name")
    files = archive.jobs.get(name)
    if files is None:
        entry.refuse(
            "job-archive-missing",
            f"release.MF lists job '{name}', but the tarball has no jobs/{name}.tgz.",
            fix="Build or download the release again.",
        )
        return ReleaseJob(name=name, fingerprint="", where=archive.origin, templates=(), monit=b"")
    where = f"{archive.origin}/jobs/{name}"
    fingerprint = entry.word("fingerprint") or entry.word("version")
    return release_jobs.read_job(files, where, spec_name="job.MF", fingerprint=fingerprint, findings=findings)
