"""Every id of ours as a type of its own. A cloud's ids are in cpi.values.

Takes nothing, gives NewTypes.
"""

from typing import NewType

EnvironmentName = NewType("EnvironmentName", str)
DeploymentName = NewType("DeploymentName", str)
GroupName = NewType("GroupName", str)
InstanceId = NewType("InstanceId", str)
ActionId = NewType("ActionId", str)
RunId = NewType("RunId", str)
Digest = NewType("Digest", str)
"""A content digest, "sha256:<hex>"."""
