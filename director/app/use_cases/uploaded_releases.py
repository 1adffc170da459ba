"""The use cases `releases`, `inspect-release` and `delete-release`.

Takes a ReleaseHome, gives tables, or deletes.
"""

from collections.abc import Callable, Iterator, Sequence

from director.app.sessions import applicable_plans
from director.app.sessions.release_home import ReleaseHome
from director.errors import InputError
from director.model.documents import Source
from director.model.releases import release_versions
from director.model.releases.uploaded_release import UploadedRelease
from director.model.report import Table
from director.report import release_rows
from director.resolve.releases import uploaded
from director.text import nearest
from director.text.yaml import reader


def list_releases(home: ReleaseHome) -> Table:
    """Every uploaded release, the newest version of each first, with the deployments that use it."""
    used = list(_uses(home))
    newest_first = sorted(
        home.records.list_releases(), key=lambda release: release_versions.version_key(release.version), reverse=True
    )
    ordered = sorted(newest_first, key=lambda release: release.name)
    rows = tuple(
        release_rows.release_row(release, [who for who, use in used if use == (release.name, release.version)])
        for release in ordered
    )
    return Table(name="releases", columns=release_rows.COLUMNS, rows=rows, empty="No releases have been uploaded.")


def inspect_release(home: ReleaseHome, name: str) -> Table:
    """The jobs and packages of one uploaded release. Raises InputError: release-missing, release-not-named."""
    found = find_releases(home, name, is_exact=True)
    parts = [home.releases.load_release(uploaded.reference_of(release)) for release in found]
    return Table(
        name="parts",
        columns=release_rows.PART_COLUMNS,
        rows=tuple(release_rows.part_rows(parts)),
        subject="release",
        about=release_rows.release_row(found[0], []),
        heading=release_rows.heading(found),
    )


def find_releases(home: ReleaseHome, name: str, *, is_exact: bool) -> tuple[UploadedRelease, ...]:
    """Those that NAME or NAME/VERSION means. Raises InputError: release-missing, release-not-named."""
    name, _, version = name.partition("/")
    known = home.records.list_releases()
    if is_exact and not version:
        raise InputError(
            "release-not-named",
            f"'{name}' does not name a version of a release.",
            why=f"Uploaded: {_listed(release for release in known if release.name == name)}.",
            fix="Write NAME/VERSION.",
        )
    found = tuple(each for each in known if each.name == name and version in ("", each.version))
    if not found:
        raise _missing(name, version, known)
    return found


def delete_releases(
    home: ReleaseHome,
    name: str,
    confirm: Callable[[Sequence[UploadedRelease]], None],
    *,
    is_forced: bool = False,
) -> int:
    """Delete what NAME or NAME/VERSION means; gives how many. With `is_forced` also what stored plans alone use.

    Raises InputError: release-missing, release-in-use, release-planned.
    """
    found = find_releases(home, name, is_exact=False)

    def require_unused() -> None:
        _require_unused(home, found)
        if not is_forced:
            _require_unplanned(home, found)

    require_unused()
    confirm(found)
    with home.uploads.dropping(found):
        require_unused()
        for release in found:
            home.records.delete_release(release)
    return len(found)


def unused_releases(home: ReleaseHome, *, kept: int) -> tuple[UploadedRelease, ...]:
    """What no deployment and no stored plan uses, without the newest `kept` versions of each release."""
    known = home.records.list_releases()
    used = {use for _, use in _uses(home)}
    by_name: dict[str, dict[str, list[UploadedRelease]]] = {}
    for release in known:
        by_name.setdefault(release.name, {}).setdefault(release.version, []).append(release)
    unused = []
    for versions in by_name.values():
        newest_first = sorted(versions, key=release_versions.version_key, reverse=True)
        unused += [release for version in newest_first[kept:] for release in versions[version]]
    return tuple(one for one in unused if (one.name, one.version) not in used and not _plans_with(home, (one,)))


def _require_unused(home: ReleaseHome, releases: Sequence[UploadedRelease]) -> None:
    names = {(release.name, release.version) for release in releases}
    users = sorted({(f"{use[0]}/{use[1]}", who) for who, use in _uses(home) if use in names})
    if users:
        raise InputError(
            "release-in-use",
            f"Release '{users[0][0]}' is in use.",
            why=f"Used by: {', '.join(f'{who} ({title})' for title, who in users)}.",
            fix="Delete these deployments, or deploy them with another version of the release, then delete it.",
        )


def _require_unplanned(home: ReleaseHome, releases: Sequence[UploadedRelease]) -> None:
    """Keep what stored plans will need that may still be applied."""
    plans = _plans_with(home, releases)
    if plans:
        raise InputError(
            "release-planned",
            f"Release '{releases[0].title}' is in a plan that was stored to be applied later.",
            why=f"Used by: {', '.join(plans)}.",
            fix="Apply the plan first, or delete the release with --force: the plan is refused from then on.",
        )


def _plans_with(home: ReleaseHome, releases: Sequence[UploadedRelease]) -> list[str]:
    names = {(release.name, release.version) for release in releases}
    return [
        f"plan {stored.number} (deployment '{stored.plan.deployment}' of environment '{stored.plan.environment}')"
        for stored in applicable_plans.list_applicable(home.plans, home.journal, now=home.clock.now())
        if names & {*_named(stored.plan.manifest or "", f"plan {stored.number}")}
    ]


def _named(manifest: str, title: str) -> Iterator[tuple[str, str]]:
    return uploaded.named_releases(reader.read_document(Source(name=title, content=manifest.encode())).tree)


def _uses(home: ReleaseHome) -> Iterator[tuple[str, tuple[str, str]]]:
    """Who uses which release: manifests as deployed, and those of runs that have not ended."""
    for environment in home.store.list_environments():
        states = home.store.list_deployments(environment)
        runs = home.journal.open_runs(environment)
        manifests = [(state.deployment, state.manifest) for state in states]
        manifests += [(run.deployment, run.plan.manifest or "") for run in runs]
        for deployment, manifest in dict.fromkeys(manifests):
            for use in _named(manifest, f"deployment {deployment}"):
                yield f"deployment '{deployment}' of environment '{environment}'", use


def _missing(name: str, version: str, known: Sequence[UploadedRelease]) -> InputError:
    title = f"{name}/{version}" if version else name
    versions = [release for release in known if release.name == name]
    names = sorted({release.name for release in known})
    near = nearest.nearest_word(version if versions else name, [each.version for each in versions] or names)
    hint = f"{name}/{near}" if versions else near
    return InputError(
        "release-missing",
        f"Release '{title}' not found.",
        why=f"Uploaded: {_listed(versions) if versions else ', '.join(names) or 'none'}.",
        fix=f"Did you mean '{hint}'?" if near else "`compleat releases` lists them.",
    )


def _listed(releases: Iterator[UploadedRelease] | Sequence[UploadedRelease]) -> str:
    return ", ".join(dict.fromkeys(release.title for release in releases)) or "none"
