"""The stemcells of a bundle's index: where their tarballs are, checked and uploaded before its deployments.

Takes a Session and a bundle's deployments as files.
"""

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from cpi.contract.errors import ExplainedError
from cpi.contract.values import ENVIRONMENT_ITSELF, OwnerKey, StemcellCid
from director import errors
from director.app.sessions import environment_files, release_addresses
from director.app.sessions.session import Session
from director.app.use_cases import upload_stemcell
from director.app.use_cases.requested_deployments import RequestedDeployment
from director.app.use_cases.upload_stemcell import StemcellUploadRequest
from director.errors import InputError, raise_all
from director.model.cloud_names import CloudName
from director.model.documents import WrittenDocument
from director.model.environments.environment import Environment, StemcellThere
from director.model.releases.release import ReleaseReference
from director.model.releases.stemcell_tarball import StemcellPlace
from director.model.tasks.caller import Caller
from director.model.written.bundle import Bundle, BundleStemcell


def planned_stemcells(
    session: Session, environment: Environment, requested: Sequence[RequestedDeployment]
) -> tuple[StemcellThere, ...]:
    """Those that the environment will have and does not have yet, on each of its clouds that they are for."""
    there = {(one.cloud, one.name, one.version) for one in environment.stemcells}
    return tuple(
        StemcellThere(
            cid=StemcellCid(""),
            owner=OwnerKey(environment=environment.name, deployment=ENVIRONMENT_ITSELF, action=""),
            os=one.os or one.name,
            version=one.version,
            architecture=session.world.clouds[cloud].cloud.info().architecture,
            cloud=cloud,
            name=one.name,
        )
        for one in (one for index, _ in indexes_of(requested) for one in index.document.stemcells)
        for cloud in _clouds_of(session, one)
        if (cloud, one.name, one.version) not in there
    )


def check_stemcells(session: Session, requested: Sequence[RequestedDeployment], *, caller: Caller) -> None:
    """Read those that are to be uploaded; nothing is created. Raises InputError and Problems: what an upload raises."""
    problems: list[ExplainedError] = []
    for request in _missing(session, requested, caller):
        try:
            upload_stemcell.check_stemcell(session, session.world.stemcell_tarballs, request)
        except InputError as error:
            problems.extend(errors.each_problem(error))
    raise_all(problems)


def upload_stemcells(session: Session, requested: Sequence[RequestedDeployment], *, caller: Caller) -> None:
    """Upload those that the environment does not have; twice is once."""
    for request in _missing(session, requested, caller):
        upload_stemcell.upload_stemcell(session, session.world.stemcell_tarballs, request)


def indexes_of(requested: Sequence[RequestedDeployment]) -> tuple[tuple[WrittenDocument[Bundle], str], ...]:
    """The indexes that the deployments are of, each once, with their folders."""
    found: dict[str, WrittenDocument[Bundle]] = {}
    for one in requested:
        if one.index is not None:
            found.setdefault(one.folder, one.index)
    return tuple((index, folder) for folder, index in found.items())


def place_on_disk(session: Session, stemcell: BundleStemcell, folder: str) -> str:
    """Where the tarball is in a mirror directory, or where the index says; "" where it is downloaded."""
    for mirror in release_addresses.directories_of(session.file.release_sources, base=session.folder):
        place = str(PurePath(mirror, file_name(stemcell)))
        if session.files.is_there(place):
            return place
    if "://" in stemcell.url.removeprefix("file://"):
        return ""
    return str(PurePath(folder, stemcell.url.removeprefix("file://")))


def file_name(stemcell: BundleStemcell) -> str:
    """Its name in a mirror directory."""
    return f"{stemcell.name}-{stemcell.version}.tgz"


def reference_of(index: WrittenDocument[Bundle], number: int, folder: str) -> ReleaseReference:
    """Where the tarball is downloaded from, as a reference to a file."""
    one = index.document.stemcells[number]
    return ReleaseReference(
        name=one.name,
        version=one.version,
        url=one.url,
        digest=one.sha1 or "",
        base=folder,
        where=index.where("stemcells", number),
    )


def _missing(
    session: Session, requested: Sequence[RequestedDeployment], caller: Caller
) -> Iterator[StemcellUploadRequest]:
    environment = session.world.store.load_environment(session.settings.environment)
    there = {(one.cloud, one.name, one.version) for one in environment.uploaded if one.cid} if environment else set()
    for index, folder in indexes_of(requested):
        for number, one in enumerate(index.document.stemcells):
            clouds = _clouds_of(session, one)
            if {(cloud, one.name, one.version) for cloud in clouds} <= there:  # of none, where it is for other clouds
                continue
            where = index.where("stemcells", number)
            place = place_on_disk(session, one, folder) or one.url
            yield StemcellUploadRequest(
                place=StemcellPlace(place=place, base=folder, digest=one.sha1 or "", where=where),
                caller=caller,
                name=one.name,
                version=one.version,
                os=one.os or one.name,
                named_at=where,
                clouds=clouds,
                has_cloud_init=one.cloud_init,
            )


def _clouds_of(session: Session, stemcell: BundleStemcell) -> tuple[CloudName, ...]:
    """The environment's clouds that it is for."""
    return tuple(
        choice.name
        for choice in environment_files.cloud_choices(session.file)
        if not stemcell.clouds or choice.plugin in stemcell.clouds
    )
