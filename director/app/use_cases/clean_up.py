"""The use case `clean-up`: uploads that nothing uses, and orphaned disks.

Takes a Session and a ReleaseHome, lists what is not needed, and deletes it.
Source: cloudfoundry/bosh jobs/cleanup_artifacts.rb.
"""

from collections.abc import Mapping

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.app.landing import persistent_disks, uploaded_stemcells
from director.app.sessions import fingerprints
from director.app.sessions.release_home import ReleaseHome
from director.app.sessions.session import Session
from director.app.use_cases import delete_stemcell, disks, uploaded_releases
from director.app.use_cases.delete_stemcell import StemcellDeletion
from director.model.environments.listed_disks import ListedDisk
from director.model.environments.uploaded_stemcell import UploadedStemcell
from director.model.releases.uploaded_release import UploadedRelease
from director.model.report import Table
from director.model.tasks.caller import Caller
from director.report import overview_text, time_words

_KEPT = 2
"""So many versions of each release and stemcell stay without --all, as the BOSH director keeps them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unneeded:
    """What nothing uses."""

    releases: tuple[UploadedRelease, ...]
    stemcells: tuple[UploadedStemcell, ...]
    disks: tuple[ListedDisk, ...]


def find_unneeded(session: Session, home: ReleaseHome, *, is_all: bool) -> Unneeded:
    """Releases and stemcells that nothing uses, without the newest two of each; with `is_all` all, and orphans."""
    environment = fingerprints.known_environment(session)
    kept = 0 if is_all else _KEPT
    listed = persistent_disks.list_disks(session, environment) if is_all else ()
    return Unneeded(
        releases=uploaded_releases.unused_releases(home, kept=kept),
        stemcells=uploaded_stemcells.unused_stemcells(session, environment, kept=kept),
        disks=tuple(one for one in listed if one.is_orphan),
    )


def unneeded_table(session: Session, unneeded: Unneeded) -> Table:
    """What is deleted, a row for each."""
    now = session.world.clock.now()
    rows: list[Mapping[str, JsonValue]] = [
        *({"kind": "release", "name": title} for title in dict.fromkeys(one.title for one in unneeded.releases)),
        *({"kind": "stemcell", "name": title} for title in dict.fromkeys(one.title for one in unneeded.stemcells)),
        *(
            {
                "kind": "disk",
                "name": one.found.cid,
                "size": overview_text.size_words(one.found.size_mib),
                "orphan_of": f"{one.instance} of {one.deployment}",
                "age": time_words.span_text(now - one.orphaned_at) if one.orphaned_at else "",
            }
            for one in unneeded.disks
        ),
    ]
    columns = ("kind", "name", *(("size", "orphan_of", "age") if unneeded.disks else ()))
    return Table(name="deletions", columns=columns, rows=tuple(rows), empty="Nothing to clean up.")


def clean_up(session: Session, home: ReleaseHome, unneeded: Unneeded, *, caller: Caller) -> None:
    """Delete it; what is used meanwhile is refused. Interrupted, the same command continues.

    Raises InputError: release-in-use, release-planned, stemcell-in-use, stemcell-planned; LockedError.
    """
    for title in dict.fromkeys(one.title for one in unneeded.releases):
        uploaded_releases.delete_releases(home, title, lambda _: None)
    for name, version in dict.fromkeys((one.name, one.version) for one in unneeded.stemcells):
        request = StemcellDeletion(name=name, version=version, caller=caller)
        delete_stemcell.delete_stemcell(session, request, lambda _: None)
    if unneeded.disks:
        disks.delete_orphans(session, unneeded.disks, caller=caller, confirm=lambda _: None)
