"""Let the instance's jobs find a named disk's device."""

from director.actions.associate_disk import AssociateDisk
from director.execute.steps.context import StepContext
from director.model.agents.agent_requests import DiskAssociation
from director.model.tasks.work import CidResult


def do(context: StepContext, work: AssociateDisk) -> CidResult:
    """Give it its name; associated before is fine, and another disk of that name loses it."""
    disk = context.disk(work.instance, name=work.disk)
    hint = context.hint_of(work.instance, disk)
    request = DiskAssociation(name=work.disk, cid=disk.cid, hint=hint, size_mib=disk.size_mib)
    with context.agent_of(work.instance) as target:
        context.world.agent.associate_disk(target, request)
    return CidResult(cid=disk.cid)
