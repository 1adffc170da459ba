"""Uploaded releases and what they consist of, as rows of tables.

Takes records and releases, gives rows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cpi.contract.values import JsonValue
from director.model.releases.release import LinkDefinition, Release
from director.model.releases.uploaded_release import UploadedRelease
from director.report import task_rows

COLUMNS = ("name", "version", "commit", "compiled_for", "mib", "used_by")
PART_COLUMNS = ("kind", "name", "compiled_for", "packages", "consumes", "provides")


def release_row(release: UploadedRelease, users: Sequence[str]) -> Mapping[str, JsonValue]:
    """A record, and who uses the release; a commit whose files had changes ends with "+", as BOSH has it."""
    return {
        "name": release.name,
        "version": release.version,
        "commit": f"{release.commit_hash}{'+' if release.has_uncommitted_changes else ''}",
        "compiled_for": release.compiled_for,
        "mib": round(release.size / (1 << 20), 1),
        "used_by": list(users),
        "digest": release.digest,
        "origin": release.origin,
        "uploaded": task_rows.time_text(release.uploaded_at),
    }


def part_rows(releases: Iterable[Release]) -> Iterator[Mapping[str, JsonValue]]:
    """Jobs, then packages; of one that is there with sources and compiled, its packages each time."""
    several = tuple(releases)
    for job in several[0].jobs:
        yield {
            "kind": "job",
            "name": job.name,
            "fingerprint": job.fingerprint,
            "compiled_for": "",
            "packages": list(job.packages),
            "consumes": _links(job.consumes),
            "provides": _links(job.provides),
            "properties": [each.name for each in job.properties],
        }
    for package in (package for release in several for package in release.packages):
        yield {
            "kind": "package",
            "name": package.name,
            "fingerprint": package.fingerprint,
            "compiled_for": package.compiled_for,
            "packages": list(package.dependencies),
            "consumes": [],
            "provides": [],
            "properties": [],
        }


def heading(releases: Sequence[UploadedRelease]) -> tuple[str, ...]:
    """The release, and where it came from."""
    first = releases[0]
    stemcells = ", ".join(release.compiled_for or "sources" for release in releases)
    return (f"Release {first.title} ({stemcells}), uploaded from {first.origin}", "")


def shown_address(url: str) -> str:
    """The URL without user and password; its query stays, as it may name the version."""
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}" if separator else url


def shown_place(place: str) -> str:
    """The place without what may be secret in a URL: user, password, query."""
    scheme, separator, rest = place.partition("://")
    if not separator:
        return place
    host, slash, path = rest.partition("?")[0].partition("#")[0].partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def _links(links: Iterable[LinkDefinition]) -> list[JsonValue]:
    return [f"{link.name} ({link.type}{', optional' if link.is_optional else ''})" for link in links]
