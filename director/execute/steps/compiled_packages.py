"""Compiled packages as agents want them named.

Takes package names with their compile keys, gives lists for the verbs prepare, apply, drain and compile_package.
"""

from collections.abc import Mapping

from cpi.contract.values import JsonValue
from director.errors import StateError
from director.execute.steps.context import StepContext
from director.model.release import CompiledPackage


def need_compiled(context: StepContext, keys: Mapping[str, str]) -> Mapping[str, CompiledPackage]:
    """The compiled packages by name. Raises StateError, code `compiled-package-missing`, naming all."""
    found = context.world.blobs.find_compiled(keys.values())
    missing = sorted(name for name, key in keys.items() if key not in found)
    if missing:
        raise StateError(
            "compiled-package-missing",
            f"{context.call.action.subject} needs compiled packages that are not there: {', '.join(missing)}.",
            why="The blobstore does not have them.",
            fix="Run the command again; they are compiled anew.",
        )
    return {name: found[key] for name, key in keys.items()}


def describe_packages(context: StepContext, keys: Mapping[str, str]) -> list[JsonValue]:
    """One {name, version, digest} for each, by name; the compile key is the version: it changes when content may."""
    compiled = need_compiled(context, keys)
    return [
        {"name": name, "version": package.key, "digest": package.digest} for name, package in sorted(compiled.items())
    ]
