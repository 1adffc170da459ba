"""Let go of a disk: it stays in the cloud, tagged."""

from contextlib import suppress

from cpi.contract.errors import NotFoundError
from director.actions.orphan_disk import OrphanDisk, OrphanDiskResult
from director.execute.steps.context import StepContext
from director.model.environments.observed import ORPHAN_TAG


def do(context: StepContext, work: OrphanDisk) -> OrphanDiskResult:
    """Tag it as orphaned, with the name of the instance that had it; one that is gone is let go of too."""
    disk = context.disk(work.instance, is_old=work.is_old)
    name = context.instance(work.instance).name
    tags = {ORPHAN_TAG: "true", "orphaned_by": name}
    with suppress(NotFoundError):
        context.cloud(disk.cloud).cloud.set_disk_metadata(disk.cid, tags)
    return OrphanDiskResult(cid=disk.cid, cloud=disk.cloud, instance=name)
