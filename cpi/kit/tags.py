"""How our own things are found again: the owner key as tags (AWS, Azure) or metadata (OpenStack).

Takes owner keys and tags, gives tags and owner keys. Clouds differ in what a value may hold, so each plugin checks
its own limits; these names fit all of them.
"""

import json
from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator

from cpi.contract.errors import CloudError
from cpi.contract.values import OwnerKey, OwnerQuery, deployment_of, deployment_text

ENVIRONMENT = "compleat-environment"
DEPLOYMENT = "compleat-deployment"
ACTION = "compleat-action"

PREFIX = "compleat-"
"""The prefix of every tag that plugins read."""

OWNER_TAGS = frozenset({ENVIRONMENT, DEPLOYMENT, ACTION})
"""Tags to keep when a resource's tags are replaced."""


def _as_text(value: object) -> object:
    """As BOSH casts it."""
    return json.dumps(value) if isinstance(value, bool | int | float) else value


def _without_nulls(written: object) -> object:
    return {name: one for name, one in written.items() if one is not None} if isinstance(written, Mapping) else written


WrittenTags = Annotated[Mapping[str, Annotated[str, BeforeValidator(_as_text)]], BeforeValidator(_without_nulls)]
"""Tags of cloud properties: numbers and yes or no become text, and what is null is left out."""


def tags_of(owner: OwnerKey) -> dict[str, str]:
    """All three, also where one is empty: a resource with fewer is not ours."""
    return {ENVIRONMENT: owner.environment, DEPLOYMENT: deployment_text(owner.deployment), ACTION: owner.action}


def read_owner(tags: Mapping[str, str]) -> OwnerKey | None:
    """Whose a resource with these tags is; None: not ours."""
    if not tags.keys() >= OWNER_TAGS:
        return None
    return OwnerKey(environment=tags[ENVIRONMENT], deployment=deployment_of(tags[DEPLOYMENT]), action=tags[ACTION])


def other_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """What is on a resource beside its owner key."""
    return {name: value for name, value in tags.items() if name not in OWNER_TAGS}


def is_asked_for(owner: OwnerKey, query: OwnerQuery) -> bool:
    """Whether a query means this owner's resources."""
    return owner.environment == query.environment and query.deployment in (None, owner.deployment)


def check_environment_tags(tags: Mapping[str, str]) -> None:
    """Refuse reserved names, by which compleat finds its resources. Raises CloudError, code tag-name-reserved."""
    reserved = sorted(name for name in tags if name.lower().startswith(PREFIX))
    if reserved:
        raise CloudError(
            "tag-name-reserved",
            f"The environment's tags have reserved names: {', '.join(reserved)}.",
            why=f"compleat finds its resources by tags whose names begin with '{PREFIX}'.",
            fix="Rename them under `tags` in the environment's file.",
        )
