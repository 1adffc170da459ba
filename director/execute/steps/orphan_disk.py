"""Let go of a disk: it stays in the cloud, tagged."""

from contextlib import suppress

from cpi.contract.errors import NotFoundError
from director.actions.orphan_disk import OrphanDisk, OrphanDiskResult
from director.execute.steps import long_running
from director.execute.steps.context import StepContext
from director.model.environments.observed import ORPHAN_TAG
from director.ports.runner import NotYet


def do(context: StepContext, work: OrphanDisk) -> OrphanDiskResult | NotYet:
    """Tag it as orphaned, with the name of the instance that had it; one that is gone is let go of too."""
    disk = context.disk(work.instance, name=work.disk, is_old=work.is_old)
    name = context.instance(work.instance).name
    tags = {ORPHAN_TAG: "true", "orphaned_by": name}
    calls = long_running.calls_of(context, disk.cloud)
    with suppress(NotFoundError):
        left = long_running.carry_out(context, disk.cloud, lambda: calls.set_disk_metadata(disk.cid, tags))
        if left is not None:
            return left
    return OrphanDiskResult(cid=disk.cid, cloud=disk.cloud, instance=name)
