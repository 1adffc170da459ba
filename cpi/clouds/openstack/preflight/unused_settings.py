"""Settings without effect on OpenStack, as remarks of preflight. Pure.

Takes settings and requests, gives remarks.
"""

from collections.abc import Iterable, Iterator

from cpi.clouds.openstack.machines import networks, vms
from cpi.clouds.openstack.wire.config import OpenStackConfig
from cpi.contract.errors import CloudError
from cpi.contract.values import Finding, VmRequest

_WAITS = ("state_timeout", "wait_resource_poll_interval")


def of_settings(config: OpenStackConfig) -> Iterator[Finding]:
    """Settings of the environment's file."""
    waits = [name for name in _WAITS if name in config.model_fields_set]
    if waits:
        yield _setting(" and ".join(waits), "compleat waits for servers and disks by its own limits.")
    if not config.human_readable_vm_names:
        yield _setting("human_readable_vm_names: false", "Servers are always named after their instance.")
    if config.connection_options.ca_cert and not config.connection_options.ssl_verify_peer:
        yield _setting("connection_options.ca_cert", "With ssl_verify_peer: false, certificates are not verified.")


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
        yield _property(
            f"VM '{request.name}' has {len(others) + 1} availability_zones; only '{first}' is used.",
            "A server is created in one zone; no other is tried if that one is full.",
            "Set one zone; azs of the instance group spread its instances.",
        )
    for settings in networks.created_port(request):
        found = networks.read_network(settings)
        if found.net_id and found.network:
            yield _property(
                f"Network '{settings.name}' of VM '{request.name}' has both `network` and `net_id`.",
                "net_id determines the network of the VM.",
                "Remove one of the two.",
            )


def _setting(what: str, why: str) -> Finding:
    return Finding(
        code="setting-unused",
        what=f"The setting {what} has no effect on OpenStack.",
        why=why,
        fix="Remove it from the environment's file.",
        is_fatal=False,
    )


def _property(what: str, why: str, fix: str) -> Finding:
    return Finding(code="property-unused", what=what, why=why, fix=fix, is_fatal=False)
