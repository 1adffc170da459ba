"""Unpack packages without enabling them."""

from director.actions.prepare import Prepare
from director.execute.steps import compiled_packages
from director.execute.steps.context import StepContext
from director.model.tasks.work import Result


def do(context: StepContext, work: Prepare) -> Result:
    """Unpack what is not unpacked yet."""
    packages = compiled_packages.package_blobs(context, work.packages)
    with context.agent_of(work.instance) as target:
        context.world.agent.prepare(target, packages, watch=context.report)
    return Result()
