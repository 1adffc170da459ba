"""Each of compleat's ids as a type of its own. A cloud's ids are in cpi.contract.values.

Takes nothing, gives NewTypes, and what an id says.
"""

from typing import NewType

EnvironmentName = NewType("EnvironmentName", str)
DeploymentName = NewType("DeploymentName", str)
GroupName = NewType("GroupName", str)
InstanceId = NewType("InstanceId", str)
ActionId = NewType("ActionId", str)
RunId = NewType("RunId", str)
ENVIRONMENT_ITSELF = DeploymentName("")
"""In place of a deployment where the environment itself is meant: its landing zone, its stemcells, its record.

This is the value in saved states, journals, leases and owner keys; no deployment can have it as its name.
"""

Digest = NewType("Digest", str)
"""A content digest, "sha256:<hex>"."""


def kind_of(action: ActionId) -> str:
    """The kind of work that an action's id names: "<run>/<kind>/<subject>"; "" for an id of another form."""
    return action.split("/")[1] if "/" in action else ""
