"""Rules and routes that are resources of their own are parts of the resource that they name."""

from collections.abc import Callable
from typing import Any

import pytest

from director import errors
from director.errors import InputError
from director.resolve.templates import front
from director.resolve.templates.request import Translation, TranslationRequest
from tests.support.arm_resources import Tree, resource, resources_of, template, with_balancer, with_routes

_RULE = {"protocol": "Tcp", "frontendPort": "2200", "backendPort": 22}


def _translate(change: Callable[[Tree], None]) -> Translation:
    return front.translate(TranslationRequest(name="app", resources=resources_of(template(change)), azs=("z1",)))


def _all_apart(tree: Tree) -> None:
    """A route, a rule of a security group and one of a load balancer, each a resource of its own."""
    with_balancer(tree)
    with_routes(tree)
    (route,) = tree["ways"]["properties"].pop("routes")
    tree["route"] = resource("Microsoft.Network/routeTables/routes", "ways/lab", route["properties"])
    ports = {"destinationPortRange": 8080, "sourcePortRange": "*", "priority": "110", "direction": "Inbound"}
    ports |= {"access": "Allow", "protocol": "Tcp", "sourceAddressPrefix": "*", "destinationAddressPrefix": "*"}
    tree["group"] = resource("Microsoft.Network/networkSecurityGroups", "apart", {})
    tree["more"] = resource("Microsoft.Network/networkSecurityGroups/securityRules", "apart/more", ports)
    front_end = "[resourceId('Microsoft.Network/loadBalancers/frontendIPConfigurations', 'lb', 'outer')]"
    named: Any = {**_RULE, "frontendIPConfiguration": {"id": front_end}}
    tree["ssh"] = resource("Microsoft.Network/loadBalancers/inboundNatRules", "lb/ssh", named)
    nic = tree["nic"]["properties"]["ipConfigurations"][0]["properties"]
    rule = "[resourceId('Microsoft.Network/loadBalancers/inboundNatRules', 'lb', 'ssh')]"
    nic["loadBalancerInboundNatRules"] = [{"id": rule}]


def test_they_are_parts_of_what_they_name_and_have_their_own_places() -> None:
    translation = _translate(_all_apart)
    (table,) = translation.parts.route_tables
    assert [(each.name, each.prefix) for each in table.routes] == [("lab", "10.1.0.0/16")]
    (group,) = [each for each in translation.parts.security_groups if each.name == "apart"]
    assert [(each.name, each.priority, each.ports) for each in group.rules] == [("more", 110, ("8080",))]
    (balancer,) = translation.parts.load_balancers
    assert [(each.name, each.port, each.machine_port) for each in balancer.nat_rules] == [("ssh", 2200, 22)]
    places = {
        path[-1]: translation.part_places[path].resource.name
        for path in (
            ("route_tables", "ways", "routes", "lab"),
            ("security_groups", "apart", "rules", "more"),
            ("load_balancers", "lb", "nat_rules", "ssh"),
        )
    }
    assert places == {"lab": "ways/lab", "more": "apart/more", "ssh": "lb/ssh"}


def test_one_without_what_it_is_a_part_of_is_refused() -> None:
    def change(tree: Tree) -> None:
        tree["more"] = resource("Microsoft.Network/networkSecurityGroups/securityRules", "gone/more", {})

    with pytest.raises(InputError) as caught:
        _translate(change)
    found = {each.code: each.what for each in errors.each_problem(caught.value)}
    assert "'gone' is not in the template" in found["template-reference-missing"]


def test_a_property_of_one_is_checked_as_within_its_parent() -> None:
    def change(tree: Tree) -> None:
        _all_apart(tree)
        tree["ssh"]["properties"]["enableFloatingIP"] = True

    with pytest.raises(InputError) as caught:
        _translate(change)
    (problem,) = errors.each_problem(caught.value)
    assert (problem.code, "enableFloatingIP" in problem.what) == ("template-property-refused", True)
