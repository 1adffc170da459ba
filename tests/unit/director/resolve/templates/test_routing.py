"""NAT gateways and route tables of a template: read, named by the networks of its subnets, refused with their place."""

from collections.abc import Callable
from typing import Any

import pytest

from cpi.contract.landing_parts import NatGatewaySpec, NetworkParts, RouteSpec, RouteTableSpec
from director import errors
from director.errors import InputError
from director.resolve.templates import front
from director.resolve.templates.request import Translation, TranslationRequest
from tests.support.arm_resources import Tree, resource, resources_of, template, with_balancer, with_routes, with_way_out

_INNER = "managed.net-inner.subnet"


def _both(tree: Tree) -> None:
    with_way_out(tree)
    with_routes(tree, "VirtualAppliance")
    tree["ways"]["properties"]["routes"][0]["properties"]["nextHopIpAddress"] = "172.30.1.4"
    tree["nat"]["properties"]["idleTimeoutInMinutes"] = 10


def _translate(change: Callable[[Tree], None]) -> Translation:
    return front.translate(TranslationRequest(name="app", resources=resources_of(template(change)), azs=("z1",)))


def _problems(change: Callable[[Tree], None]) -> list[tuple[str, str, int]]:
    """Code, what, and how many parts the place has."""
    with pytest.raises(InputError) as caught:
        _translate(change)
    return [(each.code, each.what, each.where.count(":")) for each in errors.each_problem(caught.value)]


def test_a_subnet_names_its_gateway_and_its_table_where_its_deployment_creates_it() -> None:
    translation = _translate(_both)
    parts = translation.parts
    assert parts.nat_gateways == (NatGatewaySpec(name="nat", addresses=("way-out",), idle_minutes=10),)
    route = RouteSpec(name="lab", prefix="10.1.0.0/16", next_hop="appliance", address="172.30.1.4")
    assert parts.route_tables == (RouteTableSpec(name="ways", routes=(route,)),)
    assert parts.network_parts == {_INNER: NetworkParts(route_table="ways", nat_gateway="nat")}
    assert parts.created_networks == {_INNER: "172.30.1.0/24"}
    networks: Any = translation.cloud_config["networks"]
    assert networks[0]["subnets"][0]["cloud_properties"] == {"route_table": "ways", "nat_gateway": "nat"}
    assert translation.groups[0].joined.has_public_address
    for path in (("nat_gateways", "nat"), ("route_tables", "ways"), ("route_tables", "ways", "routes", "lab")):
        assert translation.part_places[path].where.startswith("t.json:")


def test_a_subnet_without_either_has_no_properties_of_them() -> None:
    translation = _translate(lambda _: None)
    networks: Any = translation.cloud_config["networks"]
    assert "cloud_properties" not in networks[0]["subnets"][0]
    assert translation.parts.is_empty()


def _forwarding(value: object) -> Callable[[Tree], None]:
    def change(tree: Tree) -> None:
        tree["nic"]["properties"]["enableIPForwarding"] = value

    return change


@pytest.mark.parametrize("value", [True, False])
def test_a_vm_forwards_where_its_interfaces_do(value: bool) -> None:
    assert _translate(_forwarding(value)).groups[0].joined.forwards is value


def test_a_vm_of_which_some_interfaces_forward_is_refused() -> None:
    def change(tree: Tree) -> None:
        first = tree["nic"]["properties"]["ipConfigurations"][0]["properties"]
        inner = {"subnet": first["subnet"], "privateIPAllocationMethod": "Dynamic"}
        configurations = [{"name": "one", "properties": inner}]
        properties = {"ipConfigurations": configurations, "enableIPForwarding": True}
        tree["second"] = resource("Microsoft.Network/networkInterfaces", "second", properties)
        tree["web"]["properties"]["networkProfile"]["networkInterfaces"] += [
            {"id": "[resourceId('Microsoft.Network/networkInterfaces', 'second')]"}
        ]

    assert ("template-value-invalid", 2) in [(code, parts) for code, _, parts in _problems(change)]


def _set(name: str, *path: str | int, to: object) -> Callable[[Tree], None]:
    def change(tree: Tree) -> None:
        _both(tree)
        inner: Any = tree[name]["properties"]
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = to

    return change


_ROUTE, _SUBNET = ("routes", 0, "properties"), ("subnets", 0, "properties")


@pytest.mark.parametrize(
    ("change", "code", "what"),
    [
        (_set("nat", "publicIpAddresses", to=[]), "template-value-invalid", "needs a public address"),
        (_set("nat", "publicIpAddresses", 0, "id", to="/x"), "template-reference-missing", "'/x'"),
        (_set("nat", "publicIpPrefixes", to=[{"id": "/x"}]), "template-property-refused", "publicIpPrefixes"),
        (_set("nat", "idleTimeoutInMinutes", to="4m"), "template-value-invalid", "must be a whole number"),
        (_set("ways", *_ROUTE, "nextHopType", to="Vpn"), "template-value-invalid", "'vpn' is not a value of"),
        (_set("ways", "disableBgpRoutePropagation", to=True), "template-property-refused", "disableBgp"),
        (_forwarding("yes"), "template-value-invalid", "must be true or false"),
        (_set("net", *_SUBNET, "natGateway", "id", to="/x"), "template-reference-missing", "natGateway.id"),
        (_set("net", *_SUBNET, "routeTable", "id", to="/x"), "template-reference-missing", "routeTable.id"),
    ],
)
def test_what_they_cannot_be_is_refused_at_its_place(change: Callable[[Tree], None], code: str, what: str) -> None:
    problems = _problems(change)
    assert any(each == code and what in words and parts == 2 for each, words, parts in problems), problems


def test_the_address_of_a_gateway_is_its_alone() -> None:
    def change(tree: Tree) -> None:
        with_balancer(tree)
        with_way_out(tree)
        address = {"id": "[resourceId('Microsoft.Network/publicIPAddresses', 'front')]"}
        tree["nat"] = resource("Microsoft.Network/natGateways", "nat", {"publicIpAddresses": [address]})

    assert [code for code, _, _ in _problems(change)] == ["template-value-invalid"] * 2
