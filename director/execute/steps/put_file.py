"""Write a file on an instance's VM."""

from collections.abc import Mapping

from cpi.contract.values import JsonValue
from director.actions.put_file import PutFile
from director.errors import StateError
from director.execute.steps.context import StepContext
from director.model.agents.agent_requests import FileRequest
from director.model.secret_ref import SecretRef
from director.model.tasks.work import Result


def do(context: StepContext, work: PutFile) -> Result:
    """Write it, secrets put in; they go to the agent and nowhere else."""
    text = "".join(part if isinstance(part, str) else _secret(context, part) for part in work.content.parts)
    request = FileRequest(path=work.path, content=text.encode(), mode=work.mode, owner=work.owner)
    with context.agent_of(work.instance) as target:
        context.world.agent.put_file(target, request)
    return Result()


def _secret(context: StepContext, ref: SecretRef) -> str:
    value: JsonValue = context.world.vault.get_secret(ref.name)
    for key in ref.path:
        if not isinstance(value, Mapping) or key not in value:
            raise StateError("secret-field-missing", f"Secret '{ref.name}' has no field '{'.'.join(ref.path)}'.")
        value = value[key]
    return str(value)
