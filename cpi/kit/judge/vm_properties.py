"""What every cloud asks of a VM as it is written: a host name, a network, a size, one root disk. Pure.

Takes parts of a request, raises what creating the VM would end in.
"""

import re

from cpi.contract.errors import CloudError, NotSupportedError
from cpi.contract.values import NetworkKind, NetworkSettings, VmRequest

_HOST = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def require_host_name(name: str) -> None:
    """Raises CloudError, code vm-name-invalid, for what is no short host name."""
    if not _HOST.fullmatch(name):
        raise CloudError(
            "vm-name-invalid",
            f"'{name}' is not a valid VM name.",
            why="A name has at most 63 of a-z, 0-9 and '-', and neither begins nor ends with '-'.",
            fix="Rename the instance group in the manifest.",
        )


def require_network(request: VmRequest) -> tuple[NetworkSettings, ...]:
    """The networks that become interfaces, as written. Raises CloudError, code vm-without-network."""
    found = tuple(one for one in request.networks if one.kind is not NetworkKind.VIP)
    if not found:
        raise CloudError(
            "vm-without-network",
            f"VM '{request.name}' has no network of its own.",
            why="A public address leads to an interface, and that is in a subnet.",
            fix="Give its instance group a manual or dynamic network beside the vip network.",
        )
    return found


def require_instance_type(vm: str, written: str, *, cloud: str, example: str) -> None:
    """Raises CloudError, code instance-type-missing, where the cloud has no default."""
    if not written:
        raise CloudError(
            "instance-type-missing",
            f"VM '{vm}' has no instance_type.",
            why=f"{cloud} has no default for it.",
            fix=f"Write `cloud_properties: {{instance_type: {example}}}` for its vm_type in the cloud config.",
        )


def not_supported(name: str, where: str, *, why: str = "", fix: str = "") -> NotSupportedError:
    """A cloud property that BOSH's CPI has and the plugin does not act on; `where` names the VM, disk or stemcell."""
    return NotSupportedError(
        "property-not-supported",
        f"Cloud property '{name}' of {where} is not supported.",
        why=why or "BOSH's CPI acts on it, and this plugin does not yet.",
        fix=fix or f"Remove '{name}' from the cloud config.",
    )
