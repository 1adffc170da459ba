"""Looking for what a call may have made, by owner key.

Takes a context and a cloud's name, gives the cloud's finder or says that a person must look.
"""

from dataclasses import replace

from cpi.contract.cloud import Finder
from cpi.contract.values import OwnerKey, OwnerQuery
from director.errors import StateError
from director.execute.engine import NOT_THERE
from director.execute.resume import UNCERTAIN
from director.execute.steps.context import StepContext
from director.model.tasks.entries import Failure


def need_finder(context: StepContext, cloud: str) -> Finder:
    """The cloud's finder. Raises StateError, code `call-uncertain`, naming the call that may have happened."""
    finder = context.cloud(cloud).finder
    if finder is None:
        action = context.call.action
        raise StateError(
            UNCERTAIN,
            f"{action.work.kind} for {action.subject} may have taken effect, and cloud '{cloud}' cannot report it.",
            why=f"Call '{action.id}' was sent and its answer is not recorded; this cloud cannot search by owner key.",
            fix="Find the resource in the cloud and delete it there; then close the task with `compleat cancel-task`.",
        )
    return finder


def query_of(owner: OwnerKey) -> OwnerQuery:
    """All that belongs with this owner."""
    return OwnerQuery(environment=owner.environment, deployment=owner.deployment)


def in_part(what: str) -> Failure:
    """Give what looking says of a call that got half its way: neither done nor without effect."""
    return replace(NOT_THERE, what=what)
