"""Interfaces as they are sent, whole, and as they are read."""

from dataclasses import replace
from typing import Any

import pytest

from cpi.clouds.azure.machines import load_balancers, networks
from cpi.clouds.azure.machines.load_balancers import BackendPool
from cpi.contract.errors import CloudError, NotFoundError
from cpi.contract.values import NetworkKind, NetworkSettings, VmRequest
from cpi.kit.network_interfaces import Interface
from tests.unit.cpi.clouds.azure import requests

PUBLIC = NetworkSettings(name="public", kind=NetworkKind.VIP, ip="20.0.0.1")


def _wish(*several: NetworkSettings, public_id: str = "") -> networks.InterfaceRequest:
    interface = Interface(networks=several)
    subnet, found = networks.placed(interface, requests.PLACES)
    return networks.InterfaceRequest(
        name="vm-nic0", interface=interface, subnet_id=subnet, found=found, public_id=public_id
    )


def _rendered(requested: networks.InterfaceRequest, request: VmRequest) -> dict[str, Any]:
    return networks.render_nic(requested, request, requests.settings(), places=requests.PLACES)


def test_an_interface_with_a_public_address_is_sent_whole() -> None:
    network = requests.network()
    assert _rendered(_wish(network, public_id="/public"), requests.vm(network, PUBLIC)) == {
        "location": "westeurope",
        "tags": {
            "compleat-network-0": '[0,"default","manual",24,"10.0.0.1",[],["dns","gateway"],{"network":"main"}]',
            "compleat-public-0": '[1,"public","vip",32,"",[],[],{}]',
            **requests.OWNER_TAGS,
        },
        "properties": {
            "ipConfigurations": [
                {
                    "name": "main",
                    "properties": {
                        "subnet": {
                            "id": f"{requests.ROOT}/Microsoft.Network/virtualNetworks/compleat/subnets/main",
                        },
                        "primary": True,
                        "privateIPAllocationMethod": "Static",
                        "privateIPAddress": "10.0.0.10",
                        "publicIPAddress": {"id": "/public"},
                    },
                }
            ],
            "enableIPForwarding": False,
            "enableAcceleratedNetworking": False,
        },
    }


def test_groups_pools_and_switches_of_a_vm_win_over_those_of_its_network() -> None:
    properties = {"security_group": "net", "ip_forwarding": True, "application_security_groups": ["net"]}
    network = requests.network(kind=NetworkKind.DYNAMIC, ip=None, cloud_properties=properties)
    request = requests.vm(
        network,
        security_group={"name": "own", "resource_group_name": "shared"},
        application_security_groups=["own"],
        ip_forwarding=False,
    )
    sent = _rendered(replace(_wish(network), pool_ids=("/pools/web", "/pools/api")), request)["properties"]
    shared = requests.ROOT.replace("compleat-test", "shared")
    assert sent["networkSecurityGroup"] == {"id": f"{shared}/Microsoft.Network/networkSecurityGroups/own"}
    assert sent["enableIPForwarding"] is False
    assert sent["ipConfigurations"][0]["properties"] == {
        "subnet": {"id": f"{requests.ROOT}/Microsoft.Network/virtualNetworks/compleat/subnets/default"},
        "primary": True,
        "privateIPAllocationMethod": "Dynamic",
        "applicationSecurityGroups": [{"id": f"{requests.ROOT}/Microsoft.Network/applicationSecurityGroups/own"}],
        "loadBalancerBackendAddressPools": [{"id": "/pools/web"}, {"id": "/pools/api"}],
    }


def test_a_network_of_somebody_elses_is_named_whole() -> None:
    properties = {"virtual_network_name": "wide", "subnet_name": "narrow", "resource_group_name": "shared"}
    interface = Interface(networks=(requests.network(cloud_properties=properties),))
    found, _ = networks.placed(interface, requests.PLACES)
    shared = requests.ROOT.replace("compleat-test", "shared")
    assert found == f"{shared}/Microsoft.Network/virtualNetworks/wide/subnets/narrow"


def test_a_pool_is_written_in_four_ways() -> None:
    written = (
        {"name": "one", "backend_pool_name": "pool"},
        "two,three",
        {"name": "four", "resource_group_name": "g"},
    )
    assert tuple(load_balancers.read_pools(written)) == (
        BackendPool(balancer="one", name="pool"),
        BackendPool(balancer="two"),
        BackendPool(balancer="three"),
        BackendPool(balancer="four", group="g"),
    )


def test_an_interface_that_was_sent_is_read_back_as_the_networks_it_was_made_for() -> None:
    network = requests.network()
    sent = _rendered(_wish(network, public_id="/public"), requests.vm(PUBLIC, network))
    assert networks.read_nic(sent, "20.0.0.1") == [(1, network), (0, PUBLIC)]
    assert (networks.read_ip(sent), networks.read_public_id(sent)) == ("10.0.0.10", "/public")


def test_the_network_with_the_gateway_comes_first_and_the_public_one_apart() -> None:
    other = requests.network(name="other", defaults=())
    first = requests.network()
    interfaces, public = networks.split(requests.vm(other, PUBLIC, first))
    assert ([one.networks for one in interfaces], public) == ([(first,), (other,)], PUBLIC)
    with pytest.raises(CloudError) as raised:
        networks.split(requests.vm(PUBLIC))
    assert raised.value.code == "vm-without-network"


@pytest.mark.parametrize(
    ("prefix", "code"),
    [("10.0.1.0/24", "address-outside-network"), ("10.0.0.8/29", "address-reserved")],
)
def test_an_address_that_cannot_be_had_is_refused_before_azure_does(prefix: str, code: str) -> None:
    subnet = {"name": "main", "properties": {"addressPrefix": prefix}}
    with pytest.raises(CloudError) as raised:
        networks.check_address("web-0", requests.network(ip="10.0.0.10"), subnet)
    assert raised.value.code == code
    several = {"name": "main", "properties": {"addressPrefixes": ["10.0.0.0/24"]}}
    networks.check_address("web-0", requests.network(ip="10.0.0.10"), several)


def test_a_public_address_that_is_not_there_is_told_with_those_that_are() -> None:
    there = {"id": "/a", "properties": {"ipAddress": "20.0.0.1"}}
    assert networks.find_public([there], PUBLIC) is there
    with pytest.raises(NotFoundError) as raised:
        networks.find_public([there], requests.network(kind=NetworkKind.VIP, ip="20.0.0.9"))
    assert (raised.value.code, "20.0.0.1" in raised.value.why) == ("unknown-public-address", True)


def _dual() -> tuple[NetworkSettings, NetworkSettings]:
    four = requests.network(nic_group="1")
    six = replace(four, name="six", ip="fd00:9::a", prefix=64, gateway="fd00:9::1", defaults=(), cloud_properties={})
    return four, six


def test_networks_of_one_nic_group_are_configurations_of_one_interface() -> None:
    four, six = _dual()
    request = replace(requests.vm(six, four), cloud_properties={"application_security_groups": ["own"]})
    ((interface,), _) = networks.split(request)
    asked = replace(_wish(*interface.networks, public_id="/public"), pool_ids=("/pool",))
    sent = _rendered(asked, request)
    subnet = {"id": f"{requests.ROOT}/Microsoft.Network/virtualNetworks/compleat/subnets/main"}
    members = [{"id": f"{requests.ROOT}/Microsoft.Network/applicationSecurityGroups/own"}]
    usual = {"subnet": subnet, "privateIPAllocationMethod": "Static", "applicationSecurityGroups": members}
    main = {**usual, "primary": True, "privateIPAddress": "10.0.0.10", "publicIPAddress": {"id": "/public"}}
    beside = {**usual, "primary": False, "privateIPAddress": "fd00:9::a", "privateIPAddressVersion": "IPv6"}
    assert sent["properties"]["ipConfigurations"] == [
        {"name": "main", "properties": {**main, "loadBalancerBackendAddressPools": [{"id": "/pool"}]}},
        {"name": "ipv6", "properties": beside},
    ]
    assert networks.read_nic(sent) == [(1, four), (0, six)]
    long = [
        {**one, "properties": {**one["properties"], "privateIPAddress": "fd00:9:0:0:0:0:0:a"}}
        for one in sent["properties"]["ipConfigurations"][1:]
    ]
    told = {**sent, "properties": {"ipConfigurations": [*long, sent["properties"]["ipConfigurations"][0]]}}
    assert (networks.read_ip(told), networks.address_of(told, six)) == ("10.0.0.10", "fd00:9::a")
    assert networks.read_public_id(told) == "/public"


def test_an_interface_is_in_the_subnet_that_one_of_its_networks_names() -> None:
    four, six = _dual()
    there = {"virtual_network_name": "wide", "subnet_name": "dual", "security_group": "own"}
    named = replace(six, cloud_properties=there)
    subnet, found = networks.placed(
        Interface(networks=(replace(four, cloud_properties={"ip_forwarding": True}), named)), requests.PLACES
    )
    assert subnet == f"{requests.ROOT}/Microsoft.Network/virtualNetworks/wide/subnets/dual"
    assert (found.security_group, found.ip_forwarding, found.virtual_network_name) == ("own", True, "wide")
    with pytest.raises(CloudError) as raised:
        networks.placed(Interface(networks=(four, named)), requests.PLACES)
    assert raised.value.code == "nic-group-subnets-differ"
    other = replace(four, cloud_properties={**there, "security_group": "other"})
    with pytest.raises(CloudError) as raised:
        networks.placed(Interface(networks=(other, named)), requests.PLACES)
    assert raised.value.code == "nic-group-security-groups-differ"
