"""Delete an orphaned disk."""

from director.actions.delete_disk import DeleteDisk
from director.execute.steps import long_running
from director.execute.steps.context import StepContext
from director.model.tasks.work import CidResult
from director.ports.runner import NotYet


def do(context: StepContext, work: DeleteDisk) -> CidResult | NotYet:
    """Delete it; gone before is fine."""
    calls = long_running.calls_of(context, work.cloud)
    left = long_running.carry_out(context, work.cloud, lambda: calls.delete_disk(work.cid))
    return left or CidResult(cid=work.cid)


def find(context: StepContext, work: DeleteDisk) -> CidResult | None:
    """Ask whether it is gone."""
    is_there = context.cloud(work.cloud).cloud.has_disk(work.cid)
    return None if is_there else CidResult(cid=work.cid)
