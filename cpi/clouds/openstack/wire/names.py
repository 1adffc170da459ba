"""Names and notes: what we call what we make, and how a description or metadata says whose a thing is.

Takes owner keys and words, gives texts. Neutron's tags can only be put on afterwards, its descriptions are there from
creation on: so a description has the owner key.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

from cpi.contract.errors import CloudError
from cpi.contract.values import ENVIRONMENT_ITSELF, OwnerKey
from cpi.kit import tags as owner_tags

NAME = "compleat-name"
IMAGE = "compleat-image"
OS = "compleat-os"
VERSION = "compleat-version"
ARCHITECTURE = "compleat-architecture"
DIGEST = "compleat-digest"
NETWORKS = "compleat-networks"
POOLS = "compleat-pool"
PROBE_PORT = "compleat-probe-port"
FRONT = "compleat-front"

LONGEST = 255
"""Characters in a name, a description, or a metadata value."""

_ID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}")


def is_id(text: str) -> bool:
    """Whether a text can be an id of OpenStack's; others are never asked for."""
    return _ID.fullmatch(text) is not None


def name_of(owner: OwnerKey, *words: str) -> str:
    """A name no other action's thing has."""
    return "/".join((owner.environment, owner.action, *words))[-LONGEST:]


def is_of(environment: str, name: str) -> bool:
    """Whether a name that `name_of` gave is of an environment; not of one that is cut."""
    return name.startswith(f"{environment}/")


def landing_name(environment: str, name: str) -> str:
    """What a thing of the landing zone is called."""
    return f"{environment}-{name}"


def write_note(owner: OwnerKey, name: str = "", *, front: str = "") -> str:
    """A description that says whose a thing is, what the landing zone calls it, and of a load balancer what is in front
    of it. Raises owner-key-too-long.
    """
    answer = {**owner_tags.tags_of(owner), **({NAME: name} if name else {}), **({FRONT: front} if front else {})}
    note = " ".join(f"{key}={quote(value, safe='/')}" for key, value in answer.items())
    if len(note) > LONGEST:
        raise CloudError(
            "owner-key-too-long",
            f"The names '{owner.environment}' (environment) and '{owner.deployment}' (deployment) are too long.",
            why=f"OpenStack's descriptions have at most {LONGEST} characters.",
            fix="Use shorter names.",
        )
    return note


def read_note(description: str | None) -> Mapping[str, str]:
    """What a description says; empty when it is not ours."""
    pairs = (word.partition("=") for word in (description or "").split(" "))
    return {key: unquote(value) for key, equals, value in pairs if equals and key.startswith("compleat-")}


def key_pair_name(environment: str, action: str) -> str:
    """A key pair has no description, so its name says it all, in letters that every Nova takes."""
    return f"compleat {_plain(environment)} {_plain(action)}"


def read_key_pair_name(name: str) -> OwnerKey | None:
    """Whose a key pair is; None: not ours."""
    words = name.split(" ")
    if len(words) != 3 or words[0] != "compleat":
        return None
    return OwnerKey(environment=_written(words[1]), deployment=ENVIRONMENT_ITSELF, action=_written(words[2]))


def account_name(owner: OwnerKey, name: str) -> str:
    """A container that is a storage account of a template: whose it is, and what the template calls it."""
    return f"{account_prefix(owner.environment)}{_plain(name)} {_plain(owner.action)}"


def account_prefix(environment: str) -> str:
    """How the names of an environment's storage accounts begin."""
    return f"compleat-account {_plain(environment)} "


def read_account_name(name: str) -> tuple[OwnerKey, str] | None:
    """Whose it is, and what the template calls it; None: not ours."""
    words = name.split(" ")
    if len(words) != 4 or words[0] != "compleat-account":
        return None
    environment, account, action = map(_written, words[1:])
    return OwnerKey(environment=environment, deployment=ENVIRONMENT_ITSELF, action=action), account


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]", lambda found: f"_{ord(found[0]):02x}", text)


def _written(text: str) -> str:
    return re.sub(r"_([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), text)
