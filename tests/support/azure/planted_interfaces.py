"""Faults in the interfaces of a VM on Azure.

Takes a VM, gives it on other networks.
"""

from dataclasses import replace
from typing import Any

from cpi.contract.values import NetworkKind, VmRequest


def ipv6(vm: VmRequest) -> VmRequest:
    """On an IPv6 network alone; its address is left open."""
    open_one = replace(vm.networks[0], kind=NetworkKind.DYNAMIC, ip=None, gateway="2001:db8::1")
    return replace(vm, networks=(open_one,))


def shared(vm: VmRequest, **changes: Any) -> VmRequest:
    """On two networks of one nic_group, the second with these changes."""
    own = replace(vm.networks[0], nic_group="1", cloud_properties={"network": "main"})
    return replace(vm, networks=(own, replace(own, name="other", defaults=(), **changes)))


def many(vm: VmRequest) -> VmRequest:
    """On more networks than its size has interfaces for."""
    anywhere = replace(vm.networks[0], kind=NetworkKind.DYNAMIC, ip=None, gateway="")
    return replace(vm, networks=(anywhere, anywhere, anywhere))


def block(vm: VmRequest) -> VmRequest:
    """With a block of addresses."""
    return replace(vm, networks=(replace(vm.networks[0], block_bits=28),))
