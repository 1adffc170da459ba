"""Use cases of an operator's hands: shell, command and files of one instance, of a group, of a deployment.

Takes a Session and an instance's name, gives targets and exit codes.
"""

from collections.abc import Mapping, Sequence
from functools import partial

from cpi.contract.value_classes import dataclass
from cpi.contract.values import ENVIRONMENT_ITSELF, JsonValue
from director.app.landing import landing_zones, logins
from director.app.sessions.session import Session
from director.errors import AgentError, InputError, StateError
from director.model import counting
from director.model.agents.agent_address import AgentTarget
from director.model.environments.environment import JUMPBOX, SSH_PORT
from director.model.environments.state import InstanceRecord
from director.model.report import Table
from director.observe import queries
from director.text import nearest


def find_target(session: Session, deployment: str | None, instance: str) -> AgentTarget:
    """How to reach "jumpbox", "group/index", "group/id", or "group" if it has one instance.

    Raises InputError: deployment-missing, instance-unknown, instance-ambiguous; StateError, code `instance-without-vm`.
    """
    chosen = find_chosen(session, deployment, instance)
    if len(chosen) > 1:
        raise _ambiguous(instance, [each.name for each in chosen])
    return chosen[0].reached()


def is_several(session: Session, deployment: str | None, instance: str | None) -> bool:
    """Whether that means several instances: a group with more than one, or a whole deployment."""
    if instance is None:
        return True
    return instance != JUMPBOX and sum(_is_meant(each, instance) for _, each in _records(session, deployment)) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """An instance that is meant; `target` is None where it has no VM with an address.

    `jobs` are those that it was given last, None where that is not recorded.
    """

    name: str
    id: str
    deployment: str
    target: AgentTarget | None
    jobs: tuple[str, ...] | None = None

    def reached(self) -> AgentTarget:
        """How to reach it. Raises StateError, code `instance-without-vm`."""
        if self.target is None:
            raise StateError(
                "instance-without-vm",
                f"Instance '{self.name}' has no VM with an address.",
                why="It was stopped with --hard, or its VM was never created.",
                fix=f"Start it: `compleat start -d {self.deployment} {self.name}`.",
            )
        return self.target


def find_chosen(session: Session, deployment: str | None, instance: str | None) -> Sequence[Chosen]:
    """The jumpbox, an instance, the instances of a group, or all of the deployment where none is named, in order.

    Raises InputError: deployment-missing, instance-unknown, instance-ambiguous where a group is in several deployments.
    """
    environment = session.environment()
    for jumpbox in environment.jumpboxes:  # where this machine keeps the way open, it may have been closed
        landing_zones.endpoint_of(session.world.clouds[jumpbox.cloud], jumpbox.address, SSH_PORT)
    if instance == JUMPBOX:
        return [Chosen(name=JUMPBOX, id=JUMPBOX, deployment=JUMPBOX, target=logins.jumpbox_target(environment))]
    records = _records(session, deployment)
    chosen = [(name, each) for name, each in records if instance is None or _is_meant(each, instance)]
    if not chosen and instance is not None:
        raise _unknown(instance, [each for _, each in records])
    if len({each.name for _, each in chosen}) < len(chosen):
        raise _ambiguous(str(instance), [each.name for _, each in chosen])
    return [
        Chosen(
            name=each.name,
            id=each.id,
            deployment=name,
            target=environment.target_of(each.vm, each.name) if each.vm else None,
            jobs=each.applied.jobs if each.applied else None,
        )
        for name, each in sorted(chosen, key=lambda pair: (pair[1].group, pair[1].index))
    ]


def run_everywhere(session: Session, deployment: str, instance: str | None, *, command: str) -> Table:
    """Run a command on all instances of a deployment, or of a group, at once; a row for each with what it printed.

    An instance that does not answer has its error. Both streams come as one, the end of them if they are long.
    Raises as `find_chosen` does.
    """
    chosen = find_chosen(session, deployment, instance)
    runs = {each.name: partial(_run, session, each.target, command) for each in chosen}
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


def _records(session: Session, deployment: str | None) -> list[tuple[str, InstanceRecord]]:
    """Of that deployment, or of all, with its name. Raises InputError, code `deployment-missing`."""
    listed = session.world.store.list_deployments
    chosen = [session.deployment(deployment)] if deployment else listed(session.settings.environment)
    return [
        (str(state.deployment), record)
        for state in chosen
        if state.deployment is not ENVIRONMENT_ITSELF
        for record in state.instances
    ]


def _is_meant(record: InstanceRecord, instance: str) -> bool:
    return instance in (record.name, record.group, f"{record.group}/{record.id}")


def _ambiguous(instance: str, names: Sequence[str]) -> InputError:
    return InputError(
        "instance-ambiguous",
        f"'{instance}' matches {len(names)} instances.",
        why=f"They are: {', '.join(counting.in_natural_order(names))}.",
        fix="Name it as group/index, and the deployment with -d.",
    )


def _unknown(instance: str, records: Sequence[InstanceRecord]) -> InputError:
    near = nearest.nearest_word(instance, {word for each in records for word in (each.name, str(each.group))})
    return InputError(
        "instance-unknown",
        f"Instance '{instance}' does not exist.",
        why=f"Known instances: {', '.join(counting.in_natural_order(record.name for record in records)) or 'none'}.",
        fix=f"Did you mean '{near}'?" if near else "Name one of them.",
    )
