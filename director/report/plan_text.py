"""A plan for people: what changes and why, instance by instance.

Takes a Plan, gives lines.
"""

from collections.abc import Iterator
from itertools import groupby

from cpi.contract.values import ENVIRONMENT_ITSELF
from director.model.tasks.plan import Action, Plan
from director.model.tasks.stored_plan import KEPT_DAYS, StoredPlan


def plan_lines(plan: Plan) -> tuple[str, ...]:
    """The plan as lines; an empty plan is one line that says so."""
    if plan.is_empty:
        return (f"Deployment '{plan.deployment}': nothing to change ({_count(plan.kept, 'instance')} unchanged).",)
    return tuple(_lines(plan))


def stored_lines(stored: StoredPlan) -> tuple[str, ...]:
    """How to apply a stored plan."""
    return (
        f"Stored as plan {stored.number}, for {KEPT_DAYS} days. To apply exactly this plan:",
        f"  compleat deploy --plan {stored.number} -e {stored.plan.environment}",
    )


def _lines(plan: Plan) -> Iterator[str]:
    is_whole = plan.deployment is ENVIRONMENT_ITSELF
    yield f"Environment '{plan.environment}':" if is_whole else f"Deployment '{plan.deployment}':"
    for subject, actions in _by_subject(plan):
        yield f"  {_sign(actions)} {subject}: {_kinds(actions)}"
        reasons = list(dict.fromkeys(action.reason for action in actions if action.reason))
        yield f"      because: {'; '.join(reasons)}"
    yield f"  {_count(len(plan.actions), 'action')}; {_count(plan.kept, 'instance')} unchanged."
    for gate in plan.gates:
        yield f"  at most {gate.width} at a time: {gate.name}"


def _by_subject(plan: Plan) -> list[tuple[str, list[Action]]]:
    order = {subject: at for at, subject in enumerate(dict.fromkeys(action.subject for action in plan.actions))}
    ordered = sorted(plan.actions, key=lambda action: order[action.subject])
    return [(subject, list(actions)) for subject, actions in groupby(ordered, key=lambda action: action.subject)]


def _sign(actions: list[Action]) -> str:
    signs = {action.work.facts.sign for action in actions}
    if "+" in signs and "-" in signs:
        return "±"
    return next((sign for sign in "+-" if sign in signs), "~")


def _kinds(actions: list[Action]) -> str:
    """Each kind once, with the names of the disks that it is done to."""
    disks: dict[str, list[str]] = {}
    for action in actions:
        names = disks.setdefault(action.work.kind.replace("_", " "), [])
        if action.work.disk_name and action.work.disk_name not in names:
            names.append(action.work.disk_name)
    return ", ".join(f"{kind} ({', '.join(names)})" if names else kind for kind, names in disks.items())


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
