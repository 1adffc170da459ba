"""Settings and cloud properties without effect on Azure, as remarks of preflight. Pure.

Takes settings and requests, gives remarks.
"""

from collections.abc import Iterator

from cpi.clouds.azure.machines import vms
from cpi.clouds.azure.wire import bosh_settings, config
from cpi.contract.values import Finding, VmRequest
from cpi.kit import judge

MODELS = judge.PropertyModels(
    vm=config.VmProperties,
    disk=config.DiskProperties,
    network=config.NetworkProperties,
    vip=config.VipProperties,
)
_UNMANAGED = ("storage_account_name", "storage_account_kind", "storage_account_max_disk_number")


def of_settings(settings: config.AzureConfig) -> Iterator[Finding]:
    """Settings of BOSH's CPI that the environment's file has."""
    yield from judge.unused_settings(settings.model_fields_set, bosh_settings.WHY, cloud="Azure")


def of_vm(request: VmRequest, found: config.VmProperties) -> Iterator[Finding]:
    """Cloud properties of a VM."""
    vm = f"VM '{request.name}'"
    for name in _UNMANAGED:
        if getattr(found, name) is not None:
            why = "It is for disks in a storage account; all disks are managed disks."
            yield judge.unused_property(name, vm, cloud="Azure", why=why)
    for name in _overruled(found):
        why = "The ephemeral disk is a part of the root disk, which has one type and one caching."
        yield judge.unused_property(name, vm, cloud="Azure", why=why)
    if found.assign_dynamic_public_ip and any(network.kind.value == "vip" for network in request.networks):
        why = "The VM has the public address of its vip network."
        yield judge.unused_property("assign_dynamic_public_ip", vm, cloud="Azure", why=why)
    if len(found.instance_types) > 1 or (found.instance_type and found.instance_types):
        chosen = found.instance_type or found.instance_types[0]
        why = f"A VM is made with one size, '{chosen}'; no other is tried when Azure has none left."
        yield judge.unused_property("instance_types", vm, cloud="Azure", why=why)


def _overruled(found: config.VmProperties) -> Iterator[str]:
    part, root = found.ephemeral_disk, found.root_disk
    if part is not None and not part.use_root_disk:
        yield "ephemeral_disk.use_root_disk: false"
    for name in ("iops", "mbps"):
        if part is not None and getattr(part, name):
            yield f"ephemeral_disk.{name}"
    if part and root and part.type and root.type and part.type != root.type:
        yield "root_disk.type"
    if part and part.caching and "caching" in found.model_fields_set and part.caching != found.caching:
        yield "caching"
    if vms.is_on_host(found) and root and (root.type or (part and part.type)):
        yield "root_disk.type"
