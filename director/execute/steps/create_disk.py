"""Create a persistent disk near the instance's VM."""

from dataclasses import replace

from director.actions.create_disk import CreateDisk
from director.execute.steps import owned_resources
from director.execute.steps.context import StepContext
from director.model.work import CidResult


def do(context: StepContext, work: CreateDisk) -> CidResult:
    """Create it, empty and attached to nothing."""
    vm = context.instance(work.instance).vm
    request = replace(work.request, vm_cid=vm.cid if vm else None)
    return CidResult(cid=context.cloud(work.cloud).cloud.create_disk(request))


def find(context: StepContext, work: CreateDisk) -> CidResult | None:
    """Look for it by its owner key."""
    finder = owned_resources.need_finder(context, work.cloud)
    disks = finder.find_disks(owned_resources.query_of(work.request.owner))
    return next((CidResult(cid=disk.cid) for disk in disks if disk.owner == work.request.owner), None)
