"""In which order actions that could start do start: the longest remaining path first. Pure.

Takes a plan, gives numbers.
"""

from collections.abc import Mapping

from director.model.ids import ActionId
from director.model.tasks.plan import Plan


def remaining_estimates(plan: Plan) -> Mapping[ActionId, float]:
    """For each action the seconds from its start to the end of the longest path that waits for it."""
    longest: dict[ActionId, float] = {}
    dependents = dependents_of(plan)
    for action in reversed(plan.actions):
        after = max((longest[later] for later in dependents[action.id]), default=0.0)
        longest[action.id] = action.estimate_s + after
    return longest


def dependents_of(plan: Plan) -> Mapping[ActionId, tuple[ActionId, ...]]:
    """For each action those that wait for it, in plan order."""
    found: dict[ActionId, list[ActionId]] = {action.id: [] for action in plan.actions}
    for action in plan.actions:
        for earlier in action.after:
            found[earlier].append(action.id)
    return {action: tuple(later) for action, later in found.items()}
