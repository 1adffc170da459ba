"""Assignments of roles: bodies built and answers read, pure.

Takes a scope, a principal and a role's definition, gives JSON and paths; takes assignments, gives whether one is there.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from cpi.clouds.azure.wire import names

Json = Mapping[str, Any]
_ROLES = uuid.UUID("6f1d2c1e-2f4b-5b0e-9d0a-0c7a3f3f7a11")


def render_role(principal_id: str, definition_id: str) -> dict[str, Any]:
    """The stated type spares Azure a lookup in a directory that may not have the principal yet."""
    properties = {"roleDefinitionId": definition_id, "principalId": principal_id}
    return {"properties": {**properties, "principalType": "ServicePrincipal"}}


def role_path(scope: str, principal_id: str, definition_id: str) -> str:
    """Where the assignment is: the same three make the same name, so it is given once."""
    words = f"{scope.lower()}\n{principal_id}\n{names.last(definition_id)}"
    return f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid5(_ROLES, words)}"


def has_role(listed: Sequence[Json], scope: str, definition_id: str) -> bool:
    """Whether a list of a principal's assignments gives the role there, or above."""
    for each in listed:
        properties = each["properties"]
        is_same = names.last(str(properties["roleDefinitionId"])) == names.last(definition_id)
        if is_same and f"{scope}/".lower().startswith(f"{str(properties['scope']).rstrip('/')}/".lower()):
            return True
    return False
