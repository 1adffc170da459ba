"""The state of a deployment as the document that is saved, also as an earlier version saved it.

Takes JSON, gives the state; of an earlier version in the shape of this one.
"""

from collections.abc import Mapping

from cpi.contract.values import JsonValue, NetworkSettings
from director.model import as_data
from director.model.agents import agent_address
from director.model.environments.state import STATE_VERSION, DeploymentState


def decode(data: Mapping[str, JsonValue]) -> DeploymentState:
    """The state. Raises ValueError where it does not fit."""
    return as_data.decode(DeploymentState, data if data.get("version") == STATE_VERSION else _from_version_1(data))


def _from_version_1(data: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """Every agent was reached by SSH, and a VM's record held the host key alone."""
    instances, compilers = data.get("instances", []), data.get("compilers", {})
    return {
        **data,
        "version": STATE_VERSION,
        "instances": [_instance(each) for each in instances] if isinstance(instances, list) else instances,
        "compilers": {name: _vm(each) for name, each in compilers.items()}
        if isinstance(compilers, Mapping)
        else compilers,
    }


def _instance(data: JsonValue) -> JsonValue:
    return {**data, "vm": _vm(data.get("vm"))} if isinstance(data, Mapping) else data


def _vm(data: JsonValue) -> JsonValue:
    if not isinstance(data, Mapping) or "host_key" not in data:
        return data
    rest = {key: value for key, value in data.items() if key != "host_key"}
    networks = as_data.decode(tuple[NetworkSettings, ...], data.get("networks", []))
    return {**rest, "agent": as_data.encode(agent_address.first_address(networks, str(data["host_key"]) or None))}
