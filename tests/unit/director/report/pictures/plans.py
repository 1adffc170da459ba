"""Plans to draw: actions by subject, with what each waits for."""

from director.actions.start import Start
from director.actions.stop import Stop
from director.model.ids import ActionId, DeploymentName, EnvironmentName, InstanceId, RunId
from director.model.tasks.action_progress import ActionProgress, ProgressState
from director.model.tasks.plan import Action, Plan

_INSTANCE = InstanceId("i")


def action(subject: str, *after: str, name: str = "", gate: str | None = None) -> Action:
    """An action with the id of its subject, or `name`."""
    work = Stop(instance=_INSTANCE) if name.startswith("stop") else Start(instance=_INSTANCE)
    return Action(
        id=ActionId(name or subject),
        work=work,
        subject=subject,
        reason="why",
        after=tuple(map(ActionId, after)),
        gate=gate,
    )


def plan(*actions: Action) -> Plan:
    return Plan(
        run=RunId("r"), environment=EnvironmentName("e"), deployment=DeploymentName("d"), actions=tuple(actions)
    )


def done(begun_at: float, ended_at: float) -> ActionProgress:
    return ActionProgress(state=ProgressState.DONE, begun_at=begun_at, ended_at=ended_at)
