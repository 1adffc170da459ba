"""VMs of a test cloud's own store, as the memory cloud keeps them.

Takes what the store says, gives the values that tests.support and tests.chaos take of cpi.clouds.memory.
"""

from collections.abc import Iterable, Mapping

from cpi.clouds.memory.resources import HeldVm
from cpi.clouds.memory.rules import MemorySize
from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    FoundVm,
    NetworkKind,
    NetworkSettings,
    OwnerKey,
    SshAccess,
    StemcellCid,
    VmRequest,
)
from cpi.kit import tags as owner_tags

_NOBODY = OwnerKey(environment="", deployment=ENVIRONMENT_ITSELF, action="")


def owner_of(tags: Mapping[str, str]) -> OwnerKey:
    """Its owner; a foreign VM has an owner with empty fields."""
    return owner_tags.read_owner(tags) or _NOBODY


def networks_of(ips: Iterable[str]) -> tuple[NetworkSettings, ...]:
    """A network for each address."""
    return tuple(NetworkSettings(name="default", kind=NetworkKind.MANUAL, ip=ip) for ip in ips)


def held_vm(found: FoundVm, *, name: str, instance_type: str) -> HeldVm:
    """With as much of the request as a store can tell."""
    request = VmRequest(
        name=name,
        owner=found.owner,
        agent_id="",
        stemcell_cid=StemcellCid(""),
        networks=found.created.networks,
        ssh=SshAccess(user="", public_key=""),
        cloud_properties={"instance_type": instance_type},
    )
    return HeldVm(found=found, request=request, size=MemorySize(cpu=0, ram_mib=0))
