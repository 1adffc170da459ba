"""Remove the name of a named disk from the instance's VM."""

from director.actions.dissociate_disk import DissociateDisk
from director.execute.steps.context import StepContext
from director.model.tasks.work import CidResult


def do(context: StepContext, work: DissociateDisk) -> CidResult:
    """Remove it; not associated before is fine."""
    disk = context.disk(work.instance, name=work.disk, is_old=work.is_old)
    with context.agent_of(work.instance) as target:
        context.world.agent.dissociate_disk(target, disk.cid)
    return CidResult(cid=disk.cid)
