"""Put a package's source archive into the blobstore."""

from director.actions.pack_source import PackSource, PackSourceResult
from director.execute.steps.context import StepContext


def do(context: StepContext, work: PackSource) -> PackSourceResult:
    """Pack it; its blobs are fetched and checked."""
    return PackSourceResult(digest=context.world.releases.pack_package(work.package.source))
