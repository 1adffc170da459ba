"""Templates of a VM with its network, for tests that change a part of them.

Takes nothing, gives templates as trees, and resources as the translation has them.
"""

import copy
import json
from collections.abc import Callable
from typing import Any

from director.app.templates import expanding
from director.app.templates.template_request import GivenText, TemplateRequest
from director.model.documents import Source
from director.model.template_resources import TemplateResource
from director.text.arm.surroundings import Surroundings

Tree = dict[str, Any]
SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ9u9ZlTn8vYb1c2d3e4f5g6h7i8j9k0l1m2n3o4p5q6 me"
_SUBNET = "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'net', 'inner')]"
VM = {
    "hardwareProfile": {"vmSize": "Standard_B2s"},
    "networkProfile": {"networkInterfaces": [{"id": "[resourceId('Microsoft.Network/networkInterfaces', 'nic')]"}]},
}
_RESOURCES: tuple[tuple[str, str, Tree], ...] = (
    (
        "Microsoft.Network/virtualNetworks",
        "net",
        {
            "addressSpace": {"addressPrefixes": ["172.30.0.0/16"]},
            "subnets": [{"name": "inner", "properties": {"addressPrefix": "172.30.1.0/24"}}],
        },
    ),
    ("Microsoft.Network/publicIPAddresses", "ip", {"publicIPAllocationMethod": "Static"}),
    (
        "Microsoft.Network/networkInterfaces",
        "nic",
        {
            "ipConfigurations": [
                {
                    "name": "first",
                    "properties": {
                        "subnet": {"id": _SUBNET},
                        "privateIPAllocationMethod": "Static",
                        "privateIPAddress": "172.30.1.9",
                        "publicIPAddress": {"id": "[resourceId('Microsoft.Network/publicIPAddresses', 'ip')]"},
                    },
                }
            ]
        },
    ),
    ("Microsoft.Compute/virtualMachines", "web", VM),
)


IMAGE = "Microsoft.Compute/images"
_BALANCER = "Microsoft.Network/loadBalancers"
_ACCOUNT = "Microsoft.Storage/storageAccounts"
ACCOUNT_URL = f"[reference(resourceId('{_ACCOUNT}', 'diag4711')).primaryEndpoints.blob]"
"""Where the blobs of the account of `with_account` are."""


def with_balancer(tree: Tree) -> None:
    """The VM is behind a load balancer `lb` with the public address `front`: port 80 to 8080, probed by HTTP."""
    tree["front"] = resource("Microsoft.Network/publicIPAddresses", "front", {"publicIPAllocationMethod": "Static"})
    address = {"id": "[resourceId('Microsoft.Network/publicIPAddresses', 'front')]"}
    rule = {
        "frontendIPConfiguration": _part("frontendIPConfigurations", "outer"),
        "backendAddressPool": _part("backendAddressPools", "machines"),
        "probe": _part("probes", "up"),
        "protocol": "Tcp",
        "frontendPort": 80,
        "backendPort": 8080,
        "idleTimeoutInMinutes": 10,
    }
    probe = {
        "protocol": "Http",
        "port": 8080,
        "requestPath": "/health",
        "intervalInSeconds": 5,
        "numberOfProbes": 3,
    }
    properties = {
        "frontendIPConfigurations": [{"name": "outer", "properties": {"publicIPAddress": address}}],
        "backendAddressPools": [{"name": "machines"}],
        "loadBalancingRules": [{"name": "http", "properties": rule}],
        "probes": [{"name": "up", "properties": probe}],
    }
    tree["lb"] = resource(_BALANCER, "lb", properties)
    configuration = tree["nic"]["properties"]["ipConfigurations"][0]["properties"]
    configuration["loadBalancerBackendAddressPools"] = [_part("backendAddressPools", "machines")]


def _part(kind: str, name: str) -> Tree:
    return {"id": f"[resourceId('{_BALANCER}/{kind}', 'lb', '{name}')]"}


def template(change: Callable[[Tree], None] | None = None, **sections: object) -> Tree:
    """A template with a VM `web`; `change` changes its resources by their names."""
    resources = {name: resource(type_, name, properties) for type_, name, properties in copy.deepcopy(_RESOURCES)}
    if change is not None:
        change(resources)
    return {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": list(resources.values()), **sections}


def resource(type_: str, name: str, properties: Tree, **more: object) -> Tree:
    """One resource."""
    return {"type": type_, "apiVersion": "2023-09-01", "name": name, "properties": properties, **more}


def request_of(tree: Tree, *, folder: str = "", texts: tuple[GivenText, ...] = ()) -> TemplateRequest:
    """The request for a template called t.json."""
    return TemplateRequest(
        template=Source(name="t.json", content=json.dumps(tree, indent=1).encode()),
        texts=texts,
        surroundings=Surroundings(deployment_name="t"),
        read_link=lambda _: None,
        secret_of=lambda _: None,
        folder=folder,
    )


def resources_of(tree: Tree) -> tuple[TemplateResource, ...]:
    """Its resources, evaluated."""
    return expanding.resources_of(expanding.expand_template(request_of(tree)))


def with_way_out(tree: Tree) -> None:
    """The subnet has a NAT gateway `nat` with the public address `way-out`."""
    tree["way-out"] = resource("Microsoft.Network/publicIPAddresses", "way-out", {"publicIPAllocationMethod": "Static"})
    address = {"id": "[resourceId('Microsoft.Network/publicIPAddresses', 'way-out')]"}
    tree["nat"] = resource("Microsoft.Network/natGateways", "nat", {"publicIpAddresses": [address]})
    tree["net"]["properties"]["subnets"][0]["properties"]["natGateway"] = {
        "id": "[resourceId('Microsoft.Network/natGateways', 'nat')]"
    }


def with_account(sku: str = "Standard_LRS") -> Callable[[Tree], None]:
    """A storage account `diag4711` with the container `logs`, where the VM's boot diagnostics would be."""

    def change(tree: Tree) -> None:
        account = resource(_ACCOUNT, "diag4711", {"accessTier": "Hot"}, sku={"name": sku}, kind="StorageV2")
        service = resource("blobServices", "default", {}, resources=[resource("containers", "logs", {})])
        account["resources"] = [{**service, "dependsOn": ["diag4711"]}]
        service["resources"][0]["dependsOn"] = [f"[resourceId('{_ACCOUNT}/blobServices', 'diag4711', 'default')]"]
        tree["account"] = account
        tree["web"]["properties"]["diagnosticsProfile"] = {
            "bootDiagnostics": {"enabled": True, "storageUri": ACCOUNT_URL}
        }

    return change


def with_image(source: Tree, **more: object) -> Callable[[Tree], None]:
    """The VM is created from an image `golden`, which is made of `source`."""

    def change(tree: Tree) -> None:
        disk = {"osDisk": {"osType": "Linux", "osState": "Generalized", **source}}
        is_vm = "sourceVirtualMachine" in source
        tree["golden"] = resource(IMAGE, "golden", {**(source if is_vm else {"storageProfile": disk}), **more})
        tree["web"]["properties"]["storageProfile"] = {"imageReference": {"id": f"[resourceId('{IMAGE}', 'golden')]"}}
        tree["web"]["dependsOn"] = ["golden"]

    return change


def with_routes(tree: Tree, hop: str = "Internet", prefix: str = "10.1.0.0/16") -> None:
    """The subnet has a route table `ways` with one route, `lab`."""
    routes = [{"name": "lab", "properties": {"addressPrefix": prefix, "nextHopType": hop}}]
    tree["ways"] = resource("Microsoft.Network/routeTables", "ways", {"routes": routes})
    tree["net"]["properties"]["subnets"][0]["properties"]["routeTable"] = {
        "id": "[resourceId('Microsoft.Network/routeTables', 'ways')]"
    }


def with_ways(hop: str) -> Callable[[Tree], None]:
    """Both of it."""

    def change(tree: Tree) -> None:
        with_way_out(tree)
        with_routes(tree, hop)

    return change
