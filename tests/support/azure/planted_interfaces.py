"""Faults in the interfaces of a VM on Azure.

Takes a VM, gives it on other networks.
"""

from dataclasses import replace

from cpi.contract.values import NetworkKind, VmRequest


def ipv6(vm: VmRequest) -> VmRequest:
    """On an IPv6 network; its address is left open."""
    open_one = replace(vm.networks[0], kind=NetworkKind.DYNAMIC, ip=None, gateway="2001:db8::1")
    return replace(vm, networks=(open_one,))


def one_group(vm: VmRequest) -> VmRequest:
    """On two networks that want one interface."""
    own = replace(vm.networks[0], nic_group="1")
    anywhere = replace(own, kind=NetworkKind.DYNAMIC, ip=None, gateway="")
    other = replace(anywhere, name="other", cloud_properties={"network": "main"})
    return replace(vm, networks=(own, other))


def many(vm: VmRequest) -> VmRequest:
    """On more networks than its size has interfaces for."""
    anywhere = replace(vm.networks[0], kind=NetworkKind.DYNAMIC, ip=None, gateway="")
    return replace(vm, networks=(anywhere, anywhere, anywhere))


def block(vm: VmRequest) -> VmRequest:
    """With a block of addresses."""
    return replace(vm, networks=(replace(vm.networks[0], block_bits=28),))
