"""Releases that were not uploaded, taken from the environment's sources of releases: a directory comes before a url.

Takes a Session and a reference, gives the release with where it was found.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath

from director.app.sessions import release_addresses
from director.app.sessions.session import Session
from director.errors import InputError
from director.model.documents import Remark
from director.model.releases.release import ReleaseReference
from director.report import release_rows
from director.resolve.request import UsedRelease

_UNAVAILABLE = "release-unavailable"


def find_release(session: Session, reference: ReleaseReference) -> UsedRelease | None:
    """The release from the first source that has it; None where no source may have it.

    Raises InputError: release-not-in-sources, and what reading the release raises.
    """
    tried: list[str] = []
    for candidate in _candidates(session, reference):
        if not release_addresses.is_address(candidate.url):
            path = str(PurePath(candidate.base, candidate.url))
            if not session.files.is_there(path):
                tried.append(f"{path} does not exist")
                continue
        try:
            release = session.world.releases.load_release(candidate)
        except InputError as error:
            if error.code != _UNAVAILABLE:
                raise
            tried.append(error.why.removesuffix("."))
            continue
        pinned = session.world.releases.pinned_digest(candidate) or candidate.digest
        return UsedRelease(release=release, reference=replace(candidate, digest=pinned), is_from_source=True)
    if tried and not reference.url:
        raise _missing(reference, tried)
    return None


def place_release(reference: ReleaseReference, placed: Iterable[ReleaseReference]) -> ReleaseReference:
    """The release where the bundle's index says that it is, with the digests of both documents.

    Raises InputError, code `release-digests-differ`.
    """
    found = next((one for one in placed if (one.name, one.version) == (reference.name, reference.version)), None)
    if found is None:
        return reference
    digests = dict.fromkeys(one for text in (reference.digest, found.digest) for one in text.split(";") if one)
    by_algorithm = {one.rpartition(":")[0] for one in digests}
    if len(by_algorithm) < len(digests):
        raise InputError(
            "release-digests-differ",
            f"Release '{reference.name}/{reference.version}' has two digests.",
            why=f"The manifest has {reference.digest}, the index {found.digest} ({found.where}).",
            fix="Correct one of them.",
            where=reference.where,
        )
    return replace(reference, url=found.url, base=found.base, digest=";".join(digests), accepts_eula=found.accepts_eula)


def remarks_of(used: Mapping[str, UsedRelease]) -> Iterator[Remark]:
    """From where releases are taken that the manifest does not say the place of."""
    for name, one in used.items():
        if one.is_from_source:
            reference = one.reference
            place = release_rows.shown_address(reference.url)
            text = f"Release '{name}/{reference.version}' is taken from {place} (digest {reference.digest})."
            yield Remark(code="release-from-source", text=text, where=reference.where)


def _candidates(session: Session, reference: ReleaseReference) -> Iterator[ReleaseReference]:
    return release_addresses.references_in(reference, session.file.release_sources, base=session.folder)


def _missing(reference: ReleaseReference, tried: list[str]) -> InputError:
    return InputError(
        "release-not-in-sources",
        f"No source of releases has release '{reference.name}/{reference.version}'.",
        why=f"{'; '.join(tried)}.",
        fix="Correct its name and version, or `release_sources` in the environment's file, or upload the release.",
        where=reference.where,
    )
