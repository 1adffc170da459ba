"""Blobs in a cloud's object storage: their names there, and URLs for VMs.

Takes compiled packages, has an agent fetch them.
"""

from collections.abc import Iterable, Mapping

from cpi.contract.cloud import Storage
from cpi.contract.errors import NotSupportedError
from director.errors import StateError
from director.execute.steps.context import StepContext
from director.model.agents.agent_address import AgentTarget
from director.model.agents.agent_answers import StoredBlob
from director.model.ids import storage_name
from director.model.releases.release import CompiledPackage

_VALID_S = 3600
"""How long a VM may fetch: large packages over slow lines begin within it, and no URL opens anything for long."""


def storage_of(context: StepContext, cloud: str) -> Storage:
    """The cloud's object storage. Raises StateError, code `cloud-without-storage`."""
    storage = context.cloud(cloud).storage
    if storage is None:
        raise StateError(
            "cloud-without-storage",
            f"The plan stores packages in cloud '{cloud}', which has no object storage.",
            fix="Run the command again to make a new plan.",
        )
    return storage


def fetch(
    context: StepContext, target: AgentTarget, packages: Mapping[str, CompiledPackage], *, cloud: str | None
) -> dict[str, CompiledPackage]:
    """Let a VM fetch what it lacks; gives what it does not have afterwards. Without a cloud that is everything."""
    blobs = _sign(context, cloud, packages.values()) if cloud is not None and packages else ()
    if not blobs:
        return dict(packages)
    context.report(f"fetching {', '.join(packages)}")
    whys = context.world.agent.fetch_blobs(target, blobs)
    left = {name: package for name, package in packages.items() if package.digest in whys}
    for name, package in left.items():
        context.report(f"{name} was not fetched from object storage ({whys[package.digest]})")
    return left


def _sign(context: StepContext, cloud: str, packages: Iterable[CompiledPackage]) -> tuple[StoredBlob, ...]:
    """Where a VM fetches each; none where the storage cannot sign."""
    storage = storage_of(context, cloud)
    try:
        return tuple(
            StoredBlob(
                digest=package.digest,
                size=package.size,
                url=storage.sign_url(storage_name(package.digest), valid_s=_VALID_S),
            )
            for package in packages
        )
    except NotSupportedError as error:
        context.report(f"no URLs to fetch packages from: {error.what} {error.why}".strip())
        return ()
