"""How long the rest of a plan probably takes.

Takes a plan, how far its actions are and the time, gives seconds.
"""

from director.model.ids import ActionId
from director.model.tasks.action_progress import NOT_BEGUN, ActionProgress, ProgressState
from director.model.tasks.plan import Action, Plan
from director.report.pictures.plan_graph import Progresses

_OVER = frozenset({ProgressState.DONE, ProgressState.FAILED})


def left_s(plan: Plan, progresses: Progresses, *, now: float) -> float:
    """The longest chain of what is not over: gates and compile VMs that are busy make it longer."""
    ends: dict[ActionId, float] = {}
    for action in plan.actions:  # each comes after what it waits for
        own = progresses.get(action.id, NOT_BEGUN)
        before = max((ends.get(each, 0.0) for each in action.after), default=0.0)
        ends[action.id] = before + _own_s(action, own, now)
    return max(ends.values(), default=0.0)


def _own_s(action: Action, own: ActionProgress, now: float) -> float:
    if own.state in _OVER:
        return 0.0
    spent_s = now - own.begun_at if own.begun_at is not None else 0.0
    return max(0.0, action.estimate_s - spent_s)
