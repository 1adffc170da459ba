"""The use case `clean-up`: uploads, compiled packages and stored packages that nothing uses, and orphaned disks.

Takes a Session and a ReleaseHome, lists what is not needed, and deletes it.
Source: cloudfoundry/bosh jobs/cleanup_artifacts.rb.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from cpi.contract.value_classes import dataclass
from director.app.landing import persistent_disks, recorded_resources, unused_packages, uploaded_stemcells
from director.app.landing.unused_packages import UnusedPackages
from director.app.sessions import fingerprints
from director.app.sessions.release_home import ReleaseHome
from director.app.sessions.session import Session, new_run_id
from director.app.tasks import running
from director.app.use_cases import delete_stemcell, disks, uploaded_releases
from director.app.use_cases.delete_stemcell import StemcellDeletion
from director.errors import InputError
from director.model.environments.listed_disks import ListedDisk
from director.model.environments.uploaded_stemcell import UploadedStemcell
from director.model.ids import Digest
from director.model.releases.release import CompiledPackage
from director.model.releases.uploaded_release import UploadedRelease
from director.model.report import Table
from director.model.tasks.caller import Caller
from director.plan import front as planning
from director.plan.request import EnvironmentRequest
from director.report import deletion_rows

_KEPT = 2
"""So many versions of each release and stemcell stay without --all, as the BOSH director keeps them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CleaningRequest:
    """`is_all` takes every unused version and orphaned disks; `keeps_disks` leaves these."""

    is_all: bool = False
    keeps_disks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unneeded:
    """What nothing uses."""

    releases: tuple[UploadedRelease, ...] = ()
    stemcells: tuple[UploadedStemcell, ...] = ()
    packages: UnusedPackages = UnusedPackages()
    disks: tuple[ListedDisk, ...] = ()


def find_unneeded(session: Session, home: ReleaseHome, request: CleaningRequest) -> Unneeded:
    """Releases and stemcells that nothing uses, without the newest two of each, and packages; or all, and orphans.

    Packages of releases that are among them count as unused: a revision with such a release cannot be deployed again.
    Raises StateError, code `state-older`.
    """
    environment = fingerprints.known_environment(session)
    recorded_resources.require_newest(session, environment)
    kept = 0 if request.is_all else _KEPT
    has_disks = request.is_all and not request.keeps_disks
    releases = uploaded_releases.unused_releases(home, kept=kept)
    left = [release for release in home.records.list_releases() if release not in releases]
    return Unneeded(
        releases=releases,
        stemcells=uploaded_stemcells.unused_stemcells(session, environment, kept=kept),
        packages=unused_packages.find_unused(session, left),
        disks=tuple(one for one in persistent_disks.list_disks(session, environment) if one.is_orphan)
        if has_disks
        else (),
    )


def unneeded_table(session: Session, unneeded: Unneeded, *, is_deleted: bool) -> Table:
    """What is deleted, with how many there are of each and their size; the sum is the table's subject."""
    clouds = session.world.clouds
    stored = [
        deletion_rows.stored_row(
            clouds[cloud].name if len(clouds) == 1 else cloud,
            [one.size for one in unneeded.packages.stored if one.cloud == cloud],
        )
        for cloud in dict.fromkeys(one.cloud for one in unneeded.packages.stored)
    ]
    rows = [
        *deletion_rows.release_rows(unneeded.releases),
        *deletion_rows.stemcell_rows(unneeded.stemcells),
        *deletion_rows.compiled_rows(unneeded.packages.compiled),
        *stored,
        *deletion_rows.disk_rows(unneeded.disks, now=session.world.clock.now()),
    ]
    return deletion_rows.deletion_table(rows, is_deleted=is_deleted)


def clean_up(session: Session, home: ReleaseHome, unneeded: Unneeded, *, caller: Caller) -> None:
    """Delete it; what is used meanwhile is refused or left, and what another command deleted is skipped.

    Interrupted, the same command continues.

    Raises InputError: release-in-use, release-planned, stemcell-in-use, stemcell-planned; LockedError.
    """
    for title in dict.fromkeys(one.title for one in unneeded.releases):
        with _skipping("release-missing"):
            uploaded_releases.delete_releases(home, title, lambda _: None)
    for name, version in dict.fromkeys((one.name, one.version) for one in unneeded.stemcells):
        request = StemcellDeletion(name=name, version=version, caller=caller)
        with _skipping("stemcell-not-uploaded"):
            delete_stemcell.delete_stemcell(session, request, lambda _: None)
    if unneeded.packages != UnusedPackages():
        _delete_packages(session, home, unneeded.packages, caller=caller)
    if unneeded.disks:
        disks.delete_orphans(session, unneeded.disks, caller=caller, confirm=lambda _: None)


@contextmanager
def _skipping(code: str) -> Iterator[None]:
    """Within, an error of that code is none."""
    try:
        yield
    except InputError as error:
        if error.code != code:
            raise


def _delete_packages(session: Session, home: ReleaseHome, unused: UnusedPackages, *, caller: Caller) -> None:
    """While no deployment of any environment changes: a plan relies on what was compiled when it was made."""
    world, environment = session.world, fingerprints.known_environment(session)
    others = [name for name in world.store.list_environments() if name != environment.name]
    with ExitStack() as held, running.hold_environment(session, environment, caller=caller) as own:
        for name in others:
            held.enter_context(world.store.hold_all_leases(name, caller=caller))
        now = unused_packages.find_unused(session, home.records.list_releases())
        stored = [one for one in now.stored if one in unused.stored]
        if stored:
            asked = EnvironmentRequest(run=new_run_id(), environment=environment.name)
            running.run_plan(session, own.own, planning.make_package_deletion_plan(asked, stored))
        world.store.delete_deployment(own.own.lease)
        _forget_compiled(session, home, [one for one in now.compiled if one in unused.compiled])


def _forget_compiled(session: Session, home: ReleaseHome, unused: Sequence[CompiledPackage]) -> None:
    """The blob first: a package is remembered until it is gone, so that killed in between the next run finds it."""
    blobs, keys = session.world.blobs, {package.key for package in unused}
    kept: set[Digest] = {package.digest for package in blobs.list_compiled() if package.key not in keys}
    kept |= {digest for release in home.records.list_releases() for digest in (release.digest, release.outline)}
    for package in unused:
        if package.digest not in kept:
            blobs.delete_blob(package.digest)
        blobs.forget_compiled(package.key)
