"""Virtual networks and security groups of the operator's own, planted beside an environment, with VMs in them.

Takes a Stand, changes it.
"""

from dataclasses import replace

from cpi.contract.values import JsonValue, NetworkKind, NetworkSettings
from tests.contract.cloud.subjects import ENVIRONMENT
from tests.support.azure.plan_stand import GROUP, Stand
from tests.support.azure.store import Held


def plant(stand: Stand, *rules: JsonValue, vms: int = 1, public: str = "") -> None:
    """VMs in a virtual network of the operator's own, whose security group has these rules; with a public address where
    named.
    """
    root = f"{GROUP}/providers/Microsoft.Network"
    guard = _hold(stand, f"{root}/networkSecurityGroups/guard", securityRules=list(rules))
    wide = _hold(stand, f"{root}/virtualNetworks/own", addressSpace={"addressPrefixes": ["10.30.0.0/16"]})
    _hold(stand, f"{wide}/subnets/one", addressPrefix="10.30.0.0/24", networkSecurityGroup={"id": guard})
    there = {"virtual_network_name": "own", "subnet_name": "one"}
    vip = [NetworkSettings(name="public", kind=NetworkKind.VIP, ip=public)] if public else []
    for number in range(vms):
        vm = stand.add_vm(70 + number)
        inner = replace(vm.networks[0], ip=f"10.30.0.{number + 10}", cloud_properties=there)
        stand.swap_last(replace(vm, networks=(inner, *vip)))


def _hold(stand: Stand, path: str, **properties: JsonValue) -> str:
    kind = "/".join(("Microsoft.Network", *path.partition("Microsoft.Network/")[2].split("/")[::2]))
    body = {"id": path, "name": path.rpartition("/")[2], "type": kind, "location": stand.azure_location(), "tags": {}}
    properties = {**properties, "provisioningState": "Succeeded"}
    stand.azure.place.store.put(Held(id=path, body={**body, "properties": properties}))
    return path


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
