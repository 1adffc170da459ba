"""A result fills in what the plan left open; it never changes what it said. Pure.

Takes an action and its result, gives nothing or raises.
"""

from typing import Never, cast

from director.errors import Bug
from director.model.tasks.plan import Action
from director.model.tasks.work import Result


def check_result(action: Action, result: Result) -> None:
    """Raises Bug: `result-misplaced` for another kind of action's, `outcome-differs` for another than was planned."""
    work = action.work
    if not isinstance(result, work.result):
        raise Bug("result-misplaced", f"{action.subject}: {work.kind} gave a {type(result).__name__}.")
    for difference in work.differences(cast(Never, result)):
        raise Bug(
            "outcome-differs",
            f"{action.subject}: the {difference.what} from the cloud differs from the plan.",
            why=f"Expected {difference.planned}, got {difference.reported}.",
            fix="Report it with the cloud's name; run the command again to correct it.",
        )
