"""Put a package that its release has compiled into the cache of compiled packages."""

import os

from director.actions.take_compiled import TakeCompiled
from director.execute.steps.context import StepContext
from director.model.releases.release import CompiledPackage
from director.model.tasks.work import Result


def do(context: StepContext, work: TakeCompiled) -> Result:
    """Take its archive out of the release, checked, and remember it under the package's key."""
    world, package = context.world, work.package
    digest = world.releases.pack_package(package.source)
    with world.blobs.open_blob(digest) as stream:
        size = stream.seek(0, os.SEEK_END)
    world.blobs.save_compiled(CompiledPackage(key=package.key, digest=digest, size=size))
    return Result()
