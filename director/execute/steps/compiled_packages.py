"""Compiled packages as agents want them named.

Takes package names with their compile keys, gives them for the verbs prepare, apply, drain and compile_package.
"""

from collections.abc import Mapping

from director.errors import StateError
from director.execute.steps.context import StepContext
from director.model.agents.agent_requests import PackageBlob
from director.model.releases.release import CompiledPackage


def need_compiled(context: StepContext, keys: Mapping[str, str]) -> Mapping[str, CompiledPackage]:
    """The compiled packages by name. Raises StateError, code `compiled-package-missing`, naming all."""
    found = context.world.blobs.find_compiled(keys.values())
    missing = sorted(name for name, key in keys.items() if key not in found)
    if missing:
        raise StateError(
            "compiled-package-missing",
            f"{context.call.action.subject} needs missing compiled packages: {', '.join(missing)}.",
            why="The blobstore does not have them.",
            fix="Run the command again; compleat compiles them again.",
        )
    return {name: found[key] for name, key in keys.items()}


def package_blobs(context: StepContext, keys: Mapping[str, str]) -> tuple[PackageBlob, ...]:
    """One for each, by name; the compile key is the version."""
    compiled = sorted(need_compiled(context, keys).items())
    return tuple(PackageBlob(name=name, version=package.key, digest=package.digest) for name, package in compiled)
