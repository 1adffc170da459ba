"""Give the instance's disk to its VM."""

from director.actions.attach_disk import AttachDisk, AttachDiskResult
from director.execute.steps import long_running
from director.execute.steps.context import StepContext
from director.ports.runner import NotYet


def do(context: StepContext, work: AttachDisk) -> AttachDiskResult | NotYet:
    """Attach it; attached before is fine."""
    disk, vm = context.disk(work.instance, name=work.disk, is_old=work.is_old), context.vm(work.instance)
    calls = long_running.calls_of(context, vm.cloud)
    hint = long_running.carry_out(context, vm.cloud, lambda: calls.attach_disk(vm.cid, disk.cid))
    return hint if isinstance(hint, NotYet) else AttachDiskResult(cid=disk.cid, hint=hint or None)
