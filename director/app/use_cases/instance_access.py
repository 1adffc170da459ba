"""Use cases of an operator's hands: shell, command, files, logs of one instance.

Takes a Session and an instance's name, gives exit codes and paths.
"""

from collections.abc import Callable

from cpi.contract.values import ENVIRONMENT_ITSELF
from director.app.landing import landing_zones, logins
from director.app.sessions.session import Session
from director.errors import InputError, StateError
from director.model.agents.agent_address import AgentTarget
from director.model.environments.environment import JUMPBOX, SSH_PORT
from director.model.environments.state import InstanceRecord
from director.text import nearest


def find_target(session: Session, deployment: str | None, instance: str) -> AgentTarget:
    """How to reach "jumpbox", "group/index", "group/id", or "group" if it has one instance.

    Raises InputError: instance-unknown, instance-ambiguous; StateError, code `instance-without-vm`.
    """
    environment = session.environment()
    for jumpbox in environment.jumpboxes:  # where this machine keeps the way open, it may have been closed
        landing_zones.public_endpoint(session.world.clouds[jumpbox.cloud], jumpbox.address, SSH_PORT)
    if instance == JUMPBOX:
        return logins.jumpbox_target(environment)
    record = _find(session, deployment, instance)
    target = environment.target_of(record.vm, record.name) if record.vm else None
    if target is None:
        raise StateError(
            "instance-without-vm",
            f"Instance '{record.name}' has no VM with an address.",
            why="It was stopped with --hard, or its VM was never created.",
            fix=f"Start it: `compleat start -d {deployment} {record.name}`.",
        )
    return target


def fetch_logs(session: Session, target: AgentTarget, *, folder: str, kind: str) -> str:
    """Fetch the logs as one archive; gives its path."""
    packed = session.world.agent.fetch_logs(target, kind=kind)
    session.world.agent.get_blob(target, packed.digest)
    name = f"{target.name.replace('/', '-')}-{kind}-logs.tgz"
    return session.files.save_stream(f"{folder}/{name}", session.world.blobs.open_blob(packed.digest))


def follow_logs(session: Session, target: AgentTarget, *, lines: int, watch: Callable[[str], None]) -> None:
    """Give every new line of the job logs, for ever: until interrupted."""
    session.world.agent.tail_logs(target, lines=lines, watch=watch)


def _find(session: Session, deployment: str | None, instance: str) -> InstanceRecord:
    states = session.world.store.list_deployments(session.settings.environment)
    records = [
        record
        for state in states
        if state.deployment is not ENVIRONMENT_ITSELF and deployment in (None, state.deployment)
        for record in state.instances
    ]
    fitting = [each for each in records if instance in (each.name, each.group, f"{each.group}/{each.id}")]
    if len(fitting) == 1:
        return fitting[0]
    known = ", ".join(sorted(record.name for record in records)) or "none"
    near = nearest.nearest_word(instance, {word for each in records for word in (each.name, str(each.group))})
    if not fitting:
        raise InputError(
            "instance-unknown",
            f"Instance '{instance}' does not exist.",
            why=f"Known instances: {known}.",
            fix=f"Did you mean '{near}'?" if near else "Name one of them.",
        )
    raise InputError(
        "instance-ambiguous",
        f"'{instance}' matches {len(fitting)} instances.",
        why=f"They are: {', '.join(record.name for record in fitting)}.",
        fix="Name it as group/index, and the deployment with -d.",
    )
