"""Put a compiled package into a cloud's object storage."""

from cpi.errors import NotSupportedError
from director.actions.store_package import StorePackage
from director.execute.steps import compiled, stored
from director.execute.steps.context import Context
from director.model.work import Result


def do(context: Context, work: StorePackage) -> Result:
    """Send it unless it is there. Where the storage takes none, instances are sent it by SSH."""
    package = compiled.need_compiled(context, {work.name: work.key})[work.name]
    storage = stored.storage_of(context, work.cloud)
    try:
        with context.world.blobs.open_blob(package.digest) as stream:
            storage.put_blob(stored.name_of(package.digest), stream, size=package.size)
    except NotSupportedError as error:
        context.tell(f"it goes to each instance by SSH: {error.what} {error.why}".strip())
    return Result()
