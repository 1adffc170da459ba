"""Let an instance's jobs finish their work."""

from cpi.values import JsonValue
from director.actions.drain import Drain
from director.execute.steps import compiled
from director.execute.steps.context import Context
from director.model.work import Result


def do(context: Context, work: Drain) -> Result:
    """Run drain scripts until they are content."""
    arguments: dict[str, JsonValue] = {"type": work.type}
    if work.type == "update":
        packages = compiled.describe_packages(context, work.next_packages)
        arguments["next_spec"] = {"packages": packages, "configuration_hash": work.next_hash}
    context.ask_agent(work.instance, "drain", arguments)
    return Result()
