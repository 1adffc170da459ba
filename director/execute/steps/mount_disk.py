"""Mount the instance's attached disk."""

from director.actions.mount_disk import MountDisk
from director.errors import StateError
from director.execute.steps.context import StepContext
from director.model.tasks.work import CidResult


def do(context: StepContext, work: MountDisk) -> CidResult:
    """Mount it on the store, or beside it while an old disk is mounted there; mounted before is fine."""
    disk = context.disk(work.instance, is_old=work.is_old)
    if disk.hint is None:
        raise StateError(
            "disk-without-hint",
            f"Disk {disk.cid} of {context.instance(work.instance).name} is attached at an unknown device.",
            fix="Run the command again; it attaches the disk again.",
        )
    with context.agent_of(work.instance) as target:
        context.world.agent.mount_disk(target, disk.cid, hint=disk.hint)
    return CidResult(cid=disk.cid)
