"""Faults planted in a memory cloud or in what is asked of it, and healthy requests to plant them in.

Takes a cloud's rules and a request, gives both with one fault more.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from random import Random

from cpi.clouds.memory.account import MemoryAccount
from cpi.clouds.memory.rules import MemoryImage, Rules
from cpi.contract.landing_parts import ImageSource
from cpi.contract.values import (
    DiskCid,
    DiskRequest,
    LandingResource,
    NetworkKind,
    NetworkSettings,
    OwnerKey,
    PreflightRequest,
    SshAccess,
    StemcellCid,
    StemcellRequest,
    VmRequest,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What a cloud has, and what is asked of it."""

    rules: Rules
    request: PreflightRequest


Plant = Callable[[Scenario], Scenario]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """`finding` is what preflight must say: a code, and after a colon the quota's or the call's name."""

    name: str
    finding: str
    plant: Plant
    is_fatal: bool = True


def healthy(seed: int) -> Scenario:
    """A generated plan that fits its cloud."""
    random = Random(seed)
    zones = ["z1", "z2", "z3"][: random.randint(1, 3)]
    sizes = ["small", "medium", "large"]
    vms = tuple(
        _vm(f"web-{number}", f"10.9.0.{number + 10}", instance_type=random.choice(sizes), zone=random.choice(zones))
        for number in range(random.randint(2, 12))
    )
    disks = tuple(_disk(f"disk-{number}", random.randint(1, 4096)) for number in range(random.randint(1, 5)))
    networks = tuple(
        LandingResource(kind="network", name=name, properties={"cidr": cidr})
        for name, cidr in {"main": "10.9.0.0/16", "other": "10.8.0.0/16"}.items()
    )
    public = tuple(
        LandingResource(kind="public_address", name=f"public-{number}") for number in range(random.randint(1, 3))
    )
    request = PreflightRequest(
        landing=(*networks, *public), stemcells=(_stemcell("default", "x86_64"),), vms=vms, disks=disks
    )
    rules = Rules(zones={zone: frozenset(sizes) for zone in zones})
    return Scenario(rules=rules, request=request)


def _owner(action: str) -> OwnerKey:
    return OwnerKey(environment="planted", deployment="app", action=action)


def _vm(name: str, ip: str, *, network: str = "main", **properties: str) -> VmRequest:
    settings = NetworkSettings(name=network, kind=NetworkKind.MANUAL, ip=ip, prefix=16)
    return VmRequest(
        name=name,
        owner=_owner(name),
        agent_id=name,
        stemcell_cid=StemcellCid(""),
        networks=(settings,),
        ssh=SshAccess(user="vcap", public_key="ssh-ed25519 key"),
        cloud_properties=dict(properties),
    )


def _disk(name: str, size_mib: int) -> DiskRequest:
    return DiskRequest(owner=_owner(name), size_mib=size_mib)


def _stemcell(image: str, architecture: str, path: str = "") -> StemcellRequest:
    properties = {"image": image, "architecture": architecture}
    owner = _owner(f"stemcell-{image}-{architecture}-{path}")
    return StemcellRequest(owner=owner, os="", version="", cloud_properties=properties, image_path=path)


_NO_DISK = ImageSource(origin="disk", place="disk-99")


def _with_account(scenario: Scenario, change: Callable[[MemoryAccount], MemoryAccount]) -> Scenario:
    return replace(scenario, rules=replace(scenario.rules, account=change(scenario.rules.account)))


def _deny(method: str, scenario: Scenario) -> Scenario:
    return _with_account(scenario, lambda account: replace(account, denied=account.denied | {method}))


def _with_vm(vm: VmRequest, scenario: Scenario) -> Scenario:
    return replace(scenario, request=replace(scenario.request, vms=(*scenario.request.vms, vm)))


def _with_landing(resource: LandingResource, scenario: Scenario) -> Scenario:
    return replace(scenario, request=replace(scenario.request, landing=(*scenario.request.landing, resource)))


def _with_stemcell(stemcell: StemcellRequest, scenario: Scenario) -> Scenario:
    return replace(scenario, request=replace(scenario.request, stemcells=(*scenario.request.stemcells, stemcell)))


def _with_disk(disk: DiskRequest, scenario: Scenario) -> Scenario:
    return replace(scenario, request=replace(scenario.request, disks=(*scenario.request.disks, disk)))


def _limit(change: Callable[[Scenario], Rules], scenario: Scenario) -> Scenario:
    return replace(scenario, rules=change(scenario))


def _cpus(scenario: Scenario, family: str = "") -> int:
    names = [str(vm.cloud_properties.get("instance_type", "small")) for vm in scenario.request.vms]
    sizes = [scenario.rules.sizes[name] for name in names if name in scenario.rules.sizes]
    return sum(size.cpu for size in sizes if family in ("", size.family))


def _kinds(scenario: Scenario, kind: str) -> int:
    return sum(resource.kind == kind for resource in scenario.request.landing)


def _few_family_cpus(scenario: Scenario) -> Scenario:
    bigger = _with_vm(_vm("big", "10.9.2.1", instance_type="large"), scenario)
    return _limit(lambda s: replace(s.rules, max_family_cpus={"big": _cpus(s, "big") - 1}), bigger)


def _size_not_in_zone(scenario: Scenario) -> Scenario:
    zones = {**scenario.rules.zones, "far": frozenset({"small"})}
    changed = replace(scenario, rules=replace(scenario.rules, zones=zones))
    return _with_vm(_vm("far", "10.9.2.2", instance_type="medium", zone="far"), changed)


def _address_taken(scenario: Scenario) -> Scenario:
    return _with_vm(_vm("twin-b", "10.9.2.3"), _with_vm(_vm("twin-a", "10.9.2.3"), scenario))


def _network_full(scenario: Scenario) -> Scenario:
    tiny = replace(scenario, rules=replace(scenario.rules, networks={**scenario.rules.networks, "tiny": "10.7.0.0/30"}))
    return _with_vm(_dynamic("full-b"), _with_vm(_dynamic("full-a"), tiny))


def _dynamic(name: str) -> VmRequest:
    vm = _vm(name, "", network="tiny")
    return replace(vm, networks=(replace(vm.networks[0], kind=NetworkKind.DYNAMIC),))


def _public(name: str, ip: str) -> VmRequest:
    vm = _vm(name, "10.9.2.4")
    vip = NetworkSettings(name="public", kind=NetworkKind.VIP, ip=ip)
    return replace(vm, networks=(*vm.networks, vip))


def _name_taken(scenario: Scenario) -> Scenario:
    name = scenario.request.landing[-1].name
    return replace(scenario, rules=replace(scenario.rules, taken_names=frozenset({name})))


def _other_architecture(scenario: Scenario) -> Scenario:
    images = {**scenario.rules.images, "arm": MemoryImage(os="memory-linux", version="1.0", architecture="arm64")}
    changed = replace(scenario, rules=replace(scenario.rules, images=images))
    return _with_stemcell(_stemcell("arm", "x86_64"), changed)


_DENIED = (
    *("create_landing_resource", "delete_landing_resource", "find_landing_resources"),
    *("create_stemcell", "delete_stemcell", "create_vm", "delete_vm", "has_vm", "set_vm_metadata", "find_vms"),
    *("create_disk", "delete_disk", "attach_disk", "detach_disk", "find_disks"),
)
_SLOTS = replace(_vm("slots", "10.9.2.5"), disk_cids=tuple(DiskCid(f"d{number}") for number in range(9)))
_TAGS = {f"t{number}": "x" for number in range(51)}

FAULTS: tuple[Planted, ...] = (
    *(
        Planted(name=f"may-not-{method}", finding=f"permissions-missing:{method}", plant=partial(_deny, method))
        for method in _DENIED
    ),
    *(
        Planted(name=name, finding=finding, plant=plant)
        for name, finding, plant in (
            (
                "expired",
                "credentials-expired",
                lambda s: _with_account(s, lambda account: replace(account, credentials_days=0)),
            ),
            ("suspended", "account-disabled", lambda s: _with_account(s, lambda a: replace(a, is_suspended=True))),
            (
                "unregistered",
                "provider-not-registered",
                lambda s: _with_account(s, lambda a: replace(a, is_registered=False)),
            ),
            ("skewed", "clock-skew", lambda s: _with_account(s, lambda a: replace(a, clock_skew_s=-400.0))),
            (
                "few-vms",
                "quota-exceeded:vms",
                partial(_limit, lambda s: replace(s.rules, max_vms=len(s.request.vms) - 1)),
            ),
            ("few-cpus", "quota-exceeded:cpus", partial(_limit, lambda s: replace(s.rules, max_cpus=_cpus(s) - 1))),
            ("few-family-cpus", "quota-exceeded:cpus-of-big", _few_family_cpus),
            (
                "few-disks",
                "quota-exceeded:disks",
                partial(_limit, lambda s: replace(s.rules, max_disks=len(s.request.disks) - 1)),
            ),
            (
                "few-gib",
                "quota-exceeded:disks-mib",
                partial(
                    _limit,
                    lambda s: replace(s.rules, max_all_disks_mib=sum(disk.size_mib for disk in s.request.disks) - 1),
                ),
            ),
            (
                "few-networks",
                "quota-exceeded:networks",
                partial(
                    _limit,
                    lambda s: replace(s.rules, max_networks=_kinds(s, "network") + len(s.rules.networks) - 1),
                ),
            ),
            (
                "few-addresses",
                "quota-exceeded:public-addresses",
                partial(_limit, lambda s: replace(s.rules, max_public_addresses=_kinds(s, "public_address") - 1)),
            ),
            (
                "few-stemcells",
                "quota-exceeded:stemcells",
                partial(_limit, lambda s: replace(s.rules, max_stemcells=len(s.request.stemcells) - 1)),
            ),
            ("disk-huge", "disk-size-invalid", partial(_with_disk, _disk("huge", 5 * 1024 * 1024))),
            ("size-unknown", "unknown-instance-type", partial(_with_vm, _vm("s", "10.9.2.6", instance_type="odd"))),
            ("size-elsewhere", "instance-type-not-in-zone", _size_not_in_zone),
            ("zone-unknown", "unknown-zone", partial(_with_vm, _vm("z", "10.9.2.7", zone="nowhere"))),
            ("image-missing", "unknown-image", partial(_with_stemcell, _stemcell("gone", "x86_64"))),
            (
                "image-of-nothing",
                "unknown-image-source",
                partial(_with_stemcell, replace(_stemcell("default", "x86_64"), owner=_owner("copy"), source=_NO_DISK)),
            ),
            ("image-of-other-kind", "image-architecture", _other_architecture),
            ("image-heavy", "stemcell-format", partial(_with_stemcell, _stemcell("default", "x86_64", "/i.tgz"))),
            ("address-kept", "address-reserved", partial(_with_vm, _vm("k", "10.9.0.0"))),
            ("forbidden-tag", "tag-not-allowed", partial(_with_vm, replace(_vm("f", "10.9.2.12"), tags={"a/b": "x"}))),
            ("name-bad", "vm-name-invalid", partial(_with_vm, _vm("Bad_Name", "10.9.2.8"))),
            ("many-tags", "too-many-tags", partial(_with_vm, replace(_vm("t", "10.9.2.9"), tags=_TAGS))),
            ("long-tag", "tag-too-long", partial(_with_vm, replace(_vm("l", "10.9.2.10"), tags={"a": "x" * 257}))),
            ("network-unknown", "unknown-network", partial(_with_vm, _vm("n", "10.9.2.11", network="nowhere"))),
            ("address-outside", "address-outside-network", partial(_with_vm, _vm("o", "192.168.1.1"))),
            ("address-twice", "address-taken", _address_taken),
            ("subnet-full", "subnet-full", _network_full),
            (
                "ranges-overlap",
                "ranges-overlap",
                partial(
                    _with_landing, LandingResource(kind="network", name="over", properties={"cidr": "10.9.1.0/24"})
                ),
            ),
            (
                "network-odd",
                "network-range-invalid",
                partial(_with_landing, LandingResource(kind="network", name="odd", properties={"cidr": "10.9/99"})),
            ),
            (
                "public-unknown",
                "unknown-public-address",
                partial(_with_vm, _public("p", "198.51.100.1")),
            ),
            ("name-taken", "name-taken", _name_taken),
            ("slots", "too-many-disks", partial(_with_vm, _SLOTS)),
        )
    ),
    Planted(
        name="property-idle",
        finding="property-unused",
        plant=partial(_with_vm, _vm("i", "10.9.2.13", colour="red")),
        is_fatal=False,
    ),
    Planted(
        name="expiring",
        finding="credentials-expiring",
        plant=lambda s: _with_account(
            s, lambda a: replace(a, credentials_days=3 if a.credentials_days is None else a.credentials_days)
        ),
        is_fatal=False,
    ),
)
"""More than forty; the call-by-call ones are one kind each, as a role grants them one by one."""
