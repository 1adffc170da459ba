"""Put packages' blobs on an instance's VM: from its cloud's object storage, or by SSH. Facts: none."""

from collections.abc import Mapping

from director.execute.steps import compiled, stored
from director.execute.steps.context import Context
from director.model.agent_state import SshTarget
from director.model.entries import Outcome
from director.model.release import CompiledPackage
from director.model.work import SendPackages


def do(context: Context, work: SendPackages) -> Outcome:
    """Let the VM fetch what it lacks; send by SSH what it could not fetch."""
    with context.reaching(context.vm(work.instance), context.instance(work.instance).name) as target:
        needed = dict(sorted(compiled.need_compiled(context, work.packages).items()))
        if work.store is not None:
            needed = _unfetched(context, target, needed, cloud=work.store)
        for name, package in needed.items():
            context.tell(f"sending {name}")
            context.world.agent.put_blob(target, package.digest)
    return Outcome()


def _unfetched(
    context: Context, target: SshTarget, packages: Mapping[str, CompiledPackage], *, cloud: str
) -> dict[str, CompiledPackage]:
    """What the VM does not have after it tried to fetch all."""
    blobs = stored.sign(context, cloud, packages.values())
    if not blobs:
        return dict(packages)
    context.tell(f"fetching {', '.join(packages)}")
    whys = context.world.agent.fetch_blobs(target, blobs)
    left = {name: package for name, package in packages.items() if package.digest in whys}
    for name, package in left.items():
        context.tell(f"{name} was not fetched from object storage ({whys[package.digest]})")
    return left
