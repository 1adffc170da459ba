"""Copy the old disk's content to the new one and mount that in its place."""

from director.actions.migrate_disk import MigrateDisk, MigrateDiskResult
from director.execute.steps.context import StepContext


def do(context: StepContext, work: MigrateDisk) -> MigrateDiskResult:
    """Copy and swap."""
    old, new = context.disk(work.instance, is_old=True), context.disk(work.instance)
    with context.agent_of(work.instance) as target:
        context.world.agent.migrate_disk(target, old=old.cid, new=new.cid)
    return MigrateDiskResult(from_cid=old.cid, cid=new.cid)
