"""Where a release's reference leads on this machine, and what to say where it leads to no release, or another one.

Takes references, gives paths and errors.
"""

import difflib
from pathlib import Path

from director.edge.downloads import addressed_files, product_network
from director.edge.releases import git_releases
from director.errors import InputError
from director.model.releases import release_versions
from director.model.releases.release import Release, ReleaseReference


def is_remote(reference: ReleaseReference) -> bool:
    """Whether the release is downloaded."""
    return reference.url.startswith((*addressed_files.SCHEMES, product_network.SCHEME, git_releases.SCHEME))


def local_path(reference: ReleaseReference) -> Path:
    """The path that the reference names, made whole. Raises InputError, code `release-url-unknown`."""
    require_known_scheme(reference)
    return Path(reference.base, Path(reference.url.removeprefix("file://")).expanduser()).absolute()


def require_known_scheme(reference: ReleaseReference) -> None:
    """See that the url is a path or one of the known addresses. Raises InputError, code `release-url-unknown`."""
    url = reference.url.removeprefix("file://")
    if "://" in url and not is_remote(reference):
        raise InputError(
            "release-url-unknown",
            f"Release '{reference.name}' has a url with an unsupported scheme: {url.partition('://')[0]}://.",
            why="Supported are a path, file://, https://, s3://BUCKET/KEY, gs://BUCKET/KEY, swift://CONTAINER/OBJECT, "
            "git+https://REPOSITORY@REF and pivnet://PRODUCT/RELEASE/FILE.",
            fix="Name one of these; or download it, and name a directory or tarball.",
            where=reference.where,
        )


def check_name_and_version(reference: ReleaseReference, release: Release) -> None:
    """See that the release is what the reference names. Raises InputError: release-name-mismatch, version-mismatch."""
    if reference.name and release.name != reference.name:
        raise InputError(
            "release-name-mismatch",
            f"The release at '{reference.url}' is '{release.name}', not '{reference.name}'.",
            why="Its release.MF says so.",
            fix=f"Write `name: {release.name}`, or correct the url.",
            where=reference.where,
        )
    wanted = reference.version
    if wanted not in ("", release.version) and not release_versions.matches(release.version, wanted):
        raise version_mismatch(reference, release.version, "Its release.MF says so")


def version_mismatch(reference: ReleaseReference, version: str, why: str) -> InputError:
    """What to say of a release that has another version."""
    return InputError(
        "version-mismatch",
        f"Release '{reference.name}' at '{reference.url}' is not version '{reference.version}'.",
        why=f"{why}.",
        fix=f"Write `version: {version}`, or correct the url.",
        where=reference.where,
    )


def release_missing(reference: ReleaseReference, why: str) -> InputError:
    """What to say when there is no release where the reference leads."""
    near = _near_path(reference)
    return InputError(
        "release-missing",
        f"Release '{reference.name or reference.url}' not found.",
        why=f"{why}.",
        fix=f"Did you mean '{near}'?"
        if near
        else "Give it a `url`: a release directory (with `version: create`), a tarball, or https://.",
        where=reference.where,
    )


def _near_path(reference: ReleaseReference) -> str:
    """A file next to the path of the URL that has a similar name."""
    path = local_path(reference) if reference.url else None
    if path is None or path.exists() or not path.parent.is_dir():
        return ""
    names = [entry.name for entry in path.parent.iterdir()]
    return next(iter(difflib.get_close_matches(path.name, names, n=1)), "")


def package_missing(package: str, tarball: str, where: str) -> InputError:
    """What to say of a tarball that lacks a package's archive."""
    return InputError(
        "release-package-missing",
        f"'{tarball}' has no archive of package '{package}'.",
        why="Its release.MF lists the package, but the tarball does not hold it.",
        fix="Get the complete release; this tarball omits packages that a director already has.",
        where=where,
    )
