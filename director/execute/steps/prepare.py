"""Unpack packages without enabling them."""

from director.actions.prepare import Prepare
from director.execute.steps import compiled_packages
from director.execute.steps.context import StepContext
from director.model.work import Result


def do(context: StepContext, work: Prepare) -> Result:
    """Unpack what is not unpacked yet."""
    context.ask_agent(
        work.instance, "prepare", {"packages": compiled_packages.describe_packages(context, work.packages)}
    )
    return Result()
