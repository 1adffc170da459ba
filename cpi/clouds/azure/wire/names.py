"""Names and paths of our resources, and their limits. Pure.

Takes owners and settings, gives names and ARM paths. A name follows from the owner's environment and action, so the
same action means the same resource.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from cpi.contract.value_classes import dataclass
from cpi.contract.values import OwnerKey, deployment_text

VM = "Microsoft.Compute/virtualMachines"
DISK = "Microsoft.Compute/disks"
IMAGE = "Microsoft.Compute/images"
SNAPSHOT = "Microsoft.Compute/snapshots"
SET = "Microsoft.Compute/availabilitySets"
NIC = "Microsoft.Network/networkInterfaces"
NETWORK = "Microsoft.Network/virtualNetworks"
ADDRESS = "Microsoft.Network/publicIPAddresses"
GROUP = "Microsoft.Network/networkSecurityGroups"
ASG = "Microsoft.Network/applicationSecurityGroups"
BALANCER = "Microsoft.Network/loadBalancers"
NAT = "Microsoft.Network/natGateways"
GATEWAY = "Microsoft.Network/applicationGateways"
IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
ENCRYPTION_SET = "Microsoft.Compute/diskEncryptionSets"
RESERVATION = "Microsoft.Compute/capacityReservationGroups"
ACCOUNT = "Microsoft.Storage/storageAccounts"
DEPLOYMENT = "Microsoft.Resources/deployments"
ROUTES = "Microsoft.Network/routeTables"

_VERSIONS = (
    ("/providers/microsoft.managedidentity", "2023-01-31"),
    ("/providers/microsoft.compute/diskencryptionsets", "2023-10-02"),
    ("/providers/microsoft.compute/disks", "2023-10-02"),
    ("/providers/microsoft.compute/snapshots", "2023-10-02"),
    ("/providers/microsoft.compute/skus", "2021-07-01"),
    ("/providers/microsoft.compute", "2024-03-01"),
    ("/providers/microsoft.network", "2024-01-01"),
    ("/providers/microsoft.storage", "2023-05-01"),
    ("/providers/microsoft.authorization/locks", "2016-09-01"),
    ("/providers/microsoft.authorization", "2022-04-01"),
    ("/providers/microsoft.quota", "2023-02-01"),
    ("/api/retail/prices", "2023-01-01-preview"),
    ("/v1.0/", ""),
)
_RESOURCES_VERSION = "2024-03-01"
_SUBSCRIPTIONS_VERSION = "2022-12-01"
_SUBSCRIPTION = re.compile(r"/subscriptions/[^/]+(/locations)?")
_WORD = re.compile(r"[^a-z0-9]+")
_TAG_NAME = re.compile(r"[<>%&\\?/\x00-\x1f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcePaths:
    """Paths of one environment's things. `group` is its resource group."""

    subscription: str
    group: str
    location: str

    def root(self) -> str:
        """The subscription."""
        return f"/subscriptions/{self.subscription}"

    def scope(self, group: str = "") -> str:
        """A resource group; ours without a name."""
        return f"{self.root()}/resourceGroups/{group or self.group}"

    def path(self, kind: str, name: str = "", *, group: str = "") -> str:
        """A resource, or with no name the list of its kind."""
        whole = f"{self.scope(group)}/providers/{kind}"
        return f"{whole}/{name}" if name else whole

    def subnet(self, network: str, name: str, *, group: str = "") -> str:
        """A subnet."""
        return f"{self.path(NETWORK, network, group=group)}/subnets/{name}"

    def regional(self, what: str) -> str:
        """A provider's data about the region: "Microsoft.Compute/usages"."""
        provider, _, rest = what.partition("/")
        return f"{self.root()}/providers/{provider}/locations/{self.location}/{rest}"


def version_of(path: str) -> str:
    """The API version that a path is asked with: those whose descriptions our traffic is checked against.

    "" for Graph, which has it in the path.
    """
    lower = path.lower()
    if _SUBSCRIPTION.fullmatch(lower):
        return _SUBSCRIPTIONS_VERSION
    return next((version for part, version in _VERSIONS if part in lower), _RESOURCES_VERSION)


def name_of(owner: OwnerKey, word: str) -> str:
    """A name of at most 60 characters: readable beginning, then a digest of the environment and action."""
    digest = hashlib.sha256(
        f"{owner.environment}\n{deployment_text(owner.deployment)}\n{owner.action}".encode()
    ).hexdigest()[:24]
    start = _WORD.sub("-", owner.environment.lower()).strip("-")[:24] or "env"
    return f"{start}-{word}-{digest}"


def group_name(environment: str) -> str:
    """The environment's own resource group."""
    return f"compleat-{_WORD.sub('-', environment.lower()).strip('-')}"[:80]


def account_name(prefix: str, *, subscription: str, environment: str, attempt: int) -> str:
    """A storage account's name (3-24 of a-z0-9) that hardly anybody else has; another for each attempt."""
    digest = hashlib.sha256(f"{subscription}\n{environment}\n{attempt}".encode()).hexdigest()
    return f"{prefix}{digest}"[:24]


def tags_of(tags: dict[str, str]) -> dict[str, str]:
    """Tags as Azure takes them: names without <>%&\\?/, values of at most 256 characters."""
    return {_TAG_NAME.sub("_", name)[:512]: value[:256] for name, value in tags.items()}


def has_failed(resource: Mapping[str, Any]) -> bool:
    """Whether Azure's last operation on it failed; if that was its creation, it does not exist."""
    return str(resource["properties"].get("provisioningState")) in ("Failed", "Canceled")


def is_changing(resource: Mapping[str, Any]) -> bool:
    """Whether Azure is still making or changing it."""
    return str(resource["properties"].get("provisioningState")) in ("Creating", "Updating")


def last(path: str) -> str:
    """The last word of an id."""
    return path.rstrip("/").rsplit("/", 1)[-1]
