"""Make an orphaned disk the one on an instance's store."""

from director.actions.adopt_disk import AdoptDisk
from director.execute.steps import long_running
from director.execute.steps.context import StepContext
from director.model.environments.observed import INSTANCE_TAG, NOT_ORPHANED, ORPHAN_TAG
from director.model.tasks.work import CidResult
from director.ports.runner import NotYet


def do(context: StepContext, work: AdoptDisk) -> CidResult | NotYet:
    """Tag it as the instance's, so that it is found as such if all records are lost."""
    record = context.instance(work.instance)
    tags = {
        ORPHAN_TAG: NOT_ORPHANED,
        INSTANCE_TAG: str(record.id),
        "instance_group": str(record.group),
        "index": str(record.index),
    }
    calls = long_running.calls_of(context, work.cloud)
    left = long_running.carry_out(context, work.cloud, lambda: calls.set_disk_metadata(work.cid, tags))
    return left or CidResult(cid=work.cid)
