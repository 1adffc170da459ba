"""Give the instance's disk to its VM."""

from director.actions.attach_disk import AttachDisk, AttachDiskResult
from director.execute.steps.context import StepContext


def do(context: StepContext, work: AttachDisk) -> AttachDiskResult:
    """Attach it; attached before is fine."""
    disk, vm = context.disk(work.instance, is_old=work.is_old), context.vm(work.instance)
    hint = context.cloud(vm.cloud).cloud.attach_disk(vm.cid, disk.cid)
    return AttachDiskResult(cid=disk.cid, hint=hint or None)
