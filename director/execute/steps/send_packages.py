"""Put packages' blobs on an instance's VM: from its cloud's object storage, or by SSH."""

from director.actions.send_packages import SendPackages
from director.execute.steps import compiled_packages, stored_blobs
from director.execute.steps.context import StepContext
from director.model.tasks.work import Result


def do(context: StepContext, work: SendPackages) -> Result:
    """Let the VM fetch what it lacks; send by SSH what it could not fetch."""
    with context.agent_of(work.instance) as target:
        needed = dict(sorted(compiled_packages.need_compiled(context, work.packages).items()))
        for name, package in stored_blobs.fetch(context, target, needed, cloud=work.store).items():
            context.report(f"sending {name}")
            context.world.agent.put_blob(target, package.digest)
    return Result()
