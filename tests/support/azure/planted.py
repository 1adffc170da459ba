"""Faults planted in a subscription, in the plugin's settings or in a plan, and the expected finding of each.

Takes a Stand, changes it. Faults are by what preflight must say, and after a colon which of several with that code.
"""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from cpi.clouds.azure.wire.names import account_name
from cpi.contract.values import DiskCid, JsonValue, NetworkKind, StemcellCid
from tests.contract.cloud.subjects import ENVIRONMENT
from tests.support.azure import own_networks, planted_interfaces, storage
from tests.support.azure.plan_stand import GROUP as GROUP
from tests.support.azure.plan_stand import ROOT
from tests.support.azure.plan_stand import Stand as Stand
from tests.support.azure.plan_stand import writes as writes
from tests.support.azure.store import Held


def _full(stand: Stand) -> None:
    vms = tuple(stand.subject.vm_request(f"f{n}", kind=NetworkKind.DYNAMIC) for n in range(252))
    small = {"instance_type": "Standard_B1s"}
    stand.region.limits["cores"] = stand.region.limits["cores"] + 300
    stand.region.limits["standardBSFamily"] = stand.region.limits["standardBSFamily"] + 300
    many = tuple(replace(vm, cloud_properties=small) for vm in vms)
    stand.request = replace(stand.request, vms=(*stand.request.vms, *many))


def _zone(stand: Stand) -> None:
    stand.region.sizes["Standard_D2s_v5"].zones = ("1",)
    stand.add_vm(21, instance_type="Standard_D2s_v5", availability_zone="3")


def _restricted(stand: Stand) -> None:
    why = {"type": "Location", "reasonCode": "NotAvailableForSubscription"}
    stand.region.sizes["Standard_D8s_v5"].restrictions = [why]
    stand.add_vm(33, instance_type="Standard_D8s_v5")


def _limit(name: str, limit: int) -> Callable[[Stand], None]:
    return lambda stand: stand.region.limits.update({name: limit})


def _family(stand: Stand) -> None:
    stand.region.limits["standardDSv3Family"] = 3
    stand.add_vm(22, instance_type="Standard_D4s_v3")


def _premium(stand: Stand) -> None:
    stand.region.limits["PremiumDiskCount"] = 1
    stand.add_disk(storage_account_type="Premium_LRS")
    stand.add_disk(storage_account_type="Premium_LRS")


def _ultra(stand: Stand) -> None:
    stand.region.limits["UltraSSDDiskSizeInGB"] = 10
    stand.add_disk(11 * 1024, storage_account_type="UltraSSD_LRS")


def _addresses(stand: Stand) -> None:
    stand.region.limits["StandardSkuPublicIpAddresses"] = 1
    stand.add_landing("public_address", "console")


def _image(stand: Stand) -> None:
    image = {"publisher": "Debian", "offer": "debian-12", "sku": "gone", "version": "latest"}
    stand.add_stemcell(image=image)


def _architecture(stand: Stand) -> None:
    image = {"publisher": "Debian", "offer": "debian-12", "sku": "12-arm64", "version": "latest"}
    stand.add_stemcell(image=image)
    stand.swap_last(replace(stand.add_vm(44), stemcell_cid=StemcellCid("")))


def _heavy(stand: Stand) -> None:
    disk = stand.folder / "disk.vhd"
    disk.write_bytes(b"no footer" * 1000)
    stand.add_stemcell(path=str(disk))


def _slots(stand: Stand) -> None:
    vm = stand.add_vm(23, instance_type="Standard_B1s")
    stand.swap_last(replace(vm, disk_cids=tuple(DiskCid(f"d{n}") for n in range(3))))


def _taken(stand: Stand) -> None:
    stand.subject.connected.cloud.create_vm(stand.subject.vm_request("other", last=15))
    stand.add_vm(15)


def _twice(stand: Stand) -> None:
    stand.add_vm(25)
    stand.request = replace(stand.request, vms=(*stand.request.vms, stand.subject.vm_request("twin", last=25)))


def _outside(stand: Stand) -> None:
    vm = stand.add_vm(26)
    stand.swap_last(replace(vm, networks=(replace(vm.networks[0], ip="10.9.7.26"),)))


def _outside_of_planned(stand: Stand) -> None:
    stand.add_landing("network", "later", cidr="10.7.0.0/24")
    vm = stand.add_vm(27)
    stand.swap_last(replace(vm, networks=(replace(vm.networks[0], name="later", ip="10.7.1.27"),)))


def _subnet(stand: Stand) -> None:
    vm = stand.add_vm(28)
    stand.swap_last(replace(vm, networks=(replace(vm.networks[0], cloud_properties={"subnet_name": "nobodys"}),)))


def _no_network(stand: Stand) -> None:
    vm = stand.add_vm(29)
    vip = replace(vm.networks[0], kind=NetworkKind.VIP)
    stand.swap_last(replace(vm, networks=(vip,)))


def _host_name(stand: Stand) -> None:
    stand.swap_last(replace(stand.add_vm(30), name="Bad_Name"))


def _zone_and_set(stand: Stand) -> None:
    stand.add_vm(31, availability_zone="1", availability_set="mine")


def _account(stand: Stand) -> None:
    stand.settings["storage_account_prefix"] = "wanted"
    subscription = str(stand.azure.settings(**stand.settings)["subscription_id"])
    names = [
        account_name("wanted", subscription=subscription, environment=ENVIRONMENT, attempt=attempt)
        for attempt in range(9)
    ]
    stand.region.taken_accounts |= set(names)
    for held in stand.azure.place.store.of_type(storage.ACCOUNT):
        stand.azure.place.store.drop(held.id)
    stand.add_landing("storage_account", "the-storage")


def _label(stand: Stand) -> None:
    stand.region.taken_labels.add("console-of-mine")
    stand.add_landing("public_address", "labelled", label="console-of-mine")


def _ranges(stand: Stand) -> None:
    stand.add_landing("network", "one", cidr="10.6.0.0/23")
    stand.add_landing("network", "two", cidr="10.6.1.0/24")


def _provider(stand: Stand) -> None:
    stand.settings["resource_group_name"] = f"compleat-{ENVIRONMENT}"
    stand.region.providers["Microsoft.Network"] = "NotRegistered"


def _no_group(stand: Stand) -> None:
    stand.settings["resource_group_name"] = "nobodys"
    stand.add_landing("network", "main", cidr="10.9.0.0/24")


def _subscription(stand: Stand) -> None:
    stand.settings["subscription_id"] = "00000000-0000-0000-0000-00000000dead"


def _principal_gone(stand: Stand) -> None:
    del stand.azure.login.objects[stand.azure.settings()["credentials"]["client_id"]]


def _large_image(stand: Stand) -> None:
    """An image of 64 GiB, and a root disk of 40."""
    path = f"{GROUP}/providers/Microsoft.Compute/images/large"
    body = {"id": path, "name": "large", "type": "Microsoft.Compute/images", "location": stand.azure_location()}
    disk = {"osDisk": {"diskSizeGB": 64}}
    tags = dict(stand.group().body["tags"])
    stand.azure.place.store.put(Held(id=path, body={**body, "tags": tags, "properties": {"storageProfile": disk}}))
    stand.add_stemcell(image_id=path)
    stand.swap_last(replace(stand.add_vm(46, root_disk={"size": 40 * 1024}), stemcell_cid=StemcellCid("")))


def _unfit(stand: Stand) -> None:
    """A disk in another location."""
    path = f"{GROUP}/providers/Microsoft.Compute/disks/far"
    body = {"id": path, "name": "far", "type": "Microsoft.Compute/disks", "location": "southeastasia", "properties": {}}
    stand.azure.place.store.put(Held(id=path, body=body))
    stand.add_image("disk", "far")


def _image_name(stand: Stand) -> None:
    stand.settings["default_image"] = "debian"
    stand.add_stemcell()


def _pool(stand: Stand) -> None:
    path = f"{GROUP}/providers/Microsoft.Network/loadBalancers/web"
    body = {"id": path, "name": "web", "type": "Microsoft.Network/loadBalancers"}
    stand.azure.place.store.put(Held(id=path, body={**body, "properties": {"backendAddressPools": []}}))
    stand.add_vm(47, load_balancer={"name": "web", "backend_pool_name": "third"})


def _nat_rule(stand: Stand) -> None:
    path = f"{GROUP}/providers/Microsoft.Network/loadBalancers/inward"
    body = {"id": path, "name": "inward", "type": "Microsoft.Network/loadBalancers"}
    stand.azure.place.store.put(Held(id=path, body={**body, "properties": {"inboundNatRules": []}}))
    stand.add_vm(58, load_balancer_nat_rules=["inward/ssh"])


def _elsewhere(stand: Stand) -> None:
    path = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/far"
    space = {"addressSpace": {"addressPrefixes": ["10.20.0.0/16"]}, "provisioningState": "Succeeded"}
    kind, own = "Microsoft.Network/virtualNetworks", f"{path}/subnets/one"
    far = {"id": path, "name": "far", "type": kind, "location": "southeastasia", "tags": {}, "properties": space}
    (store := stand.azure.place.store).put(Held(id=path, body=far))
    subnet = {"addressPrefix": "10.20.0.0/24", "provisioningState": "Succeeded"}
    store.put(Held(id=own, body={"id": own, "name": "one", "type": f"{kind}/subnets", "properties": subnet}))
    vm, there = stand.add_vm(48), {"virtual_network_name": "far", "subnet_name": "one"}
    stand.swap_last(replace(vm, networks=(replace(vm.networks[0], ip="10.20.0.9", cloud_properties=there),)))


def _shared(stand: Stand, **changes: Any) -> None:
    stand.swap_last(planted_interfaces.shared(stand.add_vm(56), **changes))


def _two_groups(stand: Stand) -> None:
    vm = planted_interfaces.shared(stand.add_vm(59), ip="fd00:9::42")
    named = [
        replace(one, cloud_properties={**one.cloud_properties, "security_group": f"of-{one.name}"})
        for one in vm.networks
    ]
    stand.swap_last(replace(vm, networks=tuple(named)))


def _placement(stand: Stand) -> None:
    stand.region.sizes["Standard_B1s"] = replace(stand.region.sizes["Standard_B1s"], has_os_disk_on_host=False)
    stand.add_vm(65, instance_type="Standard_B1s", root_disk={"placement": "resource-disk"})


_GROUP_ELSEWHERE: JsonValue = {"name": "web", "resource_group_name": "elsewhere"}
_NO_IDENTITY: JsonValue = {"type": "UserAssigned", "user_assigned_identity_name": "nobodys"}
_NO_KEYS: JsonValue = {"disk_encryption_set_name": "nobody"}
PLANS: Mapping[str, Callable[[Stand], object]] = {
    "ipv6-without-ipv4": lambda stand: stand.swap_last(planted_interfaces.ipv6(stand.add_vm(45))),
    "nic-group-dynamic": lambda stand: _shared(stand, kind=NetworkKind.DYNAMIC, ip=None),
    "nic-group-address-twice": lambda stand: _shared(stand, ip="10.9.0.42"),
    "nic-group-subnets-differ": lambda stand: _shared(
        stand, ip="fd00:9::42", cloud_properties={"virtual_network_name": "own", "subnet_name": "one"}
    ),
    "nic-group-security-groups-differ": _two_groups,
    "prefix-size-unsupported": lambda stand: stand.swap_last(planted_interfaces.block(stand.add_vm(57))),
    "too-many-interfaces": lambda stand: stand.swap_last(planted_interfaces.many(stand.add_vm(54))),
    "domains-without-availability-set": lambda stand: stand.add_vm(50, platform_fault_domain_count=2),
    "volume-setting-invalid": lambda stand: stand.add_disk(iops=500),
    "too-many-tags": lambda stand: stand.add_vm(51, tags={f"tag{number}": "x" for number in range(51)}),
    "tag-too-long": lambda stand: stand.add_vm(52, tags={"note": "x" * 257}),
    "tag-not-allowed": lambda stand: stand.add_vm(53, tags={"a<b": "x"}),
    "image-not-readable": lambda stand: stand.add_stemcell(path=str(stand.folder / "absent")),
    "image-name-invalid": _image_name,
    "credentials-expired": lambda stand: stand.sign_in(expires="2020-01-31"),
    "unknown-location": lambda stand: stand.settings.update(location="westeurop"),
    "unknown-resource-group": _no_group,
    "unknown-instance-type": lambda stand: stand.add_vm(20, instance_type="Standard_Gigantic"),
    "unknown-image": _image,
    "unknown-image:own": lambda stand: stand.add_stemcell(image_id=f"{GROUP}/providers/Microsoft.Compute/images/gone"),
    "unknown-image-source": lambda stand: stand.add_image("disk", "gone"),
    "foreign-cid": lambda stand: stand.add_image("vm", "elsewhere:1"),
    "image-architecture": _architecture,
    "image-format-wrong": _heavy,
    "too-many-disks": _slots,
    "disk-size-invalid": lambda stand: stand.add_disk(0),
    "disk-size-invalid:huge": lambda stand: stand.add_disk(40000 * 1024),
    "unknown-volume-type": lambda stand: stand.add_disk(storage_account_type="Premium_LSR"),
    "unknown-volume-type:root": lambda stand: stand.add_vm(32, root_disk={"type": "PremiumV9_LRS"}),
    "unknown-cloud-property": lambda stand: stand.add_vm(24, instance_typ="Standard_B1s"),
    "unknown-cloud-property:disk": lambda stand: stand.add_disk(storage_type="Premium_LRS"),
    "wrong-cloud-property": lambda stand: stand.add_vm(34, root_disk={"size": "huge"}),
    "property-not-supported": lambda stand: stand.add_vm(35, resource_group_name="elsewhere"),
    "os-disk-placement-not-supported": _placement,
    "unknown-application-gateway": lambda stand: stand.add_vm(66, application_gateway="nobodys"),
    "unknown-managed-identity": lambda stand: stand.add_vm(67, managed_identity=_NO_IDENTITY),
    "unknown-capacity-reservation-group": lambda stand: stand.add_vm(68, capacity_reservation_group="nobodys"),
    "unknown-disk-encryption-set": lambda stand: stand.add_vm(69, root_disk=_NO_KEYS),
    "zone-and-availability-set": _zone_and_set,
    "unknown-security-group": lambda stand: stand.add_vm(41, security_group="nobodys"),
    "unknown-security-group:elsewhere": lambda stand: stand.add_vm(42, security_group=_GROUP_ELSEWHERE),
    "unknown-security-group:application": lambda stand: stand.add_vm(43, application_security_groups=["nobodys"]),
    "unknown-load-balancer": lambda stand: stand.add_vm(36, load_balancer="nobodys"),
    "vm-name-invalid": _host_name,
    "vm-without-network": _no_network,
    "unknown-subnet": _subnet,
    "ranges-overlap": _ranges,
    "ranges-overlap:there": lambda stand: stand.add_landing("network", "late", cidr="10.9.0.128/25"),
    "network-range-invalid": lambda stand: stand.add_landing("network", "tiny", cidr="10.5.0.0/30"),
    "address-asked-twice": _twice,
    "address-reserved": lambda stand: stand.add_vm(3),
    "address-outside-network": _outside,
    "address-outside-network:planned": _outside_of_planned,
}
"""Faults of a plan, or of what the environment's file says: they leave the subscription as it is."""

ACCOUNTS: Mapping[str, Callable[[Stand], object]] = {
    "image-too-large": _large_image,
    "image-source-unfit": _unfit,
    "unknown-backend-pool": _pool,
    "unknown-nat-rule": _nat_rule,
    "network-elsewhere": _elsewhere,
    "ssh-port-closed": lambda stand: own_networks.plant(stand, own_networks.NOBODY),
    "ssh-port-closed:source": own_networks.closed_jumpbox,
    "permissions-missing": lambda stand: stand.region.actions.__setitem__(0, "Microsoft.Compute/*"),
    "clock-skew": lambda stand: setattr(stand.region, "clock_ahead_s", 600.0),
    "account-disabled": lambda stand: setattr(stand.region, "state", "Disabled"),
    "provider-not-registered": _provider,
    "resource-group-deleting": lambda stand: stand.group().body["properties"].update(provisioningState="Deleting"),
    "resource-group-elsewhere": lambda stand: stand.group().body.update(location="northeurope"),
    "name-taken": lambda stand: stand.group().body.update(tags={}),
    "resources-locked": lambda stand: stand.region.locks.update({GROUP: "CanNotDelete"}),
    "resources-locked:whole": lambda stand: stand.region.locks.update({ROOT: "ReadOnly"}),
    "instance-type-not-in-zone": _zone,
    "unknown-instance-type:restricted": _restricted,
    "quota-exceeded:family": _family,
    "quota-exceeded:cores": _limit("cores", 1),
    "quota-exceeded:vms": _limit("virtualMachines", 0),
    "quota-exceeded:disks": _limit("StandardSSDDiskCount", 0),
    "quota-exceeded:premium": _premium,
    "property-not-supported:ultra": _ultra,
    "quota-exceeded:addresses": _addresses,
    "name-taken:account": _account,
    "dns-name-taken": _label,
    "address-taken": _taken,
    "subnet-full": _full,
}
"""Faults of the subscription, or that something there makes."""

FAULTS = {**PLANS, **ACCOUNTS}
APART = frozenset(
    {
        "provider-not-registered",
        "unknown-resource-group",
        "resource-group-elsewhere",
        "name-taken",
        "unknown-location",
    }
)
"""Each says something of the group that the others take away: at most one of them at a time."""

REMARKS: Mapping[str, Callable[[Stand], object]] = {
    "account-warned": lambda stand: setattr(stand.region, "state", "Warned"),
    "ports-closed": lambda stand: stand.settings.update(public_ports=[22, 9999]),
    "credentials-expiring": lambda stand: stand.sign_in(
        expires=(datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=4)).date().isoformat()
    ),
    "property-unused": lambda stand: stand.add_disk(type="gp3"),
    "health-port-closed": lambda stand: own_networks.plant(
        stand, own_networks.rule("Allow", "VirtualNetwork", port="22", protocol="Tcp"), own_networks.NOBODY, vms=2
    ),
    "ssh-open-wider": own_networks.open_wider,
    "setting-unused": lambda stand: stand.settings.update(keep_failed_vms=True),
}
"""What forbids nothing."""

SHUT: Mapping[str, Callable[[Stand], object]] = {
    "credentials-refused": lambda stand: stand.sign_in(client_secret="wrong"),
    "credentials-refused:client": lambda stand: stand.sign_in(client_id="11111111-1111-1111-1111-111111111111"),
    "credentials-refused:principal": _principal_gone,
    "credentials-expired": lambda stand: stand.azure.login.expired.add("stand-in-secret~1"),
    "unknown-tenant": lambda stand: stand.settings.update(tenant_id="00000000-0000-0000-0000-000000000001"),
    "unknown-subscription": _subscription,
}
"""Without access nothing else can be checked: the only finding."""

INSIDE = frozenset(
    {
        *("address-taken", "subnet-full", "resources-locked", "permissions-missing"),
        *(
            "image-too-large",
            "unknown-backend-pool",
            "unknown-nat-rule",
            "network-elsewhere",
            "image-source-unfit",
            *("ssh-port-closed", "ssh-port-closed:source"),
            "resource-group-deleting",
        ),
    }
)
"""Faults of the environment's own group and what it holds: not there where `unknown-resource-group` names another."""
