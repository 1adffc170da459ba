"""Whether a resource is ours, and the refusal of one that is not.

Takes a resource and an environment, gives it back, or raises ConflictError.
"""

from collections.abc import Mapping
from typing import Any

from cpi.contract.errors import ConflictError, NotFoundError
from cpi.contract.values import OwnerKey
from cpi.kit import judge, tags

Json = Mapping[str, Any]


def require(resource: Json, environment: str) -> Json:
    """Refuse what another environment, or somebody else, made. Raises ConflictError, code name-taken."""
    owner = tags.read_owner(resource.get("tags") or {})
    if owner is None or owner.environment != environment:
        raise _owned_by_others(resource, owner)
    return resource


def require_same(resource: Json, owner: OwnerKey) -> Json:
    """Refuse what this very owner did not make, though it has the name that ours would have."""
    found = tags.read_owner(resource.get("tags") or {})
    if found != owner:
        raise _owned_by_others(resource, found)
    return resource


def need(resource: Json | None, what: str) -> Json:
    """Refuse what is not there. Raises NotFoundError, code not-found."""
    if resource is None:
        raise NotFoundError(
            "not-found",
            f"The {what} does not exist.",
            why="Azure has no resource of that name in the environment's resource group.",
            fix="Run `compleat deploy` again: it creates what is missing.",
        )
    return resource


def _owned_by_others(resource: Json, owner: OwnerKey | None) -> ConflictError:
    whose = f"It belongs to environment '{owner.environment}'." if owner else "It has no owner tags of compleat."
    fix = "Rename or delete it, or use another resource group or environment name."
    return judge.name_taken(str(resource.get("type")), str(resource.get("name")), why=whose, fix=fix)
