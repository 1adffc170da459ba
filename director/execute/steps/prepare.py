"""Unpack packages without enabling them. Facts: none."""

from director.execute.steps import compiled
from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.work import Prepare


def do(context: Context, work: Prepare) -> Outcome:
    """Unpack what is not unpacked yet."""
    context.ask_agent(work.instance, "prepare", {"packages": compiled.describe_packages(context, work.packages)})
    return Outcome()
