"""The permissions that the principal needs, and those it lacks. Pure.

Takes a plan and Azure's permissions, gives actions. Each action is one that a call of the plugin takes.
Source: MicrosoftDocs/azure-docs articles/role-based-access-control/resource-provider-operations.md.
"""

import fnmatch
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cpi.clouds.azure.landing import template_parts
from cpi.clouds.azure.wire import config
from cpi.contract.landing_parts import ImageOrigin
from cpi.contract.values import PreflightRequest
from cpi.kit import blob_accounts

Json = Mapping[str, Any]

GROUP_ACTIONS = (
    "Microsoft.Resources/subscriptions/resourceGroups/write",
    "Microsoft.Resources/subscriptions/resourceGroups/delete",
)
"""What makes the environment's own group, and takes it away."""
VM_ACTIONS = (
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Compute/virtualMachines/read",
    "Microsoft.Compute/virtualMachines/write",
    "Microsoft.Compute/virtualMachines/delete",
    "Microsoft.Compute/virtualMachines/start/action",
    "Microsoft.Compute/virtualMachines/restart/action",
    "Microsoft.Compute/virtualMachines/deallocate/action",
    "Microsoft.Compute/availabilitySets/read",
    "Microsoft.Compute/availabilitySets/write",
    "Microsoft.Compute/availabilitySets/delete",
    "Microsoft.Compute/disks/read",
    "Microsoft.Compute/disks/write",
    "Microsoft.Compute/disks/delete",
    "Microsoft.Compute/snapshots/read",
    "Microsoft.Compute/snapshots/write",
    "Microsoft.Compute/snapshots/delete",
    "Microsoft.Network/networkInterfaces/read",
    "Microsoft.Network/networkInterfaces/write",
    "Microsoft.Network/networkInterfaces/delete",
    "Microsoft.Network/networkInterfaces/join/action",
    "Microsoft.Network/virtualNetworks/read",
    "Microsoft.Network/virtualNetworks/subnets/read",
    "Microsoft.Network/virtualNetworks/subnets/join/action",
    "Microsoft.Network/networkSecurityGroups/join/action",
    "Microsoft.Network/publicIPAddresses/read",
    "Microsoft.Network/publicIPAddresses/join/action",
)
"""VMs, disks and stemcells (a light one is an availability set)."""
LANDING_ACTIONS = (
    "Microsoft.Network/virtualNetworks/write",
    "Microsoft.Network/virtualNetworks/delete",
    "Microsoft.Network/virtualNetworks/subnets/write",
    "Microsoft.Network/virtualNetworks/subnets/delete",
    "Microsoft.Network/natGateways/read",
    "Microsoft.Network/routeTables/read",
    "Microsoft.Network/loadBalancers/read",
    "Microsoft.Network/networkSecurityGroups/read",
    "Microsoft.Network/networkSecurityGroups/write",
    "Microsoft.Network/networkSecurityGroups/delete",
    "Microsoft.Network/publicIPAddresses/write",
    "Microsoft.Network/publicIPAddresses/delete",
)
NAT_ACTIONS = (
    "Microsoft.Network/natGateways/write",
    "Microsoft.Network/natGateways/delete",
    "Microsoft.Network/natGateways/join/action",
)
ACCOUNT_ACTIONS = (
    "Microsoft.Storage/storageAccounts/write",
    "Microsoft.Storage/storageAccounts/delete",
)
BLOB_ACTIONS = (
    *ACCOUNT_ACTIONS,
    "Microsoft.Storage/storageAccounts/read",
    "Microsoft.Storage/storageAccounts/blobServices/containers/read",
    "Microsoft.Storage/storageAccounts/blobServices/containers/write",
    "Microsoft.Storage/storageAccounts/blobServices/containers/delete",
)
"""Storage accounts that a template adds, with their containers."""
STORING_ACTIONS = (
    "Microsoft.Storage/storageAccounts/read",
    "Microsoft.Storage/storageAccounts/listKeys/action",
    "Microsoft.Storage/storageAccounts/blobServices/containers/write",
)
"""Packages into the storage account, and URLs from which VMs fetch them."""
_IMAGE_ACTIONS = (
    "Microsoft.Compute/images/read",
    "Microsoft.Compute/images/write",
    "Microsoft.Compute/images/delete",
)
SENDING_ACTIONS = (
    "Microsoft.Compute/disks/beginGetAccess/action",
    "Microsoft.Compute/disks/endGetAccess/action",
    *_IMAGE_ACTIONS,
)
MAKING_ACTIONS: Mapping[ImageOrigin, tuple[str, ...]] = {
    "image": (),
    "blob": _IMAGE_ACTIONS,
    "snapshot": ("Microsoft.Compute/snapshots/read", *_IMAGE_ACTIONS),
    "disk": ("Microsoft.Compute/disks/read", *_IMAGE_ACTIONS),
    "vm": ("Microsoft.Compute/virtualMachines/read", *_IMAGE_ACTIONS),
}
"""Images of templates, by what they are made of."""
BALANCER_ACTIONS = (
    "Microsoft.Network/loadBalancers/read",
    "Microsoft.Network/loadBalancers/backendAddressPools/join/action",
)
_OF_PARTS: Mapping[str, tuple[str, ...]] = {
    template_parts.ROUTES: (
        "Microsoft.Network/routeTables/write",
        "Microsoft.Network/routeTables/delete",
        "Microsoft.Network/routeTables/join/action",
    ),
    blob_accounts.ACCOUNT: BLOB_ACTIONS,
    template_parts.BALANCER: (
        "Microsoft.Network/loadBalancers/write",
        "Microsoft.Network/loadBalancers/delete",
    ),
}
"""What the parts of a landing zone take that templates add."""
_OF_PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "load_balancer": BALANCER_ACTIONS,
    "load_balancer_nat_rules": (
        "Microsoft.Network/loadBalancers/read",
        "Microsoft.Network/loadBalancers/inboundNatRules/join/action",
    ),
    "application_gateway": (
        "Microsoft.Network/applicationGateways/read",
        "Microsoft.Network/applicationGateways/backendAddressPools/join/action",
    ),
    "assign_dynamic_public_ip": (
        "Microsoft.Network/publicIPAddresses/write",
        "Microsoft.Network/publicIPAddresses/delete",
    ),
    "managed_identity": (
        "Microsoft.ManagedIdentity/userAssignedIdentities/read",
        "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
    ),
    "capacity_reservation_group": (
        "Microsoft.Compute/capacityReservationGroups/read",
        "Microsoft.Compute/capacityReservationGroups/deploy/action",
    ),
    "disk_encryption_set_name": ("Microsoft.Compute/diskEncryptionSets/read",),
}
"""What cloud properties take beside the calls of all VMs and disks."""
NAMED_GROUP_ACTIONS = ("Microsoft.Network/networkSecurityGroups/read",)
APPLICATION_GROUP_ACTIONS = (
    "Microsoft.Network/applicationSecurityGroups/read",
    "Microsoft.Network/applicationSecurityGroups/joinIpConfiguration/action",
)
"""What it takes to look for groups that cloud properties name, and to put interfaces into them."""


def needed(request: PreflightRequest, settings: config.AzureConfig) -> tuple[str, ...]:
    """What a plan takes inside its group; asked about the account alone, all that `up` takes there."""
    actions = [*VM_ACTIONS, *(STORING_ACTIONS if settings.has_storage_account else ())]
    if request.landing or not request.vms:
        actions += LANDING_ACTIONS
        kinds = {one.kind for one in request.landing}
        actions += NAT_ACTIONS if settings.has_nat_gateway or template_parts.NAT in kinds else ()
        for kind, more in _OF_PARTS.items():
            actions += more if kind in kinds else ()
        actions += ACCOUNT_ACTIONS if settings.has_storage_account else ()
    if settings.stemcell_image or any(one.image_path for one in request.stemcells):
        actions += SENDING_ACTIONS
    for one in request.stemcells:
        actions += MAKING_ACTIONS[one.source.origin] if one.source else ()
    written = [vm.cloud_properties for vm in request.vms] + [disk.cloud_properties for disk in request.disks]
    written += [network.cloud_properties for vm in request.vms for network in vm.networks]
    named = {key for properties in written for key in _keys(properties)}
    for name, more in _OF_PROPERTIES.items():
        actions += more if name in named else ()
    actions += NAMED_GROUP_ACTIONS if "security_group" in named else ()
    actions += APPLICATION_GROUP_ACTIONS if "application_security_groups" in named else ()
    return tuple(dict.fromkeys(actions))


def _keys(properties: Mapping[str, Any]) -> Iterator[str]:
    """Also those inside a disk's properties."""
    for key, value in properties.items():
        if value is not None and value is not False:
            yield key
        if isinstance(value, Mapping):
            yield from _keys(value)


def registering(provider: str) -> str:
    """What makes a provider known to the subscription."""
    return f"{provider}/register/action"


def lacking(actions: Iterable[str], permissions: Sequence[Json]) -> tuple[str, ...]:
    """Those that none of the permissions grants; patterns have `*`, and case does not count."""
    return tuple(action for action in actions if not any(_grants(one, action) for one in permissions))


def _grants(permission: Json, action: str) -> bool:
    return _is_in(action, permission.get("actions", [])) and not _is_in(action, permission.get("notActions", []))


def _is_in(action: str, patterns: Iterable[object]) -> bool:
    return any(fnmatch.fnmatchcase(action.lower(), str(pattern).lower()) for pattern in patterns)
