"""Applications and their secrets: bodies built and answers read, pure.

Takes what is wanted, gives JSON; takes Graph's JSON, gives Applications. An application is ours by its tags, and unique
by a name of our own making: asked for twice, it is made once.
Source: microsoftgraph/microsoft-graph-docs-contrib api-reference/v1.0/api/application-upsert.md @028b8e3.
"""

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from cpi.clouds.azure.wire import names
from cpi.contract.errors import ConflictError
from cpi.contract.value_classes import dataclass

Json = Mapping[str, Any]
FIELDS = "id,appId,displayName,tags,passwordCredentials"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """`text` is returned once, on creation; "" later."""

    key_id: str
    name: str
    expires: str
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """`id` is the object's in the directory, `app_id` the one to sign in with."""

    id: str
    app_id: str
    name: str
    tags: tuple[str, ...]
    secrets: tuple[Secret, ...]


def application_name(environment: str) -> str:
    """What an environment's application is called unless somebody says otherwise."""
    return names.group_name(environment)


def unique_name(environment: str, subscription: str) -> str:
    """The key that only one application of the tenant can have."""
    digest = hashlib.sha256(f"{subscription}\n{environment}".encode()).hexdigest()
    return f"compleat-{digest[:32]}"


def owner_tags(environment: str, subscription: str) -> tuple[str, ...]:
    """How we find our own again."""
    return (f"compleat-environment:{environment}", f"compleat-subscription:{subscription}")


def render_application(name: str, tags: Sequence[str]) -> dict[str, Any]:
    """Signs in within its own tenant only."""
    return {"displayName": name, "signInAudience": "AzureADMyOrg", "tags": list(tags)}


def render_secret(name: str, *, now_s: float, days: int) -> dict[str, Any]:
    """A secret that lives `days` from now."""
    end = datetime.datetime.fromtimestamp(now_s, datetime.UTC) + datetime.timedelta(days=days)
    return {"passwordCredential": {"displayName": name, "endDateTime": end.strftime("%Y-%m-%dT%H:%M:%SZ")}}


def read_application(found: Json) -> Application:
    """As Graph tells it."""
    return Application(
        id=str(found["id"]),
        app_id=str(found["appId"]),
        name=str(found["displayName"]),
        tags=tuple(map(str, found.get("tags") or ())),
        secrets=tuple(read_secret(each) for each in found.get("passwordCredentials") or ()),
    )


def read_secret(found: Json) -> Secret:
    """As Graph tells it: with its text when it was made, without later."""
    return Secret(
        key_id=str(found["keyId"]),
        name=str(found.get("displayName") or ""),
        expires=str(found.get("endDateTime") or ""),
        text=str(found.get("secretText") or ""),
    )


def choose_own(listed: Sequence[Application], name: str, tags: Sequence[str]) -> Application | None:
    """Ours among those of that name; None: there is none. Raises ConflictError, code name-taken."""
    own = [each for each in listed if set(tags) <= set(each.tags)]
    if listed and not own:
        raise ConflictError(
            "name-taken",
            f"An application called '{name}' already exists and does not belong to this environment.",
            why=f"Its id is {listed[0].app_id}, and it does not have the tags of this environment and subscription.",
            fix="Choose another `--name`, or delete that application.",
        )
    return own[0] if own else None


def is_lasting(expires: str, *, now_s: float, days: int) -> bool:
    """Whether a secret lives that long from now; one of unknown life does not."""
    try:
        end = datetime.datetime.fromisoformat(expires)
    except ValueError:
        return False
    return end.timestamp() - now_s > days * 86400.0
