"""Take a disk from the instance's VM."""

from director.actions.detach_disk import DetachDisk
from director.execute.steps.context import StepContext
from director.model.work import CidResult


def do(context: StepContext, work: DetachDisk) -> CidResult:
    """Detach it; not attached before is fine."""
    disk, vm = context.disk(work.instance, is_old=work.is_old), context.vm(work.instance)
    context.cloud(vm.cloud).cloud.detach_disk(vm.cid, disk.cid)
    return CidResult(cid=disk.cid)
