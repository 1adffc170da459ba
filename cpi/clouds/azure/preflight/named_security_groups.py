"""Security groups and application security groups of cloud properties: preflight reports missing ones.

Takes what a plan asks for, gives findings; each group is looked up once.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from cpi.clouds.azure.landing import landing_bodies
from cpi.clouds.azure.machines import networks, vms
from cpi.clouds.azure.wire import config, names
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.values import NetworkKind, PreflightRequest
from cpi.kit import judge


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedGroup:
    """`path` is the group's id, `key` the cloud property that names it."""

    path: str
    key: str


def named_groups(
    request: PreflightRequest, settings: config.AzureConfig, places: ResourcePaths
) -> tuple[NamedGroup, ...]:
    """The groups that the plan's VMs and their networks name, without those that the plan makes."""
    made = {
        places.path(names.GROUP, one.name).lower() for one in request.landing if one.kind == landing_bodies.SECURITY
    }
    named = dict.fromkeys(_named(request, settings, places))
    return tuple(group for group in named if group.path.lower() not in made)


def require(api: Api, group: NamedGroup) -> None:
    """Raises NotFoundError, code unknown-security-group."""
    if api.get(group.path) is None:
        kind, where = ("security group", f"Resource group '{group.path.split('/')[4]}'")
        found = judge.unknown_name(kind, names.last(group.path), (), where=where, setting=f"`{group.key}`")
        raise judge.missing(found, why=f"Azure has nothing at {group.path}.")


def _named(request: PreflightRequest, settings: config.AzureConfig, places: ResourcePaths) -> Iterator[NamedGroup]:
    for vm in request.vms:
        properties = vms.read_properties(vm, settings)
        for network in vm.networks:
            if network.kind is NetworkKind.VIP:
                continue
            found = networks.subnet_id(network, places)[1]
            if group := properties.security_group or found.security_group:
                yield NamedGroup(path=networks.group_id(group, places), key="security_group")
            for name in properties.application_security_groups or found.application_security_groups:
                yield NamedGroup(path=places.path(names.ASG, name), key="application_security_groups")
