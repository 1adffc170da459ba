"""Put a compiled package into a cloud's object storage."""

from cpi.contract.errors import NotSupportedError
from director.actions.store_package import StorePackage
from director.execute.steps import compiled_packages, stored_blobs
from director.execute.steps.context import StepContext
from director.model.ids import storage_name
from director.model.tasks.work import Result


def do(context: StepContext, work: StorePackage) -> Result:
    """Send it unless it is there. Where the storage takes none, instances are sent it by SSH."""
    package = compiled_packages.need_compiled(context, {work.name: work.key})[work.name]
    storage = stored_blobs.storage_of(context, work.cloud)
    try:
        with context.world.blobs.open_blob(package.digest) as stream:
            storage.put_blob(storage_name(package.digest), stream, size=package.size)
    except NotSupportedError as error:
        context.report(f"compleat sends it to each instance by SSH: {error.what} {error.why}".strip())
    return Result()
