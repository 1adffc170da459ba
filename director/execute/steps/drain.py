"""Let an instance's jobs finish their work."""

from cpi.contract.values import JsonValue
from director.actions.drain import Drain
from director.execute.steps import compiled_packages
from director.execute.steps.context import StepContext
from director.model.work import Result


def do(context: StepContext, work: Drain) -> Result:
    """Run drain scripts until they are content."""
    arguments: dict[str, JsonValue] = {"type": work.type}
    if work.type == "update":
        packages = compiled_packages.describe_packages(context, work.next_packages)
        arguments["next_spec"] = {"packages": packages, "configuration_hash": work.next_hash}
    context.ask_agent(work.instance, "drain", arguments)
    return Result()
