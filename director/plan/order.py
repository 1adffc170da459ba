"""The order of a plan: stable, each action after what it waits for.

Takes actions in the order people would tell them, gives them in an order in which they can be done.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence

from director.errors import Bug
from director.model.ids import ActionId
from director.model.tasks.plan import Action


def order_actions(actions: Sequence[Action]) -> tuple[Action, ...]:
    """Sort so that each comes after what it waits for; among those free to go, the first told comes first.

    Raises Bug: plan-cycle (spelled out), plan-gap (waits for what is not there), plan-twin (an id twice).
    """
    ordered, stuck = _sort(actions)
    if stuck:
        raise _cycle(stuck)
    return tuple(ordered)


def stuck_actions(actions: Sequence[Action]) -> Mapping[ActionId, Action]:
    """Those that wait, straight or through others, for something that waits for itself. Raises Bug as order_actions."""
    return _sort(actions)[1]


def _sort(actions: Sequence[Action]) -> tuple[list[Action], Mapping[ActionId, Action]]:
    """The actions in order, and those that can never start."""
    by_id = _by_id(actions)
    place = {action.id: index for index, action in enumerate(actions)}
    missing = {action.id: set(action.after) for action in actions}
    followers = _followers(actions, by_id)
    ready = [place[action.id] for action in actions if not action.after]
    heapq.heapify(ready)
    ordered: list[Action] = []
    while ready:
        action = actions[heapq.heappop(ready)]
        ordered.append(action)
        for follower in followers[action.id]:
            missing[follower].discard(action.id)
            if not missing[follower]:
                heapq.heappush(ready, place[follower])
    return ordered, {action.id: action for action in actions if missing[action.id]}


def _by_id(actions: Iterable[Action]) -> Mapping[ActionId, Action]:
    found: dict[ActionId, Action] = {}
    for action in actions:
        if action.id in found:
            raise Bug("plan-twin", f"Action '{action.id}' is in the plan twice.")
        found[action.id] = action
    return found


def _followers(actions: Iterable[Action], by_id: Mapping[ActionId, Action]) -> Mapping[ActionId, list[ActionId]]:
    followers: dict[ActionId, list[ActionId]] = {id_: [] for id_ in by_id}
    for action in actions:
        for before in set(action.after):
            if before not in by_id:
                raise Bug("plan-gap", f"Action '{action.id}' waits for '{before}', which is not in the plan.")
            followers[before].append(action.id)
    return followers


def _cycle(stuck: Mapping[ActionId, Action]) -> Bug:
    path = [next(iter(stuck))]
    while True:
        following = next(before for before in stuck[path[-1]].after if before in stuck)
        if following in path:
            circle = [*path[path.index(following) :], following]
            return Bug("plan-cycle", f"The plan has a dependency cycle: {' <- '.join(circle)}.")
        path.append(following)
