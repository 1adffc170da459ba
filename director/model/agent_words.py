"""What an agent answers, read into values.

Takes JSON, gives AgentState; what a later guest adds is left aside.
"""

from collections.abc import Mapping
from dataclasses import fields

from cpi.contract.values import JsonValue
from director.model import as_data
from director.model.agent_state import AgentState, Process


def read_agent_state(answer: JsonValue) -> AgentState:
    """Give the state. Raises ValueError for what is none."""
    if not isinstance(answer, Mapping):
        raise ValueError("the answer to get_state is no object")
    known = _known(answer, AgentState)
    processes = known.pop("processes", [])
    if isinstance(processes, list | tuple):
        known["processes"] = [_known(one, Process) for one in processes if isinstance(one, Mapping)]
    return as_data.decode(AgentState, known)


def _known(data: Mapping[str, JsonValue], kind: type[AgentState] | type[Process]) -> dict[str, JsonValue]:
    names = {field.name for field in fields(kind)}
    return {key: value for key, value in data.items() if key in names}
