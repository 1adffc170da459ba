"""Create a persistent disk near the instance's VM."""

from dataclasses import replace

from director.actions.create_disk import CreateDisk
from director.execute.steps import long_running, owned_resources
from director.execute.steps.context import StepContext
from director.model.tasks.work import CidResult
from director.ports.runner import NotYet


def do(context: StepContext, work: CreateDisk) -> CidResult | NotYet:
    """Create it, empty and attached to nothing."""
    vm = context.instance(work.instance).vm
    request = replace(work.request, vm_cid=vm.cid if vm else None)
    calls = long_running.calls_of(context, work.cloud)
    cid = long_running.carry_out(context, work.cloud, lambda: calls.create_disk(request))
    return cid if isinstance(cid, NotYet) else CidResult(cid=cid)


def find(context: StepContext, work: CreateDisk) -> CidResult | None:
    """Look for it by its owner key."""
    finder = owned_resources.need_finder(context, work.cloud)
    disks = finder.find_disks(owned_resources.query_of(work.request.owner))
    return next((CidResult(cid=disk.cid) for disk in disks if disk.owner == work.request.owner), None)
