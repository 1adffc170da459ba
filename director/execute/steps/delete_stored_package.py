"""Delete a compiled package from a cloud's object storage."""

from director.actions.delete_stored_package import DeleteStoredPackage
from director.execute.steps import stored_blobs
from director.execute.steps.context import StepContext
from director.model.tasks.work import Result


def do(context: StepContext, work: DeleteStoredPackage) -> Result:
    """Remove it; gone before is fine."""
    stored_blobs.storage_of(context, work.cloud).delete_blob(work.name)
    return Result()
