"""`deploy --fix` and `up`: jumpboxes first, as the state of VMs behind a dead one is unknown.

Takes a Session and a deploy's request, gives what the deploy gives, or the environment with its jumpboxes.
"""

from dataclasses import replace

from cpi.contract.values import ENVIRONMENT_ITSELF
from director.app.landing import end_clocks, jumpboxes, logins
from director.app.sessions import fingerprints
from director.app.sessions.session import Session
from director.app.tasks import running
from director.app.use_cases import deploy as deploying
from director.app.use_cases.deploy import Confirm, Deployed, DeployRequest
from director.model.environments.environment import JUMPBOX, Environment
from director.model.ids import DeploymentName
from director.model.tasks.caller import Caller
from director.observe import front as observing


def deploy(session: Session, request: DeployRequest, confirm: Confirm) -> Deployed:
    """Deploy. With `--fix`, recreate a jumpbox that does not answer before observing any other VM."""
    if request.is_fix:
        environment = fingerprints.known_environment(session)
        ways = observing.observe_jumpboxes(session.world, environment)
        if any(way.no_answer for way in ways.values()):
            again = DeployRequest(files=deploying.saved_manifest(session, JUMPBOX), caller=request.caller)
            logins.write_ssh_files(session, deploy_jumpboxes(session, again, confirm))
    deployed = deploying.deploy(session, request, confirm)
    if deployed.name == JUMPBOX:
        end_clocks.arm(session, session.environment())
    return deployed


def deploy_jumpboxes(session: Session, request: DeployRequest, confirm: Confirm) -> Environment:
    """Deploy the jumpboxes; recreate those that do not answer.

    They are a deployment like any other, but for their host keys: the environment pins those for all others.
    """
    environment = session.environment()
    deploying.deploy(session, replace(request, is_fix=True), confirm)
    end_clocks.arm(session, environment)
    return pin_jumpboxes(session, environment, caller=request.caller)


def pin_jumpboxes(session: Session, environment: Environment, *, caller: Caller) -> Environment:
    """Record the host keys that the jumpboxes showed."""
    state = session.world.store.load_deployment(environment.name, DeploymentName(JUMPBOX))
    pinned = jumpboxes.pin_host_keys(session, environment, state) if state else environment
    if pinned != environment:
        with running.hold_deployment(session, environment, ENVIRONMENT_ITSELF, caller=caller) as held:
            now = session.environment()  # a stemcell may have been uploaded meanwhile
            pinned = replace(pinned, stemcells=now.stemcells, uploaded=now.uploaded, end=now.end)
            session.world.store.save_environment(held.lease, pinned)
    return pinned
