"""Put packages' blobs on an instance's VM. Facts: none."""

from director.execute.steps import compiled
from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.work import SendPackages


def do(context: Context, work: SendPackages) -> Outcome:
    """Send what is not there yet."""
    with context.reaching(context.vm(work.instance), context.instance(work.instance).name) as target:
        for name, package in sorted(compiled.need_compiled(context, work.packages).items()):
            context.tell(f"sending {name}")
            context.world.agent.put_blob(target, package.digest)
    return Outcome()
