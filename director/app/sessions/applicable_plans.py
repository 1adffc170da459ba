"""Stored plans that `deploy --plan` may still apply.

Takes the ports that know them and the time, gives plans.
"""

from collections.abc import Iterator

from director.model.tasks.stored_plan import KEPT_DAYS, StoredPlan
from director.ports.journal import Journal
from director.ports.plans import Plans

_DAY_S = 86_400.0


def list_applicable(plans: Plans, journal: Journal, *, now: float) -> Iterator[StoredPlan]:
    """Those that are not too old and were not applied: one that was begun is among the open runs, or used up."""
    oldest = now - KEPT_DAYS * _DAY_S
    return (one for one in plans.list_plans() if one.caller.at >= oldest and journal.find_run(one.plan.run) is None)
