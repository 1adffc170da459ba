"""Settings without effect on OpenStack, as remarks of preflight. Pure.

Takes settings and requests, gives remarks.
"""

from collections.abc import Iterable, Iterator

from cpi.clouds.openstack.machines import networks, vms
from cpi.clouds.openstack.wire.config import (
    DiskProperties,
    NetworkProperties,
    OpenStackConfig,
    VipProperties,
    VmProperties,
)
from cpi.contract.errors import CloudError
from cpi.contract.values import Finding, VmRequest
from cpi.kit import judge

MODELS = judge.PropertyModels(vm=VmProperties, disk=DiskProperties, network=NetworkProperties, vip=VipProperties)
_WAITS = ("state_timeout", "wait_resource_poll_interval")


def of_settings(config: OpenStackConfig) -> Iterator[Finding]:
    """Settings of the environment's file."""
    waits = [name for name in _WAITS if name in config.model_fields_set]
    if waits:
        why = "The engine waits for servers and disks by a patience of its own."
        yield judge.unused_setting(" and ".join(waits), cloud="OpenStack", why=why)
    former = [name for name in ("use_nova_networking", "enable_auto_anti_affinity") if name in config.model_fields_set]
    if former:
        why = "It is of former versions of OpenStack: networks are Neutron's, and server groups are scheduler_hints."
        yield judge.unused_setting(" and ".join(former), cloud="OpenStack", why=why)
    if not config.human_readable_vm_names:
        why = "Servers are always called by their instance."
        yield judge.unused_setting("human_readable_vm_names: false", cloud="OpenStack", why=why)
    if config.connection_options.ca_cert and not config.connection_options.ssl_verify_peer:
        why = "With ssl_verify_peer: false no certificate is checked."
        yield judge.unused_setting("connection_options.ca_cert", cloud="OpenStack", why=why)


def of_vms(requests: Iterable[VmRequest]) -> Iterator[Finding]:
    """Cloud properties of VMs and of their networks; other checks report unreadable ones."""
    for request in requests:
        try:
            yield from _of_vm(request)
        except CloudError:
            continue


def _of_vm(request: VmRequest) -> Iterator[Finding]:
    first, *others = vms.read_vm_properties(request).availability_zones or ("",)
    if others:
        why = f"A server is made in one zone, '{first}'; no other is tried when that one is full."
        yield judge.unused_property(
            f"availability_zones: {', '.join(others)}", f"VM '{request.name}'", cloud="OpenStack", why=why
        )
    for settings in judge.require_network(request):
        found = networks.read_network(settings)
        if found.net_id and found.network:
            network = f"network '{settings.name}' of VM '{request.name}'"
            yield judge.unused_property("`network`", network, cloud="OpenStack", why="net_id decides where the VM is.")
