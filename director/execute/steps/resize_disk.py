"""Grow the instance's detached disk."""

from director.actions.resize_disk import ResizeDisk, ResizeDiskResult
from director.execute.steps import long_running
from director.execute.steps.context import StepContext
from director.ports.runner import NotYet


def do(context: StepContext, work: ResizeDisk) -> ResizeDiskResult | NotYet:
    """Grow it."""
    disk = context.disk(work.instance)
    calls = long_running.calls_of(context, disk.cloud)
    left = long_running.carry_out(context, disk.cloud, lambda: calls.resize_disk(disk.cid, work.size_mib))
    return left or ResizeDiskResult(cid=disk.cid, size_mib=work.size_mib)
