"""The landing zone as it is sent, whole, and as it is read."""

from typing import Any

from cpi.clouds.azure.landing import landing_bodies
from cpi.contract.values import LandingResource, LandingSpec
from cpi.kit.landing import PartFound
from tests.unit.cpi.clouds.azure import requests

SPEC = LandingSpec(networks={"default": "10.0.0.0/16"}, public_names=("jumpbox",))
PLAIN = {"location": "westeurope", "tags": requests.OWNER_TAGS}
ADDRESS = {
    **PLAIN,
    "sku": {"name": "Standard"},
    "properties": {"publicIPAllocationMethod": "Static"},
    "zones": ["1", "2", "3"],
}


def _rule(port: int, priority: int, **source: Any) -> dict[str, Any]:
    return {
        "name": f"allow-{port}",
        "properties": {
            "priority": priority,
            "direction": "Inbound",
            "access": "Allow",
            "protocol": "Tcp",
            **(source or {"sourceAddressPrefix": "0.0.0.0/0"}),
            "sourcePortRange": "*",
            "destinationAddressPrefix": "*",
            "destinationPortRange": str(port),
        },
    }


def test_everything_is_sent_whole_each_after_what_it_needs() -> None:
    settings = requests.settings(has_nat_gateway=True)
    made = landing_bodies.landing_resources(SPEC, settings)
    assert [(one.kind, one.name, one.after) for one in made] == [
        ("resource_group", "the-group", ()),
        ("security_group", "the-guard", ("the-group",)),
        ("virtual_network", "the-network", ("the-group",)),
        ("public_address", "nat-address", ("the-group",)),
        ("nat", "the-way-out", ("nat-address",)),
        ("network", "default", ("the-network", "the-guard", "the-way-out")),
        ("public_address", "jumpbox", ("the-group",)),
        ("storage_account", "the-storage", ("the-group",)),
    ]
    sent = {
        one.kind: landing_bodies.render(one, requests.OWNER, settings=settings, places=requests.PLACES)
        for one in made
        if one.kind != landing_bodies.SUBNET
    }
    root = f"{requests.ROOT}/Microsoft.Network"
    assert sent == {
        "resource_group": PLAIN,
        "security_group": {
            **PLAIN,
            "properties": {"securityRules": [_rule(port, 1000 + n) for n, port in enumerate((22, 80, 443, 8443))]},
        },
        "virtual_network": {**PLAIN, "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}},
        "public_address": ADDRESS,
        "nat": {
            **PLAIN,
            "sku": {"name": "Standard"},
            "properties": {"publicIpAddresses": [{"id": f"{root}/publicIPAddresses/nat-address"}]},
        },
        "storage_account": {
            **PLAIN,
            "sku": {"name": "Standard_LRS"},
            "kind": "StorageV2",
            "properties": {
                "minimumTlsVersion": "TLS1_2",
                "supportsHttpsTrafficOnly": True,
                "allowBlobPublicAccess": False,
                "allowSharedKeyAccess": True,
            },
        },
    }


def test_the_public_ports_are_open_to_the_public_sources_alone() -> None:
    sources = ["192.0.2.0/24", "198.51.100.7/32"]
    assert landing_bodies.security_rules(requests.settings(public_ports=[22, 22], public_sources=sources)) == [
        _rule(22, 1000, sourceAddressPrefixes=sources)
    ]
    assert landing_bodies.security_rules(requests.settings(public_sources=[])) == []


def test_ports_that_a_group_was_not_made_with_are_named() -> None:
    wide = _rule(79, 1001)
    wide["properties"]["destinationPortRange"] = "79-90"
    group = {"properties": {"securityRules": [_rule(22, 1000), wide]}}
    assert landing_bodies.closed_ports(group, requests.settings()) == [443, 8443]


def test_a_subnet_is_sent_whole_behind_its_guard() -> None:
    subnet = LandingResource(kind=landing_bodies.SUBNET, name="default", properties={"cidr": "10.0.0.0/16"})
    root = f"{requests.ROOT}/Microsoft.Network"
    guarded = {
        "addressPrefix": "10.0.0.0/16",
        "networkSecurityGroup": {"id": f"{root}/networkSecurityGroups/compleat"},
    }
    plain = landing_bodies.render_subnet(subnet, settings=requests.settings(), places=requests.PLACES)
    assert plain == {"properties": {**guarded, "serviceEndpoints": [{"service": "Microsoft.Storage"}]}}
    with_nat = requests.settings(has_nat_gateway=True, has_storage_account=False)
    assert landing_bodies.render_subnet(subnet, settings=with_nat, places=requests.PLACES) == {
        "properties": {**guarded, "natGateway": {"id": f"{root}/natGateways/compleat"}}
    }


def test_a_group_of_somebody_elses_is_not_made_and_a_region_without_zones_gets_none() -> None:
    settings = requests.settings(resource_group_name="kept", zones=[], has_storage_account=False)
    made = landing_bodies.landing_resources(SPEC, settings)
    assert [one.kind for one in made] == ["security_group", "virtual_network", "network", "public_address"]
    assert "zones" not in landing_bodies.render(made[-1], requests.OWNER, settings=settings, places=requests.PLACES)


def test_a_network_is_widened_only_where_it_has_no_room() -> None:
    network = {"location": "westeurope", "tags": {"a": "b"}, "properties": {"addressSpace": {"addressPrefixes": []}}}
    network["properties"]["addressSpace"]["addressPrefixes"] = ["10.0.0.0/16"]  # type: ignore[index]
    assert landing_bodies.render_wider(network, "10.0.3.0/24") is None
    assert landing_bodies.render_wider(network, "10.1.0.0/24") == {
        "location": "westeurope",
        "tags": {"a": "b"},
        "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16", "10.1.0.0/24"]}},
    }


def test_what_is_there_is_read_with_the_plans_names() -> None:
    address = {
        "name": "jumpbox",
        "tags": requests.OWNER_TAGS,
        "properties": {"ipAddress": "20.0.0.1", "dnsSettings": {"fqdn": "jumpbox.example.com"}},
    }
    found = landing_bodies.read_found(landing_bodies.ADDRESS, address)
    assert found == PartFound(id="jumpbox", name="jumpbox", owner=requests.OWNER, answer=address)
    assert landing_bodies.outputs(landing_bodies.ADDRESS, address) == {
        "jumpbox_public_ip": "20.0.0.1",
        "jumpbox_public_host": "jumpbox.example.com",
    }
    network = {
        "name": "compleat",
        "tags": requests.OWNER_TAGS,
        "properties": {"subnets": [{"name": "default", "properties": {"addressPrefix": "10.0.0.0/16"}}]},
    }
    (subnet,) = landing_bodies.read_subnets(network)
    assert (subnet.id, subnet.name, subnet.owner) == ("default", "default", requests.OWNER)
    assert landing_bodies.outputs(landing_bodies.SUBNET, subnet.answer) == {
        "default_cidr": "10.0.0.0/16",
        "default_gateway": "10.0.0.1",
    }
    named = landing_bodies.read_found(landing_bodies.NETWORK, network)
    assert named is not None
    assert (named.id, named.name) == ("compleat", "the-network")
    assert landing_bodies.read_found(landing_bodies.ADDRESS, {**address, "tags": {}}) is None
