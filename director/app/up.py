"""The use case `up`: environment, jumpbox, the bundle's deployments and errands, and a report of what was tried.

Takes a Session and a bundle, gives the report.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from director.app import deploy as deploying
from director.app import doctor, foresight, landing, logins, running
from director.app import errand as errands
from director.app.deploy import Confirm, DeployRequest
from director.app.foresight import Intended
from director.app.reading import ManifestFiles
from director.app.session import Session
from director.errors import ActionFailedError
from director.model.environment import JUMPBOX, Environment
from director.model.ids import DeploymentName
from director.model.report import UpReport
from director.model.secret_ref import Property
from director.model.written.bundle import BundleDeployment
from director.plan.request import ErrandRequest
from director.text import front as texts

_JUMPBOX_MANIFEST = "manifests/jumpbox/jumpbox.yml"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpRequest:
    """`bundle` is a folder with an index.yml, or the name of one that ships with us ("platform")."""

    bundle: str
    command: str
    values: Mapping[str, Property]


def bring_up(session: Session, request: UpRequest, confirm: Confirm) -> UpReport:
    """Do it all; the same command again goes on where it stopped. Raises Failures when a deploy or errand fails."""
    started_at = session.world.clock.now()
    folder = _folder(session, request.bundle)
    index = texts.read_bundle(texts.Reading(source=session.files.read_source("index.yml", base=folder)))
    deployments = [(each, _files(session, request, folder=folder, each=each)) for each in index.document.deployments]
    foresight.check_bundle(session, [Intended(files=files, errands=each.errands) for each, files in deployments])
    doctor.refuse_fatal(session)
    landing.raise_environment(session, command=request.command)
    environment = _deploy_jumpbox(session, request, confirm)
    logins.write_ssh_files(session, environment)
    for each, files in deployments:
        name = deploying.deploy(session, DeployRequest(files=files, command=request.command), confirm).name
        for errand in each.errands:
            _run_errand(session, name, errand=errand, command=request.command)
    logins.write_credentials(session, environment, index.document, command=request.command)
    lines = logins.try_all(session, environment, index.document)
    return UpReport(environment=environment.name, lines=lines, took_s=session.world.clock.now() - started_at)


def _folder(session: Session, bundle: str) -> str:
    is_path = "/" in bundle or session.files.is_there(f"{bundle}/index.yml")
    return str(Path(bundle).absolute()) if is_path else session.files.bundled(f"manifests/{bundle}")


def _deploy_jumpbox(session: Session, request: UpRequest, confirm: Confirm) -> Environment:
    """The jumpbox is a deployment like any other, but for its host key: the environment pins it for all others."""
    path = session.files.bundled(_JUMPBOX_MANIFEST)
    files = ManifestFiles(manifest=session.files.read_source(path), values=request.values)
    deploying.deploy(session, DeployRequest(files=files, command=request.command), confirm)
    environment = session.environment()
    state = session.world.store.load_deployment(environment.name, DeploymentName(JUMPBOX))
    vm = state.instances[0].vm if state and state.instances else None
    if vm is None or vm.host_key == environment.jumpbox_host_key:
        return environment
    pinned = replace(environment, jumpbox_host_key=vm.host_key)
    with running.held(session, environment, "", command=request.command) as held:
        session.world.store.save_environment(held.lease, pinned)
    return pinned


def _files(session: Session, request: UpRequest, *, folder: str, each: BundleDeployment) -> ManifestFiles:
    return ManifestFiles(
        manifest=session.files.read_source(each.manifest, base=folder),
        base=str(PurePath(os.path.normpath(PurePath(folder, each.manifest))).parent),
        ops=tuple(session.files.read_source(path, base=folder) for path in each.ops),
        values={**each.vars, **request.values},
    )


def _run_errand(session: Session, deployment: str, *, errand: str, command: str) -> None:
    results = errands.run_errand(session, deployment, errand=ErrandRequest(name=errand), command=command)
    for result in results:
        if result.exit_code:
            raise ActionFailedError(
                "errand-failed",
                f"Errand '{errand}' failed on {result.instance} with exit code {result.exit_code}.",
                why="Its last lines say why.",
                fix=f"Mend what it names, then run the same command; `compleat run-errand {errand}` runs it alone.",
                output=result.stdout + result.stderr,
            )
