"""How our own things are found again: the owner key as tags (AWS, Azure) or metadata (OpenStack).

Takes owner keys and tags, gives tags and owner keys. Clouds differ in what a value may hold, so each plugin checks
its own limits; these names fit all of them.
"""

from collections.abc import Mapping

from cpi.values import OwnerKey, OwnerQuery

ENVIRONMENT = "compleat-environment"
DEPLOYMENT = "compleat-deployment"
ACTION = "compleat-action"

OWNER_TAGS = frozenset({ENVIRONMENT, DEPLOYMENT, ACTION})
"""Kept by whoever replaces a resource's tags."""


def tags_of(owner: OwnerKey) -> dict[str, str]:
    """All three, also where one is empty: a resource with fewer is not ours."""
    return {ENVIRONMENT: owner.environment, DEPLOYMENT: owner.deployment, ACTION: owner.action}


def read_owner(tags: Mapping[str, str]) -> OwnerKey | None:
    """Whose a resource with these tags is; None: not ours."""
    if not tags.keys() >= OWNER_TAGS:
        return None
    return OwnerKey(environment=tags[ENVIRONMENT], deployment=tags[DEPLOYMENT], action=tags[ACTION])


def other_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """What is on a resource beside its owner key."""
    return {name: value for name, value in tags.items() if name not in OWNER_TAGS}


def is_asked_for(owner: OwnerKey, query: OwnerQuery) -> bool:
    """Whether a query means this owner's resources."""
    return owner.environment == query.environment and query.deployment in (None, owner.deployment)
