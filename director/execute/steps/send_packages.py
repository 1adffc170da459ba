"""Put packages' blobs on an instance's VM: from its cloud's object storage, or by SSH."""

from director.actions.send_packages import SendPackages
from director.execute.steps import compiled, stored
from director.execute.steps.context import Context
from director.model.work import Result


def do(context: Context, work: SendPackages) -> Result:
    """Let the VM fetch what it lacks; send by SSH what it could not fetch."""
    with context.reaching(context.vm(work.instance), context.instance(work.instance).name) as target:
        needed = dict(sorted(compiled.need_compiled(context, work.packages).items()))
        for name, package in stored.fetch(context, target, needed, cloud=work.store).items():
            context.tell(f"sending {name}")
            context.world.agent.put_blob(target, package.digest)
    return Result()
