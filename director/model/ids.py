"""Each of compleat's ids as a type of its own. A cloud's ids are in cpi.contract.values.

Takes nothing, gives NewTypes, and what an id says or names elsewhere.
"""

from typing import NewType

from cpi.contract.values import ENVIRONMENT_ITSELF, EnvironmentItself

EnvironmentName = NewType("EnvironmentName", str)
DeploymentName = NewType("DeploymentName", str)
GroupName = NewType("GroupName", str)
InstanceId = NewType("InstanceId", str)
ActionId = NewType("ActionId", str)
RunId = NewType("RunId", str)

OwnerName = DeploymentName | EnvironmentItself
"""A deployment, or the environment itself: what a run, a plan, a lease and a state are of."""

Digest = NewType("Digest", str)
"""A content digest, "sha256:<hex>"."""


def storage_name(digest: Digest) -> str:
    """The name of a blob in every cloud's object storage: "sha256/<64 hex digits>"."""
    return digest.replace(":", "/")


def kind_of(action: ActionId) -> str:
    """The kind of work that an action's id names: "<run>/<kind>/<subject>"; "" for an id of another form."""
    return action.split("/")[1] if "/" in action else ""


def owner_name(text: str) -> OwnerName:
    """What `text` of a saved state, journal or lease names: "" is the environment itself."""
    return DeploymentName(text) if text else ENVIRONMENT_ITSELF
