"""Names and numbers of AWS: what a CID looks like, what we call what we make, the token of a create.

Takes owner keys and words, gives texts.
"""

import hashlib
import re
from dataclasses import replace

from cpi.contract.values import OwnerKey, deployment_text

KIND_TAG = "compleat-kind"
NAME_TAG = "compleat-name"
NETWORKS_TAG = "compleat-networks"
REGISTRATIONS_TAG = "compleat-registrations"

VM = "vm"
VM_DISK = "vm-disk"  # root and ephemeral disks: they live and die with their VM
DISK = "disk"
SNAPSHOT = "snapshot"
STEMCELL = "stemcell"

_CID = re.compile(r"(?P<kind>[a-z]+)-[0-9a-f]{8,40}")


def is_cid(text: str, kind: str) -> bool:
    """Whether a text can be the id of a `kind` ("i", "vol", "snap", "ami", "subnet"); others are never asked for."""
    found = _CID.fullmatch(text)
    return found is not None and found["kind"] == kind


def token_of(owner: OwnerKey) -> str:
    """The ClientToken of whatever this owner's action makes: 64 characters, the most AWS takes."""
    return hashlib.sha256(
        "\0".join((owner.environment, deployment_text(owner.deployment), owner.action)).encode()
    ).hexdigest()


def part_token(owner: OwnerKey, *, kind: str, name: str) -> str:
    """The ClientToken of one part of a landing zone."""
    return token_of(replace(owner, action=f"{owner.action}\0{kind}\0{name}"))


def stemcell_name(owner: OwnerKey) -> str:
    """A launch template's name, one for each action."""
    return f"compleat-{token_of(owner)[:32]}"


def bucket_name(environment: str, *, account: str, region: str) -> str:
    """A bucket's name, unique among all accounts: at most 63 of a-z, 0-9 and '-'."""
    digest = hashlib.sha256(f"{account}/{region}/{environment}".encode()).hexdigest()[:16]
    word = re.sub(r"[^a-z0-9]+", "-", environment.lower()).strip("-")[:30].strip("-")
    return f"compleat-{word or 'environment'}-{digest}"


def account_prefix(environment: str, *, account: str, region: str) -> str:
    """How the names of an environment's buckets for storage accounts begin: with the account's name, 63 at most."""
    digest = hashlib.sha256(f"{account}/{region}/{environment}/accounts".encode()).hexdigest()[:12]
    word = re.sub(r"[^a-z0-9]+", "-", environment.lower()).strip("-")[:14].strip("-")
    return f"compleat-{word or 'environment'}-{digest}-"


def balancer_name(environment: str, name: str) -> str:
    """The name of a load balancer or target group, unique in an account's region: at most 32 of a-z, A-Z, 0-9, '-'."""
    digest = hashlib.sha256(f"{environment}/{name}".encode()).hexdigest()[:10]
    word = re.sub(r"[^A-Za-z0-9]+", "-", name)[:11].strip("-")
    return f"compleat-{word or 'lb'}-{digest}"


def key_name(environment: str) -> str:
    """The key pair's name; names of key pairs are unique in a region."""
    return f"compleat-{environment}"
