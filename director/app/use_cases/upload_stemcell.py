"""The use case `upload-stemcell`: a stemcell's tarball read and checked, and created on each cloud that takes it.

Takes a Session, tarballs and a request, gives the records. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/jobs/update_stemcell.rb @96f9135.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import ENVIRONMENT_ITSELF, JsonValue, PreflightRequest, StemcellCid
from director import errors
from director.actions.create_stemcell import CreateStemcell
from director.app.checks import preflight
from director.app.landing import uploaded_stemcells
from director.app.sessions import fingerprints
from director.app.sessions.session import Session, new_run_id
from director.app.tasks import running
from director.app.tasks.running import HeldDeployment
from director.errors import InputError
from director.model.cloud_names import CloudName
from director.model.configs import DEFAULT_NAME, ConfigType
from director.model.environments.environment import Environment
from director.model.environments.uploaded_stemcell import UploadedStemcell
from director.model.ids import ActionId
from director.model.releases.multi_digest import read_multi_digest
from director.model.releases.stemcell_tarball import StemcellPlace, UnpackedStemcell
from director.model.tasks.caller import Caller
from director.model.tasks.plan import Plan
from director.model.written.stemcell_manifest import StemcellManifest
from director.plan import front as planning
from director.plan.environments.stemcells import WantedStemcell
from director.plan.request import EnvironmentRequest
from director.ports.stemcell_tarballs import StemcellTarballs
from director.text import front as texts

_LIGHT = "-light"


@dataclass(frozen=True, slots=True, kw_only=True)
class StemcellUploadRequest:
    """`name` and `version` say what it must be; if that is uploaded, nothing is read. So does `os`.

    `has_cloud_init` is the operator's word that VMs of a stemcell of BOSH's making admit the login. `named_at` is the
    place in a bundle's index that names it, "" where the options do. `clouds` are those that must take it, none for
    those of the environment that do.
    """

    place: StemcellPlace
    caller: Caller
    name: str = ""
    version: str = ""
    os: str = ""
    named_at: str = ""
    clouds: tuple[CloudName, ...] = ()
    is_fixing: bool = False
    has_cloud_init: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StemcellUpload:
    """The records by cloud. `is_new` is False where the stemcell had been uploaded to all of them before."""

    stemcells: tuple[UploadedStemcell, ...]
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stemcell:
    """The tarball and what its manifest says."""

    manifest: StemcellManifest
    unpacked: UnpackedStemcell

    @property
    def formats(self) -> tuple[str, ...]:
        return self.manifest.stemcell_formats or ()

    @property
    def is_light(self) -> bool:
        return not self.unpacked.image_size or (bool(self.formats) and all(_LIGHT in one for one in self.formats))

    def is_of(self, record: UploadedStemcell) -> bool:
        return (record.name, record.version) == (self.manifest.name, self.manifest.version) and not record.is_replaced


def upload_stemcell(session: Session, tarballs: StemcellTarballs, request: StemcellUploadRequest) -> StemcellUpload:
    """Upload it to every cloud that takes one of its formats and does not have it; twice is once.

    Raises InputError: environment-missing, stemcell-needs-agent, stemcell-mismatch, stemcell-format-mismatch,
    stemcell-image-damaged, and what reading a tarball raises; RefusedError: what clouds refuse, before a byte is sent.
    """
    environment = fingerprints.known_environment(session)
    known = _find_named(session, environment, request)
    if known and not request.is_fixing:
        return StemcellUpload(stemcells=known, is_new=False)
    with tarballs.unpack(request.place) as unpacked:
        stemcell = _read(session, unpacked, request)
        clouds = _accepting_clouds(session, stemcell, request)
        with (
            _naming_tarball(stemcell, request),
            running.hold_deployment(session, environment, ENVIRONMENT_ITSELF, caller=request.caller) as held,
        ):
            return _upload(session, held, stemcell, clouds=clouds, request=request)


@contextmanager
def _naming_tarball(stemcell: _Stemcell, request: StemcellUploadRequest) -> Iterator[None]:
    """Errors about the image name the tarball: the image's own file is gone when the command ends."""
    try:
        yield
    except ExplainedError as error:
        path, words = stemcell.unpacked.image_path, f"the image in {stemcell.unpacked.origin}"
        for problem in errors.each_problem(error):
            if path in f"{problem.what}{problem.why}":
                problem.what, problem.why = (text.replace(path, words) for text in (problem.what, problem.why))
                problem.where = problem.where or request.named_at
        raise


def check_stemcell(session: Session, tarballs: StemcellTarballs, request: StemcellUploadRequest) -> None:
    """Read it as an upload would, and see that a cloud takes it; nothing is created. Raises what an upload raises."""
    with tarballs.unpack(request.place, is_read_again=True) as unpacked:
        _accepting_clouds(session, _read(session, unpacked, request), request)


def _find_named(
    session: Session, environment: Environment, request: StemcellUploadRequest
) -> tuple[UploadedStemcell, ...]:
    """As BOSH's command does: with --name and --version nothing is read of what every cloud has."""
    wanted = (request.name, request.version)
    found = tuple(
        one for one in environment.uploaded if (one.name, one.version) == wanted and one.cid and not one.is_replaced
    )
    return found if {one.cloud for one in found} >= set(request.clouds or session.world.clouds) else ()


def _read(session: Session, unpacked: UnpackedStemcell, request: StemcellUploadRequest) -> _Stemcell:
    written = texts.read_stemcell_manifest(texts.Reading(source=unpacked.manifest))
    preflight.report_remarks(session, written.remarks)
    stemcell = _Stemcell(manifest=written.document, unpacked=unpacked)
    _require_named(stemcell, request)
    if stemcell.manifest.bosh_protocol is not None and not request.has_cloud_init:
        raise _needs_agent(stemcell)
    _check_image(stemcell)
    return stemcell


def _accepting_clouds(session: Session, stemcell: _Stemcell, request: StemcellUploadRequest) -> tuple[CloudName, ...]:
    """BOSH's rule: one format in common; a stemcell or a CPI that names none is not judged by them."""
    asked = request.clouds or tuple(session.world.clouds)
    accepted = {name: session.world.clouds[name].cloud.info().stemcell_formats for name in asked}
    found = tuple(
        name
        for name, formats in accepted.items()
        if not (formats and stemcell.formats) or {*formats} & {*stemcell.formats}
    )
    if not found or set(found) < set(request.clouds):
        formats = dict.fromkeys(one for each in accepted.values() for one in each)
        raise InputError(
            "stemcell-format-mismatch",
            f"{'Not every' if found else 'No'} cloud of the environment takes a stemcell of the format "
            f"{', '.join(stemcell.formats)}.",
            why=f"Supported: {', '.join(formats)}.",
            fix="Use the stemcell built for this cloud; the local cloud's VMs run this machine's operating system.",
            where=request.named_at or stemcell.unpacked.manifest.name,
        )
    return found


def _upload(
    session: Session,
    held: HeldDeployment,
    stemcell: _Stemcell,
    *,
    clouds: Sequence[CloudName],
    request: StemcellUploadRequest,
) -> StemcellUpload:
    """The records are saved before the first call, with the actions that create the stemcells: a run that was cut
    short is recognised by them."""
    environment = uploaded_stemcells.observe_uploads(session, session.environment())
    there = [one for one in environment.uploaded if stemcell.is_of(one) and one.cid]
    lacking = [cloud for cloud in clouds if request.is_fixing or cloud not in {one.cloud for one in there}]
    if lacking:
        asked = EnvironmentRequest(run=new_run_id(), environment=environment.name)
        wanted = [_wanted(session, stemcell, cloud) for cloud in lacking]
        plan = planning.make_upload_plan(asked, wanted)
        preflight.require_preflight(session, preflight.Asking(requests=_requests_of(plan)), caller=request.caller)
        new = [_record(session, stemcell, one, action=planning.upload_action(asked, one)) for one in wanted]
        session.world.store.save_environment(held.lease, replace(environment, uploaded=(*environment.uploaded, *new)))
        running.run_plan(session, held, plan)
        replaced = [
            replace(one, is_replaced=one.cloud in lacking) if one in there else one for one in environment.uploaded
        ]
        begun = replace(environment, uploaded=(*replaced, *new))
        environment = uploaded_stemcells.observe_uploads(session, begun)
    session.world.store.save_environment(held.lease, environment)
    # As of the landing zone: the environment itself has no state beside its record.
    session.world.store.delete_deployment(held.lease)
    found = tuple(one for one in environment.uploaded if stemcell.is_of(one) and one.cid)
    return StemcellUpload(stemcells=found, is_new=bool(lacking))


def _wanted(session: Session, stemcell: _Stemcell, cloud: CloudName) -> WantedStemcell:
    manifest = stemcell.manifest
    properties = cast(Mapping[str, JsonValue], manifest.cloud_properties)
    return WantedStemcell(
        cloud=cloud,
        name=manifest.name,
        version=manifest.version,
        os=manifest.operating_system or manifest.name,
        properties={"architecture": _architecture(session, stemcell, cloud), **properties},
        image_path="" if stemcell.is_light else stemcell.unpacked.image_path,
        tags=_tags(session),
    )


def _tags(session: Session) -> Mapping[str, str]:
    """Those of the runtime config `default`, as BOSH sets them on stemcells."""
    found = session.configs().list_documents(ConfigType.RUNTIME)
    readings = [texts.Reading(source=one.source) for one in found if one.name == DEFAULT_NAME]
    return {
        name: value
        for one in texts.check_runtime_configs(readings).runtime_configs
        for name, value in one.document.tags.items()
    }


def _architecture(session: Session, stemcell: _Stemcell, cloud: CloudName) -> str:
    written = stemcell.manifest.cloud_properties.get("architecture")
    return str(written or session.world.clouds[cloud].cloud.info().architecture)


def _record(session: Session, stemcell: _Stemcell, wanted: WantedStemcell, *, action: ActionId) -> UploadedStemcell:
    return UploadedStemcell(
        name=wanted.name,
        version=wanted.version,
        os=wanted.os,
        architecture=_architecture(session, stemcell, wanted.cloud),
        action=action,
        cid=StemcellCid(""),
        cloud=wanted.cloud,
        formats=stemcell.formats,
        api_version=stemcell.manifest.api_version or 0,
        digest=stemcell.unpacked.digest,
        image_sha1=stemcell.manifest.sha1,
        origin=stemcell.unpacked.origin,
        uploaded_at=session.world.clock.now(),
    )


def _requests_of(plan: Plan) -> Mapping[str, PreflightRequest]:
    works = [action.work for action in plan.actions]
    return {
        work.cloud: PreflightRequest(stemcells=(work.request,)) for work in works if isinstance(work, CreateStemcell)
    }


def _require_named(stemcell: _Stemcell, request: StemcellUploadRequest) -> None:
    """What the options or the index say must be what is there."""
    manifest = stemcell.manifest
    for key, wanted, found in (
        ("name", request.name, manifest.name),
        ("version", request.version, manifest.version),
        ("os", request.os, manifest.operating_system or manifest.name),
    ):
        if wanted not in ("", found):
            option = f"`{key}`" if request.named_at else f"--{key}"
            raise InputError(
                "stemcell-mismatch",
                f"The stemcell has {key} '{found}', not '{wanted}'.",
                why=f"{option} names another one than stemcell.MF of {stemcell.unpacked.origin}.",
                fix=f"Correct {option}, or name another tarball.",
                where=request.named_at or stemcell.unpacked.manifest.name,
            )


def _check_image(stemcell: _Stemcell) -> None:
    """Hold the image against stemcell.MF; the digest of a light one is that of another file. BOSH does not check it."""
    expected = read_multi_digest(stemcell.manifest.sha1, stemcell.unpacked.manifest.name)[0]
    found = stemcell.unpacked.image_digests.get(expected.algorithm, "")
    if not stemcell.is_light and found != expected.value:
        raise InputError(
            "stemcell-image-damaged",
            f"The image of stemcell '{stemcell.manifest.name}/{stemcell.manifest.version}' does not match stemcell.MF.",
            why=f"Expected {expected}, got {expected.algorithm}:{found}.",
            fix="Download or pack the stemcell again.",
            where=stemcell.unpacked.manifest.name,
        )


def _needs_agent(stemcell: _Stemcell) -> InputError:
    manifest = stemcell.manifest
    os = manifest.operating_system or manifest.name
    return InputError(
        "stemcell-needs-agent",
        f"VMs of stemcell '{manifest.name}/{manifest.version}' cannot be reached by compleat.",
        why="stemcell.MF has `bosh_protocol`: the image contains a bosh-agent in place of cloud-init. Its SSH server "
        "admits user vcap, who becomes root only by a password, and that one is random.",
        fix=f"Without an upload, `os: {os}` in the manifest uses the publisher's image where the cloud has one. "
        "An image with cloud-init is packed as docs/howto/pack-a-stemcell.md describes; if this one has cloud-init, "
        "add --cloud-init.",
        where=stemcell.unpacked.manifest.name,
    )
