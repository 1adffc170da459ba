"""Let an instance's jobs finish their work."""

from director.actions.drain import Drain
from director.execute.steps import compiled_packages
from director.execute.steps.context import StepContext
from director.model.agents.agent_requests import NextSpec
from director.model.tasks.work import Result


def do(context: StepContext, work: Drain) -> Result:
    """Run drain scripts until they are content."""
    following = _following(context, work) if work.type == "update" else None
    with context.agent_of(work.instance) as target:
        context.world.agent.drain(target, following, watch=context.report)
    return Result()


def _following(context: StepContext, work: Drain) -> NextSpec:
    packages = compiled_packages.package_blobs(context, work.next_packages)
    return NextSpec(packages=packages, configuration_hash=work.next_hash)
