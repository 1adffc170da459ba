"""Faults that are planted in an OpenStack project or a plan, and what preflight must say of each.

Takes a project with a landing zone, gives the codes found. Told to a real OpenStack once, whose limits an administrator
changes meanwhile, and to its recorded answers ever after: those hold what was changed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from random import Random
from typing import Protocol

from cpi.contract.cloud import ConnectedCloud
from cpi.contract.values import (
    DiskCid,
    DiskRequest,
    FoundLandingResource,
    JsonValue,
    LandingResource,
    NetworkKind,
    NetworkSettings,
    PreflightRequest,
    StemcellCid,
    StemcellRequest,
    VmCid,
    VmRequest,
)
from tests.support.kit.planted import codes_of
from tests.support.openstack import story

NOWHERE = "00000000-0000-4000-8000-000000000000"
FIVES = 6
HEALTHY = 50


class Behind(Protocol):
    """What is done to the cloud behind the plugin's back."""

    def limit(self, service: str, name: str, value: int | None) -> None:
        """Set a limit of the project by the service's own name; None: as it was before."""

    def reader(self) -> Mapping[str, JsonValue]:
        """Settings of a user who may only read."""

    def leaving(self) -> Mapping[str, JsonValue]:
        """Settings of an application credential that lives for a day."""


class Nothing:
    """For recorded answers: whatever was done shows in them."""

    def limit(self, service: str, name: str, value: int | None) -> None:
        """It was changed when they were recorded."""

    def reader(self) -> Mapping[str, JsonValue]:
        """Anybody."""
        return {}

    def leaving(self) -> Mapping[str, JsonValue]:
        """Any application credential."""
        return {"application_credential_id": "some", "application_credential_secret": "geheim"}


Connect = Callable[[Mapping[str, JsonValue]], ConnectedCloud]
"""The plugin with settings beside the usual ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is asked, under which settings and limits."""

    request: PreflightRequest
    settings: Mapping[str, JsonValue] = field(default_factory=dict)
    limits: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def with_vm(self, vm: VmRequest) -> "Plan":
        """One VM more."""
        return replace(self, request=replace(self.request, vms=(*self.request.vms, vm)))

    def with_disk(self, disk: DiskRequest) -> "Plan":
        """One disk more."""
        return replace(self, request=replace(self.request, disks=(*self.request.disks, disk)))

    def with_landing(self, kind: str, name: str, **properties: JsonValue) -> "Plan":
        """One part of the landing zone more."""
        resource = LandingResource(kind=kind, name=name, properties=properties)
        return replace(self, request=replace(self.request, landing=(*self.request.landing, resource)))

    def set(self, **settings: JsonValue) -> "Plan":
        """Settings beside those there are."""
        return replace(self, settings={**self.settings, **settings})

    def limited(self, service: str, name: str, value: int) -> "Plan":
        """A limit of the project."""
        return replace(self, limits={**self.limits, (service, name): value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the landing zone has."""

    stemcell: StemcellCid
    vm_cid: VmCid
    """A machine, and its address."""
    taken: str
    address: str
    """A free public address."""

    def vm(self, last: int, **cloud_properties: JsonValue) -> VmRequest:
        """A VM that is right, at 10.9.0.`last`."""
        wanted = story.vm_request(f"v{last}", self.stemcell)
        (network,) = wanted.networks
        return replace(
            wanted,
            name=f"vm-{last}",
            networks=(replace(network, ip=f"10.9.0.{last}"),),
            cloud_properties={"instance_type": "m1.tiny", **cloud_properties},
        )

    def on(self, last: int, **network_properties: JsonValue) -> VmRequest:
        """A VM on a network of other properties."""
        vm = self.vm(last)
        return replace(vm, networks=(replace(vm.networks[0], cloud_properties=network_properties),))


def disk(action: str, size_mib: int = 1024, **cloud_properties: JsonValue) -> DiskRequest:
    """A disk."""
    return DiskRequest(owner=story.owner(action), size_mib=size_mib, cloud_properties=cloud_properties)


Plant = Callable[[Plan, Ground], Plan]


def _with_stemcell(plan: Plan, **properties: JsonValue) -> Plan:
    more = StemcellRequest(owner=story.owner("s"), os="debian", version="12", cloud_properties=properties)
    return replace(plan, request=replace(plan.request, stemcells=(*plan.request.stemcells, more)))


def _crowd(plan: Plan, ground: Ground) -> Plan:
    """More VMs than a /24 has addresses; the limits are out of the way."""
    vm = ground.vm(99)
    anywhere = replace(vm, networks=(replace(vm.networks[0], kind=NetworkKind.DYNAMIC, ip=None),))
    many = tuple(replace(anywhere, name=f"web-{n}", owner=story.owner(f"w{n}")) for n in range(254))
    limits = {("compute", name): -1 for name in ("instances", "cores", "ram")} | {("network", "port"): -1}
    return replace(
        plan, request=replace(plan.request, vms=(*plan.request.vms, *many)), limits={**limits, **plan.limits}
    )


def _public(ip: str) -> NetworkSettings:
    return NetworkSettings(name="public", kind=NetworkKind.VIP, ip=ip)


def _homeless(ground: Ground) -> VmRequest:
    return replace(ground.vm(36), networks=(_public(ground.address),))


def _many_disks(ground: Ground) -> VmRequest:
    return replace(ground.vm(35), disk_cids=tuple(DiskCid(f"{NOWHERE[:-2]}{n:02}") for n in range(26)))


ALONE: Mapping[str, Plant] = {
    "credentials-refused": lambda plan, _: plan.set(api_key="wrong"),
    "credentials-refused:user": lambda plan, _: plan.set(username="nobody"),
    "credentials-refused:project": lambda plan, _: plan.set(project="nobodys"),
    "service-missing": lambda plan, _: plan.set(region="Nowhere"),
}
"""What stops all other questions, so that nothing else is found beside it."""

PLANTED: Mapping[str, Plant] = {
    "external-network-missing": lambda plan, _: plan.set(external_network="nowhere").with_landing("router", "other"),
    "dns-names-not-supported": lambda plan, _: plan.set(dns_names={"jumpbox": "a.example.com"}).with_landing(
        "router", "r"
    ),
    "unknown-instance-type": lambda plan, ground: plan.with_vm(ground.vm(20, instance_type="m1.huge")),
    "instance-type-missing": lambda plan, ground: plan.with_vm(replace(ground.vm(21), cloud_properties={})),
    "image-too-large": lambda plan, ground: plan.with_vm(ground.vm(22, instance_type="m1.nano")),
    "unknown-stemcell": lambda plan, ground: plan.with_vm(
        replace(ground.vm(23), stemcell_cid=StemcellCid(f"{NOWHERE}:{NOWHERE}"))
    ),
    "unknown-image": lambda plan, _: _with_stemcell(plan, image_id="no-such-image"),
    "image-architecture": lambda plan, _: _with_stemcell(plan, architecture="arm64"),
    "unknown-security-group": lambda plan, ground: plan.with_vm(ground.vm(24, security_groups=["nobodys"])),
    "unknown-zone": lambda plan, ground: plan.with_vm(ground.vm(25, availability_zone="mars")),
    "unknown-zone:disk": lambda plan, _: plan.with_disk(disk("z", availability_zone="mars")),
    "unknown-key-pair": lambda plan, ground: plan.with_vm(ground.vm(26, key_name="nobodys")),
    "unknown-volume-type": lambda plan, _: plan.with_disk(disk("t", type="golden")),
    "unknown-network": lambda plan, ground: plan.with_vm(ground.on(27, net_id=NOWHERE)),
    "unknown-subnet": lambda plan, ground: plan.with_vm(ground.on(28, subnet_id=NOWHERE)),
    "unknown-cloud-property": lambda plan, ground: plan.with_vm(ground.vm(29, instance_typ="m1.tiny")),
    "wrong-cloud-property": lambda plan, ground: plan.with_vm(ground.vm(30, root_disk={"size": "huge"})),
    "service-missing:pools": lambda plan, ground: plan.with_vm(
        ground.vm(31, loadbalancer_pools=[{"name": "p", "port": 80}])
    ),
    "address-outside-network": lambda plan, ground: plan.with_vm(
        replace(ground.vm(32), networks=(replace(ground.vm(32).networks[0], ip="10.8.0.32"),))
    ),
    "address-taken": lambda plan, ground: plan.with_vm(
        replace(ground.vm(33), networks=(replace(ground.vm(33).networks[0], ip=ground.taken),))
    ),
    "address-asked-twice": lambda plan, ground: plan.with_vm(ground.vm(34)).with_vm(
        replace(ground.vm(34), name="twin", owner=story.owner("twin"))
    ),
    "too-many-disks": lambda plan, ground: plan.with_vm(_many_disks(ground)),
    "vm-without-network": lambda plan, ground: plan.with_vm(_homeless(ground)),
    "unknown-public-address": lambda plan, ground: plan.with_vm(
        replace(ground.vm(37), networks=(*ground.vm(37).networks, _public("192.0.2.1")))
    ),
    "vm-name-invalid": lambda plan, ground: plan.with_vm(replace(ground.vm(38), name="web_server")),
    "disk-size-invalid": lambda plan, _: plan.with_disk(disk("n", size_mib=0)),
    "ranges-overlap": lambda plan, _: plan.with_landing(
        "subnet", "one-subnet", network="one", cidr="10.7.0.0/16"
    ).with_landing("subnet", "two-subnet", network="two", cidr="10.7.9.0/24"),
    "subnet-full": _crowd,
    "quota-exceeded:instances": lambda plan, _: plan.limited("compute", "instances", 0),
    "quota-exceeded:cores": lambda plan, _: plan.limited("compute", "cores", 0),
    "quota-exceeded:ram": lambda plan, _: plan.limited("compute", "ram", 128),
    "quota-exceeded:volumes": lambda plan, _: plan.limited("volume", "volumes", 0),
    "quota-exceeded:gigabytes": lambda plan, _: plan.limited("volume", "gigabytes", 0),
    "quota-exceeded:root volume": lambda plan, ground: plan.with_vm(ground.vm(39, root_disk={"size": 100})).limited(
        "volume", "gigabytes", 50
    ),
    "quota-exceeded:ports": lambda plan, _: plan.limited("network", "port", 1),
    "quota-exceeded:routers": lambda plan, _: plan.with_landing("router", "s").limited("network", "router", 1),
    "quota-exceeded:networks": lambda plan, _: plan.with_landing("network", "t").limited("network", "network", 1),
    "quota-exceeded:subnets": lambda plan, _: plan.with_landing(
        "subnet", "u-subnet", network="u", cidr="10.6.0.0/24"
    ).limited("network", "subnet", 1),
    "quota-exceeded:groups": lambda plan, _: plan.with_landing("security_group", "v").limited(
        "network", "security_group", 3
    ),
    "quota-exceeded:addresses": lambda plan, _: plan.with_landing("public_address", "w").limited(
        "network", "floatingip", 1
    ),
}
"""What preflight must say, and after a colon which of several faults with that code."""


def healthy(ground: Ground) -> Plan:
    """A VM and a disk that fit."""
    return Plan(request=PreflightRequest(vms=(ground.vm(11),), disks=(disk("d"),)))


_TAPED = (
    "address-asked-twice",
    "address-outside-network",
    "address-taken",
    "disk-size-invalid",
    "external-network-missing",
    "image-too-large",
    "image-architecture",
    "instance-type-missing",
    "service-missing:pools",
    "ranges-overlap",
    "subnet-full",
    "dns-names-not-supported",
    "quota-exceeded:addresses",
    "quota-exceeded:cores",
    "quota-exceeded:gigabytes",
    "quota-exceeded:groups",
    "quota-exceeded:instances",
    "quota-exceeded:networks",
    "quota-exceeded:ports",
    "quota-exceeded:ram",
    "quota-exceeded:root volume",
    "quota-exceeded:routers",
    "quota-exceeded:subnets",
    "quota-exceeded:volumes",
    "too-many-disks",
    "unknown-cloud-property",
    "unknown-instance-type",
    "unknown-image",
    "unknown-key-pair",
    "unknown-network",
    "unknown-public-address",
    "unknown-security-group",
    "unknown-stemcell",
    "unknown-subnet",
    "unknown-volume-type",
    "unknown-zone",
    "unknown-zone:disk",
    "vm-name-invalid",
    "vm-without-network",
    "wrong-cloud-property",
)
"""The faults in the order in which the tape was made, whatever their codes are called since."""


def several(seed: int) -> tuple[str, ...]:
    """Five faults that can be at once."""
    return tuple(Random(seed).sample(_TAPED, 5))


def plans(ground: Ground) -> Iterator[Plan]:
    """Fifty plans that are right, by their seeds."""
    for seed in range(HEALTHY):
        random = Random(seed)
        lasts = random.sample(range(11, 60), random.randint(1, 6))
        vms = tuple(_right_vm(ground, last, random) for last in lasts)
        disks = tuple(disk(f"d{n}", random.randint(1, 9999)) for n in range(random.randint(0, 4)))
        yield Plan(request=PreflightRequest(vms=vms, disks=disks))


def _right_vm(ground: Ground, last: int, random: Random) -> VmRequest:
    zone: dict[str, JsonValue] = {"availability_zone": "nova"} if random.random() < 0.5 else {}
    vm = ground.vm(last, instance_type=random.choice(["m1.tiny", "m1.small", "m1.small-eph"]), **zone)
    if random.random() < 0.3:
        return replace(vm, networks=(replace(vm.networks[0], kind=NetworkKind.DYNAMIC, ip=None),))
    return vm


def signed_in(written: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """The settings; an application credential is a whole login and takes no user and project beside it."""
    user = {"username", "api_key", "project"} if "application_credential_id" in written else set()
    return {key: value for key, value in written.items() if key not in user}


def report(connect: Connect, behind: Behind) -> dict[str, list[str]]:
    """What preflight says of everything planted, singly and in fives, and of what is right."""
    connected = connect({})
    landed, ground = _land(connected)
    asked = {name: plant(healthy(ground), ground) for name, plant in {**ALONE, **PLANTED}.items()}
    for seed in range(FIVES):
        asked[_five(seed)] = reduce(lambda plan, name: PLANTED[name](plan, ground), several(seed), healthy(ground))
    asked |= {f"right {number}": plan for number, plan in enumerate(plans(ground))}
    asked["permissions-doubtful"] = replace(healthy(ground), settings=behind.reader())
    asked["credentials-expiring"] = replace(healthy(ground), settings=behind.leaving())
    reported = {name: _ask(plan, connect, behind) for name, plan in asked.items()}
    _clear(connected, landed, ground)
    return reported


def expected() -> dict[str, list[str]]:
    """What `tell` must give."""
    fives = {_five(seed): sorted(codes_of(several(seed))) for seed in range(FIVES)}
    right: dict[str, list[str]] = {f"right {number}": [] for number in range(HEALTHY)}
    remarks = ("permissions-doubtful", "credentials-expiring")
    return {name: sorted(codes_of([name])) for name in (*ALONE, *PLANTED, *remarks)} | fives | right


def _five(seed: int) -> str:
    return f"five {', '.join(several(seed))}"


def _land(connected: ConnectedCloud) -> tuple[list[FoundLandingResource], Ground]:
    cloud, landing = connected.cloud, connected.landing
    assert landing is not None
    specs = landing.landing_resources(story.SPEC)
    landed = [landing.create_landing_resource(one, story.owner("land")) for one in specs]
    address = next(one.outputs["jumpbox_public_ip"] for one in landed if one.kind == "public_address")
    stemcell = cloud.create_stemcell(StemcellRequest(owner=story.owner("stemcell"), os="debian", version="12"))
    there = cloud.create_vm(story.vm_request("there", stemcell))
    return landed, Ground(stemcell=stemcell, address=address, taken="10.9.0.10", vm_cid=there.cid)


def _clear(connected: ConnectedCloud, landed: list[FoundLandingResource], ground: Ground) -> None:
    assert connected.landing is not None
    story.delete_vm(connected.cloud, ground.vm_cid)
    connected.cloud.delete_stemcell(ground.stemcell)
    for one in reversed(landed):
        connected.landing.delete_landing_resource(one.cid)


def _ask(plan: Plan, connect: Connect, behind: Behind) -> list[str]:
    for (service, name), value in plan.limits.items():
        behind.limit(service, name, value)
    try:
        preflight = connect(plan.settings).preflight
        assert preflight is not None
        findings = preflight.preflight(plan.request)
    finally:
        for service, name in plan.limits:
            behind.limit(service, name, None)
    assert all(finding.what and finding.why and finding.fix for finding in findings), findings
    return sorted({finding.code for finding in findings})
