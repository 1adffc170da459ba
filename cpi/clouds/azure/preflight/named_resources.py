"""What cloud properties name beside networks and load balancers: security groups, managed identities, disk encryption
sets, capacity reservation groups. Preflight reports missing ones.

Takes what a plan asks for, gives findings; each resource is looked up once.
"""

from collections.abc import Iterator

from cpi.clouds.azure.landing import landing_bodies
from cpi.clouds.azure.machines import disks, networks, vms
from cpi.clouds.azure.wire import config, names
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.errors import CloudError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import PreflightRequest
from cpi.kit import judge
from cpi.kit.network_interfaces import interfaces_of

_IDENTITY, _ENCRYPTION, _RESERVATION = "managed identity", "disk encryption set", "capacity reservation group"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedResource:
    """`path` is its id, `key` the cloud property that names it, `kind` its noun in findings."""

    path: str
    key: str
    kind: str = "security group"


def named_resources(
    request: PreflightRequest, settings: config.AzureConfig, places: ResourcePaths
) -> tuple[NamedResource, ...]:
    """What the plan's VMs, networks and disks name, without what the plan makes."""
    made = {
        places.path(names.GROUP, one.name).lower() for one in request.landing if one.kind == landing_bodies.SECURITY
    }
    named = dict.fromkeys((*_groups(request, settings, places), *_others(request, settings, places)))
    return tuple(one for one in named if one.path.lower() not in made)


def require(api: Api, named: NamedResource) -> None:
    """Raises NotFoundError: unknown-security-group, unknown-managed-identity, unknown-disk-encryption-set,
    unknown-capacity-reservation-group.
    """
    if api.get(named.path) is None:
        where = f"Resource group '{named.path.split('/')[4]}'"
        found = judge.unknown_name(named.kind, names.last(named.path), (), where=where, setting=f"`{named.key}`")
        raise judge.missing(found, why=f"Azure has nothing at {named.path}.")


def _groups(request: PreflightRequest, settings: config.AzureConfig, places: ResourcePaths) -> Iterator[NamedResource]:
    for vm in request.vms:
        properties = vms.read_properties(vm, settings)
        for interface in interfaces_of(vm.networks):
            found = networks.placed(interface, places)[1]
            if group := networks.group_of(properties, found, settings):
                yield NamedResource(path=networks.group_id(group, places), key="security_group")
            for name in properties.application_security_groups or found.application_security_groups:
                yield NamedResource(path=places.path(names.ASG, name), key="application_security_groups")


def _others(request: PreflightRequest, settings: config.AzureConfig, places: ResourcePaths) -> Iterator[NamedResource]:
    for vm in request.vms:
        found = vms.read_properties(vm, settings)
        identity = vms.identity_of(found, settings)
        if identity and identity.user_assigned_identity_name:
            path = places.path(names.IDENTITY, identity.user_assigned_identity_name)
            yield NamedResource(path=path, key="managed_identity", kind=_IDENTITY)
        if path := vms.reservation_id(found, places):
            yield NamedResource(path=path, key="capacity_reservation_group", kind=_RESERVATION)
        yield from _encryption_set(vms.encryption_set(found), places)
    for disk in request.disks:
        try:
            name = disks.read_properties(disk.cloud_properties, where="a disk").disk_encryption_set_name
        except CloudError:
            continue  # reported with the disks
        yield from _encryption_set(name or "", places)


def _encryption_set(name: str, places: ResourcePaths) -> Iterator[NamedResource]:
    if name:
        path = places.path(names.ENCRYPTION_SET, name)
        yield NamedResource(path=path, key="disk_encryption_set_name", kind=_ENCRYPTION)
