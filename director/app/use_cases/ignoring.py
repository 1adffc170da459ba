"""The use cases `ignore` and `unignore`: instances that no deploy touches.

Takes a Session and names, changes the deployment's saved state under its lease.
Source: cloudfoundry/bosh api/controllers/deployments_controller.rb (PUT .../ignore).
"""

from dataclasses import replace

from director.app.sessions import deployments, fingerprints
from director.app.sessions.session import Session
from director.app.tasks import running
from director.model.environments import state_changes
from director.model.ids import DeploymentName
from director.model.tasks.caller import Caller


def ignore_instance(session: Session, deployment: str, *, instance: str, is_ignored: bool, caller: Caller) -> str:
    """Have every later command leave the instance as it is, or no longer; its name. Twice is once.

    Raises InputError: deployment-missing, instance-unknown.
    """
    environment = fingerprints.known_environment(session)
    session.deployment(deployment)
    with running.hold_deployment(session, environment, DeploymentName(deployment), caller=caller) as held:
        record = deployments.require_instance(held.state.instances, deployment, instance)
        changed = state_changes.change_instance(
            held.state, record.id, lambda each: replace(each, is_ignored=is_ignored)
        )
        if changed != held.state:
            session.world.store.save_deployment(held.lease, changed)
    return record.name
