"""What the stand-in's region offers: sizes, images, quotas.

Takes nothing, gives plain JSON as Azure words it. Tests change a `Region` to plant faults.
"""

from dataclasses import dataclass, field
from typing import Any

LOCATION = "westeurope"


@dataclass(slots=True, kw_only=True)
class Size:
    family: str
    cpus: int
    memory_gib: float
    max_disks: int
    architecture: str = "x64"
    zones: tuple[str, ...] = ("1", "2", "3")
    restrictions: list[dict[str, Any]] = field(default_factory=list)
    has_os_disk_on_host: bool = True

    def sku(self, name: str) -> dict[str, Any]:
        """As Microsoft.Compute/skus tells it."""
        capabilities = {
            "vCPUs": str(self.cpus),
            "MemoryGB": str(self.memory_gib),
            "MaxDataDiskCount": str(self.max_disks),
            "MaxNetworkInterfaces": "2",
            "CpuArchitectureType": "Arm64" if self.architecture == "Arm64" else "x64",
            "HyperVGenerations": "V1,V2",
            "PremiumIO": "True",
            "EphemeralOSDiskSupported": str(self.has_os_disk_on_host),
        }
        return {
            "resourceType": "virtualMachines",
            "name": name,
            "tier": "Standard",
            "size": name.removeprefix("Standard_"),
            "family": self.family,
            "locations": [LOCATION],
            "locationInfo": [{"location": LOCATION, "zones": list(self.zones), "zoneDetails": []}],
            "capabilities": [{"name": key, "value": value} for key, value in capabilities.items()],
            "restrictions": self.restrictions,
        }


def _limits() -> dict[str, int]:
    return dict(_LIMITS)


def _providers() -> dict[str, str]:
    return dict(_PROVIDERS)


@dataclass(slots=True, kw_only=True)
class Region:
    """`limits` and `extra_use` are by the name of a usage; images by publisher, offer, sku."""

    sizes: dict[str, Size] = field(default_factory=lambda: dict(_sizes()))
    images: dict[tuple[str, str, str], dict[str, str]] = field(default_factory=lambda: dict(_images()))
    limits: dict[str, int] = field(default_factory=_limits)
    extra_use: dict[str, int] = field(default_factory=dict)
    providers: dict[str, str] = field(default_factory=_providers)
    taken_accounts: set[str] = field(default_factory=set)
    taken_labels: set[str] = field(default_factory=set)
    unknown_principals: dict[str, int] = field(default_factory=dict)
    required_tags: tuple[str, ...] = ()
    """Tags that a policy of the organization wants on everything."""

    unripe_roles: dict[str, int] = field(default_factory=dict)
    """Principals that have only what roles give them; how many times their roles are not in force yet."""

    actions: list[str] = field(default_factory=lambda: ["*"])
    not_actions: list[str] = field(default_factory=list)
    state: str = "Enabled"
    locks: dict[str, str] = field(default_factory=dict)
    """By the scope that it is on, "ReadOnly" or "CanNotDelete"."""

    disk_types: list[str] = field(
        default_factory=lambda: ["Standard_LRS", "StandardSSD_LRS", "Premium_LRS", "UltraSSD_LRS"]
    )
    forbids_keys: bool = False
    """Whether a policy turns shared keys off in storage accounts that are made."""

    clock_ahead_s: float = 0.0
    looks: int = 1


def disk_sku(name: str) -> dict[str, Any]:
    """A type of disk, as Microsoft.Compute/skus tells it."""
    return {
        "resourceType": "disks",
        "name": name,
        "tier": name.partition("_")[0],
        "locations": [LOCATION],
        "locationInfo": [{"location": LOCATION, "zones": ["1", "2", "3"], "zoneDetails": []}],
        "restrictions": [],
    }


def _sizes() -> list[tuple[str, Size]]:
    return [
        ("Standard_B1s", Size(family="standardBSFamily", cpus=1, memory_gib=1, max_disks=2)),
        ("Standard_B1ms", Size(family="standardBSFamily", cpus=1, memory_gib=2, max_disks=2)),
        ("Standard_B2s", Size(family="standardBSFamily", cpus=2, memory_gib=4, max_disks=4)),
        ("Standard_B2ms", Size(family="standardBSFamily", cpus=2, memory_gib=8, max_disks=4)),
        ("Standard_D1_v2", Size(family="standardDv2Family", cpus=1, memory_gib=3.5, max_disks=4)),
        ("Standard_D2s_v3", Size(family="standardDSv3Family", cpus=2, memory_gib=8, max_disks=4)),
        ("Standard_D4s_v3", Size(family="standardDSv3Family", cpus=4, memory_gib=16, max_disks=8)),
        ("Standard_D2s_v5", Size(family="standardDSv5Family", cpus=2, memory_gib=8, max_disks=4)),
        ("Standard_D4s_v5", Size(family="standardDSv5Family", cpus=4, memory_gib=16, max_disks=8)),
        ("Standard_D8s_v5", Size(family="standardDSv5Family", cpus=8, memory_gib=32, max_disks=16)),
        (
            "Standard_D2ps_v5",
            Size(family="standardDPSv5Family", cpus=2, memory_gib=8, max_disks=4, architecture="Arm64"),
        ),
    ]


def _images() -> list[tuple[tuple[str, str, str], dict[str, str]]]:
    return [
        (("Debian", "debian-12", "12-gen2"), {"0.20240717.1811": "x64", "0.20250316.2053": "x64"}),
        (("Debian", "debian-12", "12-arm64"), {"0.20250316.2053": "Arm64"}),
        (("Canonical", "0001-com-ubuntu-server-jammy", "22_04-lts-gen2"), {"22.04.202502210": "x64"}),
        (("Canonical", "ubuntu-24_04-lts", "server"), {"24.04.202502210": "x64"}),
    ]


_LIMITS = {
    "cores": 100,
    "virtualMachines": 25000,
    "standardBSFamily": 50,
    "standardDSv3Family": 50,
    "standardDSv5Family": 50,
    "standardDPSv5Family": 10,
    "StandardDiskCount": 50000,
    "PremiumDiskCount": 50000,
    "StandardSSDDiskCount": 50000,
    "UltraSSDDiskCount": 1000,
    "UltraSSDDiskSizeInGB": 32768,
    "PublicIPAddresses": 20,
    "StandardSkuPublicIpAddresses": 20,
    "NetworkInterfaces": 65536,
    "VirtualNetworks": 1000,
}
COMPUTE_USAGES = tuple(name for name in _LIMITS if name[0] == name[0].lower() or "Disk" in name)
NETWORK_USAGES = ("PublicIPAddresses", "StandardSkuPublicIpAddresses", "NetworkInterfaces", "VirtualNetworks")
_PROVIDERS = {
    "Microsoft.Compute": "Registered",
    "Microsoft.Network": "Registered",
    "Microsoft.Storage": "Registered",
}
