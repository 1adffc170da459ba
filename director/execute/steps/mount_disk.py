"""Mount the instance's attached disk."""

from director.actions.mount_disk import MountDisk
from director.execute.steps.context import StepContext
from director.model.tasks.work import CidResult


def do(context: StepContext, work: MountDisk) -> CidResult:
    """Mount it on the store, or beside it while an old disk is mounted there; mounted before is fine."""
    disk = context.disk(work.instance, is_old=work.is_old)
    hint = context.hint_of(work.instance, disk)
    with context.agent_of(work.instance) as target:
        context.world.agent.mount_disk(target, disk.cid, hint=hint)
    return CidResult(cid=disk.cid)
