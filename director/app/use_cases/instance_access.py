"""Use cases of an operator's hands: shell, command, files, logs of one instance.

Takes a Session and an instance's name, gives exit codes and paths.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from cpi.contract.values import ENVIRONMENT_ITSELF, JsonValue
from director.app.landing import landing_zones, logins
from director.app.sessions.session import Session
from director.errors import AgentError, InputError, StateError
from director.model.agents.agent_address import AgentTarget
from director.model.environments.environment import JUMPBOX, SSH_PORT
from director.model.environments.state import InstanceRecord
from director.model.report import Table
from director.observe import queries
from director.text import nearest


def find_target(session: Session, deployment: str | None, instance: str) -> AgentTarget:
    """How to reach "jumpbox", "group/index", "group/id", or "group" if it has one instance.

    Raises InputError: instance-unknown, instance-ambiguous; StateError, code `instance-without-vm`.
    """
    environment = session.environment()
    for jumpbox in environment.jumpboxes:  # where this machine keeps the way open, it may have been closed
        landing_zones.endpoint_of(session.world.clouds[jumpbox.cloud], jumpbox.address, SSH_PORT)
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


def is_several(session: Session, deployment: str | None, instance: str | None) -> bool:
    """Whether that means several instances: a group with more than one, or a whole deployment."""
    if instance is None:
        return True
    return instance != JUMPBOX and sum(_is_meant(each, instance) for each in _records(session, deployment)) > 1


def run_everywhere(session: Session, deployment: str, instance: str | None, *, command: str) -> Table:
    """Run a command on all instances of a deployment, or of a group, at once; a row for each with what it printed.

    An instance that does not answer has its error. Both streams come as one, the end of them if they are long.
    Raises InputError: deployment-missing, instance-unknown.
    """
    environment = session.environment()
    for jumpbox in environment.jumpboxes:
        landing_zones.endpoint_of(session.world.clouds[jumpbox.cloud], jumpbox.address, SSH_PORT)
    records = session.deployment(deployment).instances
    chosen = [each for each in records if instance is None or _is_meant(each, instance)]
    if not chosen:
        raise _unknown(instance or "", records)
    ordered = sorted(chosen, key=lambda record: (record.group, record.index))
    targets = {each.name: environment.target_of(each.vm, each.name) if each.vm else None for each in ordered}
    runs = {name: partial(_run, session, target, command) for name, target in targets.items()}
    rows = queries.ask_all(session.world.runner, runs)
    return Table(
        name="results",
        columns=("instance", "exit_code", "output", "error"),
        rows=tuple({"instance": name, **row} for name, row in rows.items()),
        empty="No instances.",
    )


def _run(session: Session, target: AgentTarget | None, command: str) -> Mapping[str, JsonValue]:
    if target is None:
        return {"exit_code": None, "output": "", "error": "It has no VM."}
    try:
        ended = session.world.remote_access.run_script(target, command)
    except AgentError as error:
        return {"exit_code": None, "output": "", "error": error.what}
    return {"exit_code": ended.exit_code, "output": ended.output, "error": ""}


def fetch_logs(session: Session, target: AgentTarget, *, folder: str, kind: str) -> str:
    """Fetch the logs as one archive; gives its path."""
    packed = session.world.agent.fetch_logs(target, kind=kind)
    session.world.agent.get_blob(target, packed.digest)
    name = f"{target.name.replace('/', '-')}-{kind}-logs.tgz"
    return session.files.save_stream(f"{folder}/{name}", session.world.blobs.open_blob(packed.digest))


def follow_logs(session: Session, target: AgentTarget, *, lines: int, watch: Callable[[str], None]) -> None:
    """Give every new line of the job logs, for ever: until interrupted."""
    session.world.agent.tail_logs(target, lines=lines, watch=watch)


def _records(session: Session, deployment: str | None) -> list[InstanceRecord]:
    states = session.world.store.list_deployments(session.settings.environment)
    return [
        record
        for state in states
        if state.deployment is not ENVIRONMENT_ITSELF and deployment in (None, state.deployment)
        for record in state.instances
    ]


def _is_meant(record: InstanceRecord, instance: str) -> bool:
    return instance in (record.name, record.group, f"{record.group}/{record.id}")


def _find(session: Session, deployment: str | None, instance: str) -> InstanceRecord:
    records = _records(session, deployment)
    fitting = [each for each in records if _is_meant(each, instance)]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise _unknown(instance, records)
    raise InputError(
        "instance-ambiguous",
        f"'{instance}' matches {len(fitting)} instances.",
        why=f"They are: {', '.join(record.name for record in fitting)}.",
        fix="Name it as group/index, and the deployment with -d.",
    )


def _unknown(instance: str, records: Sequence[InstanceRecord]) -> InputError:
    near = nearest.nearest_word(instance, {word for each in records for word in (each.name, str(each.group))})
    return InputError(
        "instance-unknown",
        f"Instance '{instance}' does not exist.",
        why=f"Known instances: {', '.join(sorted(record.name for record in records)) or 'none'}.",
        fix=f"Did you mean '{near}'?" if near else "Name one of them.",
    )
