"""Journal entries folded into a deployment's state. Pure; folding the same entries twice gives the same.

Takes a state and what began or was done, gives the new state.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Never, assert_never, cast

from director.model.environments import state_changes
from director.model.environments.state import DeploymentState
from director.model.ids import ActionId
from director.model.tasks.entries import Accepted, Begun, Done, Entry, Failed
from director.model.tasks.plan import Action, Plan
from director.model.tasks.work import Result


def fold_records(state: DeploymentState, plan: Plan) -> DeploymentState:
    """Write down the plan's records whole: identities, reservations, and what the cloud said is gone or there."""
    known = {record.id: record for record in state.instances}
    known |= {planned.id: planned for planned in plan.records}
    return replace(state, instances=tuple(known.values()))


def fold_entries(state: DeploymentState, plan: Plan, entries: Iterable[Entry]) -> DeploymentState:
    """Fold a whole journal, in the order written."""
    actions: Mapping[ActionId, Action] = {action.id: action for action in plan.actions}
    for entry in entries:
        match entry:
            case Begun():
                state = fold_begun(state, actions[entry.action])
            case Done(result=result):
                state = fold_result(state, actions[entry.action], result)
            case Accepted() | Failed():
                pass
            case _:
                assert_never(entry)
    return state


def fold_begun(state: DeploymentState, action: Action) -> DeploymentState:
    """The call is about to leave: an instance it may change is dirty until it is finished."""
    dirtied = action.work.dirtied
    if dirtied is None:
        return state
    return state_changes.change_instance(state, dirtied, lambda record: replace(record, is_dirty=True))


def fold_result(state: DeploymentState, action: Action, result: Result) -> DeploymentState:
    """The call is done: what it gave becomes part of the state."""
    return action.work.fold(state, action.id, cast(Never, result))
