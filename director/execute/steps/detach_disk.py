"""Take a disk from the instance's VM."""

from director.actions.detach_disk import DetachDisk
from director.execute.steps import long_running
from director.execute.steps.context import StepContext
from director.model.tasks.work import CidResult
from director.ports.runner import NotYet


def do(context: StepContext, work: DetachDisk) -> CidResult | NotYet:
    """Detach it; not attached before is fine."""
    disk, vm = context.disk(work.instance, name=work.disk, is_old=work.is_old), context.vm(work.instance)
    calls = long_running.calls_of(context, vm.cloud)
    left = long_running.carry_out(context, vm.cloud, lambda: calls.detach_disk(vm.cid, disk.cid))
    return left or CidResult(cid=disk.cid)
