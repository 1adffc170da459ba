"""Preflight of the memory cloud: tries everything on a copy, and counts quotas as a whole.

Takes a preflight request, gives findings.
"""

import copy
import ipaddress
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from cpi.clouds.memory import account, addresses, checks, image_sources, landing, quotas, rules
from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.resources import HeldVm, MemoryResources
from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    Finding,
    FoundLandingResource,
    FoundVm,
    LandingCid,
    LandingResource,
    NetworkKind,
    NetworkSettings,
    OwnerKey,
    PreflightRequest,
    QuotaNeed,
    VmCid,
    VmCreated,
    VmRequest,
    VmState,
)
from cpi.kit import judge, tag_limits

_ALWAYS = frozenset({"find_vms", "find_disks", "find_stemcells", "find_snapshots", "find_landing_resources"})
_ANYONE = OwnerKey(environment="", deployment=ENVIRONMENT_ITSELF, action="preflight")


class MemoryPreflight:
    """Implements Preflight of cpi.contract.cloud on a memory cloud."""

    def __init__(self, cloud: MemoryCloud) -> None:
        self._cloud = cloud
        self.requested: list[QuotaNeed] = []
        """The quota requests in order; a test grants them in the role of the cloud's operator."""

    def preflight(self, request: PreflightRequest) -> tuple[Finding, ...]:
        with self._cloud.gate.call("preflight"):
            rule = self._cloud.rules
            resources = copy.deepcopy(self._cloud.resources)
            for cid in set(request.leaving) & set(resources.vms):
                resources.drop_vm(cid)
            needed = list(_exceeded(rule, resources, request))
            tagged = tag_limits.findings(_tagged(request, self._cloud.tags), rules.tag_limits_of(rule))
            found = [
                *_account(rule, request),
                *tagged,
                *needed,
                *_TrialRun(rule, resources).refusals(request),
                *judge.each([vm.name for vm in (*request.vms, *request.growing)], judge.require_host_name),
                *(one for vm in request.growing for one in judge.disks(vm.name, vm.disk_count, rule.max_disks_of_vm)),
                *_unread(request),
            ]
            return tuple(dict.fromkeys(found))

    def request_quota(self, need: QuotaNeed) -> str:
        with self._cloud.gate.call("request_quota", need.name):
            self.requested.append(need)
            return f"memory-request-{len(self.requested)}"


def _tagged(request: PreflightRequest, tags: Mapping[str, str]) -> PreflightRequest:
    """With the environment's tags on what is made."""
    return replace(
        request,
        stemcells=tuple(replace(one, tags={**tags, **one.tags}) for one in request.stemcells),
        vms=tuple(replace(one, tags={**tags, **one.tags}) for one in request.vms),
        disks=tuple(replace(one, tags={**tags, **one.tags}) for one in request.disks),
    )


def _account(rule: rules.Rules, request: PreflightRequest) -> Iterator[Finding]:
    yield from account.account_refusals(rule.account)
    yield from account.permission_refusals(rule.account, _methods(rule, request))


def _unread(request: PreflightRequest) -> Iterator[Finding]:
    """Cloud properties that nothing looks at: taken from a cloud config that serves several clouds."""
    written = {
        "vm": [vm.cloud_properties for vm in request.vms],
        "disk": [disk.cloud_properties for disk in request.disks],
        "network": [network.cloud_properties for vm in request.vms for network in vm.networks],
        "stemcell": [stemcell.cloud_properties for stemcell in request.stemcells],
    }
    yield from judge.unread(written, rules.READ, cloud="the memory cloud", why="It reads nothing of that name.")


def _methods(rule: rules.Rules, request: PreflightRequest) -> frozenset[str]:
    """The calls that are needed, deleting included; with nothing to make, all of them."""
    needed = {
        ("create_landing_resource", "delete_landing_resource"): request.landing,
        ("create_stemcell", "delete_stemcell"): request.stemcells,
        ("create_vm", "delete_vm", "has_vm", "set_vm_metadata"): request.vms,
        ("create_disk", "delete_disk", "attach_disk", "detach_disk", "set_disk_metadata"): request.disks,
    }
    is_whole = not any(needed.values())
    asked = {method for methods, things in needed.items() if things or is_whole for method in methods}
    return frozenset(asked | _ALWAYS | (rule.account.denied if is_whole else frozenset()))


def _exceeded(rule: rules.Rules, resources: MemoryResources, request: PreflightRequest) -> Iterator[Finding]:
    sizes = [str(vm.cloud_properties.get("instance_type", "small")) for vm in request.vms]
    kinds = [resource.kind for resource in request.landing]
    added = {
        **quotas.sizes_added(rule.sizes[size] for size in sizes if size in rule.sizes),
        "vms": len(request.vms),
        "disks": len(request.disks),
        "disks-mib": sum(max(0, disk.size_mib) for disk in request.disks),
        "networks": kinds.count("network"),
        "public-addresses": kinds.count("public_address"),
        "stemcells": len(request.stemcells),
    }
    called = (*sizes, *(vm.name for vm in request.vms))
    yield from (replace(one, written_names=called) for one in quotas.exceeded(rule, resources, added))
    if request.lists_quotas:
        yield from quotas.left(rule, resources, added)


class _TrialRun:
    """Creates everything on a copy. A refused resource is noted and counted as created: a mistake is reported once."""

    def __init__(self, rule: rules.Rules, resources: MemoryResources) -> None:
        self._rule = rule
        self._resources = resources
        self._unusable: set[str] = set()

    def refusals(self, request: PreflightRequest) -> Iterator[Finding]:
        for resource in request.landing:
            yield from self._land(resource)
        yield from judge.each(request.stemcells, lambda one: rules.check_image(self._rule, one))
        sources = [one.source for one in request.stemcells if one.source is not None]
        yield from judge.each(sources, lambda one: image_sources.require(self._rule, self._resources, one))
        for disk in request.disks:
            yield from judge.each(checks.disk_checks(self._rule, disk), _call)
        for vm in request.vms:
            yield from judge.each(checks.vm_checks(self._rule, vm), _call)
            yield from judge.each(vm.networks, lambda network, vm=vm: self._place(vm, network))  # type: ignore[misc]

    def _land(self, resource: LandingResource) -> Iterator[Finding]:
        if any(
            (there.kind, there.name) == (resource.kind, resource.name) for there in self._resources.landing.values()
        ):
            return
        yield from judge.each([resource.name], lambda name: rules.check_landing_name(self._rule, name))
        cidr = str(resource.properties.get("cidr", ""))
        outputs: Mapping[str, str] = {"cidr": cidr, "address": f"preflight-{resource.name}"}
        if resource.kind == "network":
            there = self._resources.networks(self._rule)
            yield from judge.each([cidr], lambda one: landing.check_free(resource.name, one, there))
            if not _is_range(cidr):
                self._unusable.add(resource.name)
                return
        cid = LandingCid(self._resources.next_cid(resource.kind))
        self._resources.landing[cid] = FoundLandingResource(
            cid=cid, kind=resource.kind, name=resource.name, owner=_ANYONE, outputs=outputs
        )

    def _place(self, vm: VmRequest, network: NetworkSettings) -> None:
        """Give it its address of one network."""
        if (network.kind is not NetworkKind.VIP or network.ip) and rules.network_name(network) not in self._unusable:
            settled = addresses.settle_addresses(self._resources, self._rule, (network,), vm=vm.name)
            self._hold(vm, settled)

    def _hold(self, vm: VmRequest, networks: tuple[NetworkSettings, ...]) -> None:
        cid = VmCid(self._resources.next_cid("vm"))
        created = VmCreated(cid=cid, networks=networks)
        found = FoundVm(created=created, owner=vm.owner, state=VmState.RUNNING)
        self._resources.vms[cid] = HeldVm(found=found, request=vm, size=rules.MemorySize(cpu=0, ram_mib=0))


def _call(check: Callable[[], object]) -> None:
    check()


def _is_range(cidr: str) -> bool:
    try:
        ipaddress.IPv4Network(cidr)
    except ValueError:
        return False
    return True
