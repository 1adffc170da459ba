"""Faults planted in an account, in the plugin's settings or in a plan, and the expected finding of each.

Takes a Stand, changes it. Faults are by what preflight must say, and after a colon which of several with that code.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cpi.clouds.aws.wire import names
from cpi.contract.values import DiskCid, Finding, JsonValue, NetworkKind, NetworkSettings, StemcellCid, VmRequest
from tests.contract.cloud.subjects import ENVIRONMENT
from tests.support.aws import back, planted_images, shared
from tests.support.aws.emulator import Emulator
from tests.support.aws.faults import Rule
from tests.support.kit.plan_stands import PlanStand
from tests.unit.cpi import agents

_ZONE_OF_NAMES = "Z0123456789ABCDEFGHIJ"
_FAR_TYPE = "trn1.2xlarge"
"""Not offered in us-east-1a, where the plan's VMs are."""


@dataclass(slots=True, kw_only=True)
class Stand(PlanStand):
    """An environment, its account, and the plan that is about to be carried out."""

    emulator: Emulator

    def add_vm(self, **cloud_properties: JsonValue) -> VmRequest:
        """Another VM in the plan, on the next address."""
        last = 20 + len(self.request.vms)
        properties = {"instance_type": "t3.micro", **cloud_properties}
        vm = replace(self.subject.vm_request(f"v{last}", last=last), cloud_properties=properties)
        self.request = replace(self.request, vms=(*self.request.vms, vm))
        return vm

    def add_networked(self, **cloud_properties: JsonValue) -> None:
        """Another VM, whose network has these properties."""
        vm = self.add_vm()
        self.swap_last(replace(vm, networks=(replace(vm.networks[0], cloud_properties=cloud_properties),)))

    def add_at(self, last: int) -> None:
        """Another VM, with the address that ends in `last`."""
        vm = self.subject.vm_request(f"at{last}", last=last)
        self.request = replace(self.request, vms=(*self.request.vms, vm))

    def add_subnet(self, name: str, cidr: str) -> None:
        """Another subnet of the landing zone in the plan."""
        self.add_landing("subnet", name, cidr=cidr, zone="us-east-1a", network="more")

    def limit(self, code: str, value: float) -> None:
        """Set a limit of the account ("ec2/L-1216C47A")."""
        self.emulator.account.limits[code] = value

    def findings(self) -> tuple[Finding, ...]:
        """What preflight says; it changes nothing."""
        preflight = shared.connect(self.emulator, ENVIRONMENT, **self.settings).preflight
        assert preflight is not None
        self.emulator.front.log.clear()
        found = preflight.preflight(self.request)
        assert writes(self.emulator) == []
        return found


def writes(emulator: Emulator) -> list[str]:
    """The calls so far that asked for a change: dry runs do not, nor does a sign-in."""
    calls = [call for call in emulator.front.log if not call.is_read and call.get("DryRun") != "true"]
    return [call.action for call in calls if call.action != "AssumeRole"]


def _image(stand: Stand) -> None:
    stand.swap_last(replace(stand.add_vm(), stemcell_cid=StemcellCid("ami-0123456789abcdef0")))


def _taken(stand: Stand) -> None:
    vm = stand.subject.vm_request("other", last=15)
    stand.subject.connected.cloud.create_vm(vm)
    stand.request = replace(stand.request, vms=(*stand.request.vms, replace(vm, name="late")))


def _twice(stand: Stand) -> None:
    stand.add_at(17)
    stand.swap_last(replace(stand.request.vms[-1], name="twin"))
    stand.add_at(17)


def _no_type(stand: Stand) -> None:
    stand.swap_last(replace(stand.add_vm(), cloud_properties={}))


def _profile(stand: Stand) -> None:
    """A profile with a role that we may not give to VMs."""
    api = shared.usual_api()
    api.change("iam", "CreateRole", RoleName="worker", AssumeRolePolicyDocument="{}")
    api.change("iam", "CreateInstanceProfile", InstanceProfileName="workers")
    api.change("iam", "AddRoleToInstanceProfile", InstanceProfileName="workers", RoleName="worker")
    stand.add_vm(iam_instance_profile="workers")
    stand.emulator.account.denied.add("iam:PassRole")


def _slots(stand: Stand) -> None:
    stand.swap_last(replace(stand.add_vm(), disk_cids=tuple(DiskCid(f"vol-{n}") for n in range(12))))


def _vcpus(stand: Stand) -> None:
    stand.limit("ec2/L-1216C47A", 1.0)


def _spot(stand: Stand) -> None:
    stand.limit("ec2/L-34B43A08", 1.0)
    stand.add_vm(spot_bid_price=0.01)


def _gp3(stand: Stand) -> None:
    stand.limit("ebs/L-7A658B76", 1.0)
    stand.add_disk(1024 * 1024)


def _io1(stand: Stand) -> None:
    stand.limit("ebs/L-FD252861", 2.0)
    stand.add_disk(1024 * 1024, type="io1", iops=100)
    stand.add_disk(1025 * 1024, type="io1", iops=100)


def _iops(stand: Stand) -> None:
    stand.limit("ebs/L-B3A130E6", 5000.0)
    stand.add_disk(100 * 1024, type="io1", iops=3000)
    stand.add_disk(100 * 1024, type="io1", iops=3000)


def _vip(stand: Stand) -> None:
    request = stand.add_vm()
    vip = NetworkSettings(
        name="public", kind=NetworkKind.VIP, ip="203.0.113.5", cloud_properties={"security_group": "s"}
    )
    stand.swap_last(replace(request, networks=(*request.networks, vip)))


def _full(stand: Stand) -> None:
    vms = tuple(stand.subject.vm_request(f"f{n}", kind=NetworkKind.DYNAMIC) for n in range(70))
    stand.request = replace(stand.request, vms=(*stand.request.vms, *vms))


def _addresses(stand: Stand) -> None:
    stand.limit("ec2/L-0263D0A3", 1.0)
    stand.add_landing("public_address", "console")


def _vpcs(stand: Stand) -> None:
    stand.limit("vpc/L-F678F1CE", 1.0)
    stand.add_landing("vpc", "other")


def _bucket(stand: Stand) -> None:
    name = names.bucket_name(ENVIRONMENT, account=back.ACCOUNT, region=back.REGION)
    back.s3().delete_bucket_tagging(name)
    stand.add_landing("bucket", "blobs")


def _key_taken(stand: Stand) -> None:
    back.ec2().create_key_pair(names.key_name(ENVIRONMENT), "rsa", {})
    stand.add_landing("key_pair", "login")


def _ranges(stand: Stand) -> None:
    stand.add_subnet("more-z1", "10.9.4.0/23")
    stand.add_subnet("more-z2", "10.9.5.0/24")


def _hosted_zone(stand: Stand) -> str:
    """The id of example.org."""
    zone = back.route53().create_hosted_zone("example.org", private_zone=False, comment="")
    return str(zone.id)


def _name_outside(stand: Stand) -> None:
    stand.settings |= {"dns_names": {"jumpbox": "jump.example.com"}, "hosted_zone_id": _hosted_zone(stand)}
    stand.add_landing("dns_record", "jumpbox-name", name="jump.example.com", address="jumpbox")


def _no_zone_of_names(stand: Stand) -> None:
    stand.settings |= {"dns_names": {"jumpbox": "jump.example.com"}, "hosted_zone_id": _ZONE_OF_NAMES}
    stand.add_landing("dns_record", "jumpbox-name", name="jump.example.com", address="jumpbox")


def _expired(stand: Stand) -> None:
    stand.emulator.faults.add(Rule(action="GetCallerIdentity", code="ExpiredToken", status=403))


def _networks(stand: Stand, *networks: NetworkSettings) -> VmRequest:
    """Another VM, on these networks instead."""
    vm = replace(stand.add_vm(), networks=networks)
    stand.swap_last(vm)
    return vm


def _own_network(stand: Stand, *rules: Mapping[str, Any], vms: int = 1, public: str = "") -> None:
    """VMs in a VPC of the operator's own, in a security group with these rules; with a public address where named."""
    api = shared.usual_api()
    vpc = api.change("ec2", "CreateVpc", CidrBlock="10.50.0.0/16")["Vpc"]["VpcId"]
    place = {"VpcId": vpc, "CidrBlock": "10.50.0.0/24", "AvailabilityZone": "us-east-1a"}
    subnet = api.change("ec2", "CreateSubnet", **place)["Subnet"]["SubnetId"]
    group = api.change("ec2", "CreateSecurityGroup", GroupName="own", Description="own", VpcId=vpc)["GroupId"]
    if rules:
        api.change("ec2", "AuthorizeSecurityGroupIngress", GroupId=group, IpPermissions=list(rules))
    vip = [NetworkSettings(name="public", kind=NetworkKind.VIP, ip=public)] if public else []
    for number in range(vms):
        vm = stand.add_vm(security_groups=["own"])
        there = replace(vm.networks[0], ip=f"10.50.0.{number + 10}", cloud_properties={"subnet": subnet})
        stand.swap_last(replace(vm, networks=(there, *vip)))


def _tcp_22(cidr: str) -> Mapping[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": cidr}]}


def _jumpbox_without_internet(stand: Stand) -> None:
    """A public one that lets in its own network alone."""
    _own_network(stand, _tcp_22("10.0.0.0/8"), public=_public_address(stand))
    stand.request = replace(stand.request, direct=frozenset({stand.request.vms[-1].owner}))


def _public_address(stand: Stand) -> str:
    """That of the landing zone."""
    found = stand.subject.landing.find_landing_resources(ENVIRONMENT)
    return next(one.outputs["jumpbox_public_ip"] for one in found if "jumpbox_public_ip" in one.outputs)


def _open_wider(stand: Stand) -> None:
    _own_network(stand, _tcp_22("0.0.0.0/0"), public=_public_address(stand))
    stand.request = replace(stand.request, direct=frozenset({stand.request.vms[-1].owner}))
    stand.settings["public_sources"] = ["203.0.113.0/24"]


def _private(stand: Stand, **changes: Any) -> NetworkSettings:
    return replace(stand.subject.vm_request("n").networks[0], **changes)


def _ipv6(stand: Stand, **changes: Any) -> NetworkSettings:
    """Its address is left open, so that nothing else is wrong with it."""
    return _private(stand, **{"kind": NetworkKind.DYNAMIC, "ip": None, "gateway": "2001:db8::1", **changes})


def _shared(stand: Stand, *changes: Mapping[str, Any]) -> None:
    """Networks of one nic_group."""
    main = {"nic_group": "1", "cloud_properties": {"network": "main"}}
    _networks(stand, *(_private(stand, **{**main, "name": f"n{at}", **each}) for at, each in enumerate(changes)))


def _cards(stand: Stand) -> tuple[NetworkSettings, ...]:
    """One more than a t3.micro has."""
    anywhere = {"kind": NetworkKind.DYNAMIC, "ip": "", "gateway": "", "cloud_properties": {"network": "main"}}
    return tuple(_private(stand, name=f"n{at}", **anywhere) for at in range(3))


def _without_network(stand: Stand) -> None:
    _networks(stand, NetworkSettings(name="public", kind=NetworkKind.VIP, ip="203.0.113.5"))


def _agents_cards(stand: Stand) -> None:
    stand.swap_last(agents.with_agent(_networks(stand, *_cards(stand)[:2])))


def _agents_storage(stand: Stand) -> None:
    vm = stand.add_vm(ephemeral_disk={"use_instance_storage": True, "size": 10240})
    stand.swap_last(agents.with_agent(vm))


def _stemcell_of(cid: str) -> Callable[[Stand], None]:
    return lambda stand: stand.swap_last(replace(stand.add_vm(), stemcell_cid=StemcellCid(cid)))


PLANS: Mapping[str, Callable[[Stand], object]] = {
    "ssh-port-closed": lambda stand: _own_network(stand),
    "ssh-port-closed:source": _jumpbox_without_internet,
    "ipv6-without-ipv4": lambda stand: _networks(stand, _ipv6(stand)),
    "nic-group-dynamic": lambda stand: _shared(stand, {"ip": "10.9.0.40"}, {"kind": NetworkKind.DYNAMIC, "ip": None}),
    "nic-group-address-twice": lambda stand: _shared(stand, {"ip": "10.9.0.41"}, {"ip": "10.9.0.42"}),
    "nic-group-subnets-differ": lambda stand: _shared(
        stand,
        {"ip": "10.9.0.43", "cloud_properties": {"subnet": "subnet-1"}},
        {"ip": "fd00::5", "gateway": "", "cloud_properties": {"subnet": "subnet-2"}},
    ),
    "prefix-size-unsupported": lambda stand: _shared(stand, {"ip": "10.9.0.44"}, {"ip": "10.9.0.48", "block_bits": 29}),
    "prefix-without-address": lambda stand: _networks(stand, _private(stand, ip="10.9.0.48", block_bits=28)),
    "too-many-interfaces": lambda stand: _networks(stand, *_cards(stand)),
    "vm-name-invalid": lambda stand: stand.swap_last(replace(stand.add_vm(), name="Bad_Name")),
    "vm-without-network": _without_network,
    "tag-too-long": lambda stand: stand.add_vm(tags={"note": "x" * 257}),
    "tag-not-allowed": lambda stand: stand.add_vm(tags={"aws:note": "x"}),
    "unknown-stemcell": _stemcell_of("no stemcell"),
    "foreign-cid": _stemcell_of("stemcell-0123456789abcdef"),
    "image-not-readable": lambda stand: stand.add_stemcell(path=str(stand.folder / "absent")),
    "stemcell-encryption-differs": lambda stand: stand.add_stemcell(
        encrypted=True, kms_key_arn="arn:aws:kms:us-east-1:1:key/k"
    ),
    "agent-cards-unknown": _agents_cards,
    "instance-storage-with-settings": _agents_storage,
    "unknown-zone": lambda stand: stand.settings.update(zones=["us-east-1a", "us-east-1z"]),
    "unknown-instance-type": lambda stand: stand.add_vm(instance_type="t3.gigantic"),
    "instance-type-missing": _no_type,
    "instance-type-not-in-zone": lambda stand: stand.add_vm(instance_type=_FAR_TYPE),
    "quota-exceeded:graphics": lambda stand: stand.add_vm(instance_type="g4dn.xlarge"),
    "unknown-image": _image,
    "unknown-image:stemcell": lambda stand: stand.add_stemcell(os="debian", version="99"),
    "unknown-image:ami": lambda stand: stand.add_stemcell(image_id="ami-0123456789abcdef1"),
    "unknown-image:system": lambda stand: stand.add_stemcell(os="plan9", version="4"),
    "unknown-image-source": lambda stand: stand.add_image("vm", "i-0123456789abcdef0"),
    "unknown-image-source:snapshot": lambda stand: stand.add_image("snapshot", "snap-0123456789abcdef0"),
    "image-architecture": lambda stand: stand.add_vm(instance_type="t4g.micro"),
    "image-architecture:stemcell": lambda stand: stand.add_stemcell(image_id="ami-0deb12b0000000001"),
    "image-format-wrong": planted_images.heavy,
    "address-asked-twice": _twice,
    "address-reserved": lambda stand: stand.add_at(2),
    "address-outside-network": lambda stand: stand.add_at(250),
    "subnet-full": _full,
    "ranges-overlap": _ranges,
    "ranges-overlap:there": lambda stand: stand.add_subnet("more-z3", "10.9.0.32/27"),
    "unknown-cloud-property": lambda stand: stand.add_vm(instance_typ="t3.micro"),
    "unknown-cloud-property:disk": lambda stand: stand.add_disk(tipe="gp3"),
    "wrong-cloud-property": lambda stand: stand.add_vm(root_disk={"size": "huge"}),
    "wrong-cloud-property:disk": lambda stand: stand.add_disk(iops="many"),
    "property-not-supported": lambda stand: stand.add_vm(raw_instance_storage=True),
    "unknown-key-pair": lambda stand: stand.add_vm(key_name="nobodys"),
    "unknown-instance-profile": lambda stand: stand.add_vm(iam_instance_profile="nobodys"),
    "unknown-security-group": lambda stand: stand.add_vm(security_groups=["nobodys"]),
    "unknown-security-group:id": lambda stand: stand.add_vm(security_groups=["sg-0123456789abcdef0"]),
    "unknown-load-balancer": lambda stand: stand.add_vm(elbs=["nobodys"]),
    "unknown-route-table": lambda stand: stand.add_vm(
        advertised_routes=[{"table_id": "rtb-0123456789abcdef0", "destination": "10.77.0.0/16"}]
    ),
    "unknown-target-group": lambda stand: stand.add_vm(lb_target_groups=["nobodys"]),
    "unknown-subnet": lambda stand: stand.add_networked(subnet="subnet-0123456789abcdef0"),
    "unknown-network": lambda stand: stand.add_networked(network="nobodys"),
    "zones-differ": lambda stand: stand.add_vm(availability_zone="us-east-1b"),
    "disk-size-invalid": lambda stand: stand.add_disk(0),
    "disk-size-invalid:huge": lambda stand: stand.add_disk(17 * 1024 * 1024),
    "unknown-volume-type": lambda stand: stand.add_disk(type="gp9"),
    "volume-iops-missing": lambda stand: stand.add_disk(8192, type="io2"),
    "volume-setting-invalid:iops": lambda stand: stand.add_disk(204800, iops=90000),
    "volume-setting-invalid:throughput": lambda stand: stand.add_disk(type="gp2", throughput=250),
    "volume-setting-invalid:root": lambda stand: stand.add_vm(root_disk={"type": "sc1", "size": 204800}),
    "too-many-tags": lambda stand: stand.add_vm(tags={f"tag{number}": "x" for number in range(48)}),
    "property-not-supported:storage": lambda stand: stand.add_vm(ephemeral_disk={"use_instance_storage": True}),
    "key-without-encryption": lambda stand: stand.add_disk(
        encrypted=False, kms_key_arn="arn:aws:kms:us-east-1:1:key/k"
    ),
    "unknown-cloud-property:vip": _vip,
    "stemcell-not-in-region": lambda stand: stand.add_stemcell(ami={"eu-north-1": "ami-0deb12a0000000001"}),
    "too-many-disks": _slots,
    "unknown-hosted-zone": _no_zone_of_names,
}
"""Faults of a plan, or of what the environment's file says: they leave the account as it is."""

ACCOUNTS: Mapping[str, Callable[[Stand], object]] = {
    "permissions-missing": lambda stand: stand.emulator.account.denied.add("ec2:AttachVolume"),
    "role-not-passed": _profile,
    "clock-skew": lambda stand: setattr(stand.emulator.front, "skew_s", 600.0),
    "quota-exceeded": _vcpus,
    "quota-exceeded:spot": _spot,
    "quota-exceeded:gp3": _gp3,
    "quota-exceeded:io1": _io1,
    "quota-exceeded:iops": _iops,
    "quota-exceeded:addresses": _addresses,
    "quota-exceeded:vpcs": _vpcs,
    "image-source-unfit": planted_images.unfit,
    "address-taken": _taken,
    "name-taken": _bucket,
    "name-taken:key": _key_taken,
    "dns-name-outside-zone": _name_outside,
}
"""Faults of the account, or that something there makes."""

FAULTS = {**PLANS, **ACCOUNTS}
APART = frozenset({"dns-name-outside-zone", "unknown-hosted-zone"})
"""Each writes what the other would: at most one of them at a time."""

REMARKS: Mapping[str, Callable[[Stand], object]] = {
    "quota-unknown": lambda stand: stand.emulator.faults.add(
        Rule(action="GetServiceQuota", code="AccessDeniedException", status=400, times=99)
    ),
    "property-unused": lambda stand: stand.add_vm(spot_ondemand_fallback=True),
    "setting-unused": lambda stand: stand.settings.update(max_retries=8),
    "health-port-closed": lambda stand: _own_network(stand, _tcp_22("10.0.0.0/8"), vms=2),
    "ssh-open-wider": _open_wider,
}
"""What forbids nothing."""

SHUT: Mapping[str, Callable[[Stand], object]] = {
    "credentials-refused": lambda stand: stand.emulator.account.known_keys.add("AKIAOTHER"),
    "credentials-expired": _expired,
    "account-not-enabled": lambda stand: setattr(stand.emulator.account, "closed", "OptInRequired"),
    "account-not-enabled:blocked": lambda stand: setattr(stand.emulator.account, "closed", "Blocked"),
}
"""Without access nothing else can be checked: the only finding."""
