"""Ports of VMs: one for each interface, with the addresses of all of its networks."""

from dataclasses import replace

import pytest

from cpi.clouds.openstack.machines import networks
from cpi.contract.errors import CloudError
from cpi.contract.values import NetworkKind, NetworkSettings
from cpi.kit.network_interfaces import interfaces_of
from tests.unit.cpi.clouds.openstack.requests import OWNER, vm_request

_FOUR = NetworkSettings(
    name="four",
    kind=NetworkKind.MANUAL,
    ip="10.0.0.5",
    prefix=24,
    defaults=("gateway",),
    cloud_properties={"net_id": "n", "subnet_id": "s4"},
    nic_group="1",
)
_SIX = replace(_FOUR, name="six", ip="fd00::5", prefix=64, defaults=(), cloud_properties={"subnet_id": "s6"})
_THERE = ({"id": "n", "name": "wide"}, {"id": "m", "name": "other"})


def test_a_port_has_an_address_of_each_network_of_its_group() -> None:
    request = replace(vm_request(), networks=(_SIX, _FOUR))
    (interface,) = networks.created_port(request)
    port = networks.choose_port(interface, _THERE, OWNER.environment)
    body = networks.write_port(request, port, 0, groups=("g",), pairs=())["port"]
    assert (body["network_id"], body["fixed_ips"]) == (
        "n",
        [{"subnet_id": "s6", "ip_address": "fd00::5"}, {"subnet_id": "s4", "ip_address": "10.0.0.5"}],
    )
    made = {"mac_address": "m", "fixed_ips": [{"ip_address": "10.0.0.5"}, {"ip_address": "fd00:0::0005"}]}
    assert networks.addresses_of(request, [made]) == {"six": "fd00::5", "four": "10.0.0.5"}
    assert networks.macs_of(request, [made]) == {"six": "m", "four": "m"}


def test_the_interface_with_the_default_gateway_comes_first_and_groups_stay_apart() -> None:
    other = replace(_FOUR, name="other", nic_group="2", defaults=(), cloud_properties={"net_id": "m"})
    ports = networks.created_port(replace(vm_request(), networks=(other, _FOUR, _SIX)))
    assert [[one.name for one in each.networks] for each in ports] == [["four", "six"], ["other"]]


def test_networks_of_one_group_in_two_networks_of_neutron_are_refused() -> None:
    far = replace(_SIX, cloud_properties={"net_id": "m"})
    (interface,) = interfaces_of((_FOUR, far))
    with pytest.raises(CloudError) as caught:
        networks.choose_port(interface, _THERE, OWNER.environment)
    assert caught.value.code == "nic-group-subnets-differ"
