"""Unmount a disk of the instance."""

from director.actions.unmount_disk import UnmountDisk
from director.execute.steps.context import StepContext
from director.model.tasks.work import CidResult


def do(context: StepContext, work: UnmountDisk) -> CidResult:
    """Unmount it; not mounted before is fine."""
    disk = context.disk(work.instance, is_old=work.is_old)
    with context.agent_of(work.instance) as target:
        context.world.agent.unmount_disk(target, disk.cid)
    return CidResult(cid=disk.cid)
