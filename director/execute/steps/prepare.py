"""Unpack packages without enabling them."""

from director.actions.prepare import Prepare
from director.execute.steps import compiled
from director.execute.steps.context import Context
from director.model.work import Result


def do(context: Context, work: Prepare) -> Result:
    """Unpack what is not unpacked yet."""
    context.ask_agent(work.instance, "prepare", {"packages": compiled.describe_packages(context, work.packages)})
    return Result()
