"""Virtual networks and security groups of the operator's own, planted beside an environment, with VMs in them.

Takes a Stand, changes it.
"""

from dataclasses import replace

from cpi.contract.values import JsonValue, NetworkKind, NetworkSettings
from tests.contract.cloud.subjects import ENVIRONMENT
from tests.support.azure.plan_stand import GROUP, ROOT, Stand
from tests.support.azure.stand_in import StandIn
from tests.support.azure.store import Held


def plant(stand: Stand, *rules: JsonValue, vms: int = 1, public: str = "") -> None:
    """VMs in a virtual network of the operator's own, whose security group has these rules; with a public address where
    named.
    """
    root = f"{GROUP}/providers/Microsoft.Network"
    guard = _hold(stand.azure, f"{root}/networkSecurityGroups/guard", securityRules=list(rules))
    wide = _hold(stand.azure, f"{root}/virtualNetworks/own", addressSpace={"addressPrefixes": ["10.30.0.0/16"]})
    _hold(stand.azure, f"{wide}/subnets/one", addressPrefix="10.30.0.0/24", networkSecurityGroup={"id": guard})
    there = {"virtual_network_name": "own", "subnet_name": "one"}
    vip = [NetworkSettings(name="public", kind=NetworkKind.VIP, ip=public)] if public else []
    for number in range(vms):
        vm = stand.add_vm(70 + number)
        inner = replace(vm.networks[0], ip=f"10.30.0.{number + 10}", cloud_properties=there)
        stand.swap_last(replace(vm, networks=(inner, *vip)))


def plant_dual_stack(azure: StandIn) -> tuple[NetworkSettings, NetworkSettings]:
    """A subnet in a resource group of the operator's own with ranges of both versions; gives an IPv4 and an IPv6
    network of one nic_group in it.
    """
    group = f"{ROOT}/resourceGroups/shared"
    about = {"name": "shared", "location": str(azure.settings()["location"]), "tags": {}, "properties": {}}
    azure.place.store.put(Held(id=group, body={"id": group, "type": "Microsoft.Resources/resourceGroups", **about}))
    root = f"{group}/providers/Microsoft.Network"
    wide = _hold(
        azure, f"{root}/virtualNetworks/own", addressSpace={"addressPrefixes": ["10.30.0.0/16", "fd00:30::/48"]}
    )
    _hold(azure, f"{wide}/subnets/dual", addressPrefixes=["10.30.1.0/24", "fd00:30:0:1::/64"])
    four = NetworkSettings(
        name="four",
        kind=NetworkKind.MANUAL,
        ip="10.30.1.10",
        prefix=24,
        gateway="10.30.1.1",
        defaults=("dns", "gateway"),
        cloud_properties={"virtual_network_name": "own", "subnet_name": "dual", "resource_group_name": "shared"},
        nic_group="1",
    )
    six = replace(four, name="six", ip="fd00:30:0:1::a", prefix=64, gateway="fd00:30:0:1::1", defaults=())
    return four, replace(six, cloud_properties={})


def _hold(azure: StandIn, path: str, **properties: JsonValue) -> str:
    kind = "/".join(("Microsoft.Network", *path.partition("Microsoft.Network/")[2].split("/")[::2]))
    body: dict[str, JsonValue] = {"id": path, "name": path.rpartition("/")[2], "type": kind}
    if not kind.endswith("/subnets"):
        body |= {"location": str(azure.settings()["location"]), "tags": {}}
    properties = {**properties, "provisioningState": "Succeeded"}
    azure.place.store.put(Held(id=path, body={**body, "properties": properties}))
    return path


def plant_operators_network(azure: StandIn) -> str:
    """A virtual network in a resource group of its own, whose name it gives."""
    group = f"{ROOT}/resourceGroups/theirs"
    about = {"name": "theirs", "location": str(azure.settings()["location"]), "tags": {}, "properties": {}}
    azure.place.store.put(Held(id=group, body={"id": group, "type": "Microsoft.Resources/resourceGroups", **about}))
    root = f"{group}/providers/Microsoft.Network"
    wide = _hold(azure, f"{root}/virtualNetworks/own", addressSpace={"addressPrefixes": ["10.30.0.0/16"]})
    _hold(azure, f"{wide}/subnets/one", addressPrefix="10.30.0.0/24")
    return "theirs"


def set_operators_door(azure: StandIn, source: str) -> None:
    """The security group beside that network lets SSH in from one address alone, or with "" from none."""
    root = f"{ROOT}/resourceGroups/theirs/providers/Microsoft.Network"
    door = [rule("Allow", f"{source}/32", port="22", protocol="Tcp", priority=100)] if source else []
    closed = rule("Deny", "*", port="22", protocol="Tcp")
    _hold(azure, f"{root}/networkSecurityGroups/guard", securityRules=[*door, closed])


def rule(access: str, source: str, *, port: str = "*", protocol: str = "*", priority: int = 200) -> JsonValue:
    """A rule of a security group."""
    about: dict[str, JsonValue] = {"direction": "Inbound", "access": access, "protocol": protocol, "priority": priority}
    ends: dict[str, JsonValue] = {"sourceAddressPrefix": source, "destinationPortRange": port}
    return {
        "name": f"{access.lower()}-{priority}",
        "properties": {**about, **ends, "sourcePortRange": "*", "destinationAddressPrefix": "*"},
    }


NOBODY = rule("Deny", "*", priority=4000)


def closed_jumpbox(stand: Stand) -> None:
    """A public one whose group has no rules but Azure's own."""
    plant(stand, public=_public_address(stand))
    stand.request = replace(stand.request, direct=frozenset({stand.request.vms[-1].owner}))


def open_wider(stand: Stand) -> None:
    """A public one whose group lets in the whole internet, which public_sources does not."""
    plant(stand, rule("Allow", "Internet", port="22", protocol="Tcp"), public=_public_address(stand))
    stand.request = replace(stand.request, direct=frozenset({stand.request.vms[-1].owner}))
    stand.settings["public_sources"] = ["203.0.113.0/24"]


def _public_address(stand: Stand) -> str:
    """That of the landing zone."""
    found = stand.subject.landing.find_landing_resources(ENVIRONMENT)
    return next(one.outputs["jumpbox_public_ip"] for one in found if "jumpbox_public_ip" in one.outputs)
