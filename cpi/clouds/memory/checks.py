"""What a cloud looks at in one request, one check after the other, tags and quotas apart.

Takes rules and a request, gives checks that raise CloudError. A create runs them until one raises, preflight runs all.
"""

from collections.abc import Callable
from functools import partial

from cpi.clouds.memory import rules
from cpi.clouds.memory.rules import Rules
from cpi.contract.values import DiskRequest, VmRequest
from cpi.kit import judge

Check = Callable[[], object]


def vm_checks(rule: Rules, request: VmRequest) -> tuple[Check, ...]:
    """Of a VM, without its stemcell and its addresses."""
    return (
        partial(judge.require_host_name, request.name),
        partial(rules.size_of, rule, request.cloud_properties),
        partial(rules.check_zone, rule, request.cloud_properties),
        partial(rules.check_slots, rule, request),
    )


def disk_checks(rule: Rules, request: DiskRequest) -> tuple[Check, ...]:
    """Of a disk."""
    return (partial(rules.check_disk_size, rule, request.size_mib),)
