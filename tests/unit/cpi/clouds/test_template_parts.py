"""Parts that templates add, as each cloud makes them of the same spec; what a cloud cannot express makes nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from cpi.clouds.aws.landing import balancer_layout
from cpi.clouds.aws.landing import layout as aws
from cpi.clouds.azure.landing import closed_rules, landing_bodies, template_parts
from cpi.clouds.azure.prices.hourly_prices import AzurePricing
from cpi.clouds.local.landing.landing_zone import LocalLanding
from cpi.clouds.openstack.landing import layout as openstack
from cpi.contract.cloud import ConnectSettings
from cpi.contract.errors import CloudError
from cpi.contract.landing_parts import (
    AvailabilitySetSpec,
    BalancerRuleSpec,
    JoinedParts,
    LoadBalancerSpec,
    NatGatewaySpec,
    NatRuleSpec,
    NetworkParts,
    ProbeSpec,
    Protocol,
    RouteSpec,
    RouteTableSpec,
    SecurityGroupSpec,
    SecurityRuleSpec,
)
from cpi.contract.values import LandingResource, LandingSpec, PreflightRequest
from cpi.kit import judge
from cpi.kit.judge import PartAbilities
from cpi.plugins import find_plugin
from tests.unit.cpi.clouds.aws import requests as aws_requests
from tests.unit.cpi.clouds.azure import requests as azure_requests
from tests.unit.cpi.clouds.openstack import requests as openstack_requests

WEB = SecurityRuleSpec(
    name="web",
    priority=100,
    direction="inbound",
    access="allow",
    protocol="tcp",
    ports=("80", "8000-8100"),
    sources=("Internet", "VirtualNetwork"),
)
RULES = (
    WEB,
    SecurityRuleSpec(
        name="all", priority=110, direction="inbound", access="allow", protocol="*", sources=("10.7.0.1",)
    ),
    SecurityRuleSpec(name="dns", priority=120, direction="inbound", access="allow", protocol="*", ports=("53",)),
    SecurityRuleSpec(name="ping", priority=130, direction="inbound", access="allow", protocol="icmp"),
    SecurityRuleSpec(name="out", priority=100, direction="outbound", access="allow", protocol="tcp"),
)
GROUP = SecurityGroupSpec(name="guard", rules=RULES)
SPEC = LandingSpec(
    networks={"main": "10.9.0.0/24"},
    public_names=("front", "way-out"),
    network_parts={"main": NetworkParts(security_group="guard", route_table="ways", nat_gateway="nat-1")},
    security_groups=(GROUP,),
    route_tables=(
        RouteTableSpec(
            name="ways",
            routes=(
                RouteSpec(name="lab", prefix="10.1.0.0/16", next_hop="appliance", address="10.9.0.9"),
                RouteSpec(name="hole", prefix="10.2.0.0/16", next_hop="none"),
            ),
        ),
    ),
    nat_gateways=(NatGatewaySpec(name="nat-1", addresses=("way-out",), idle_minutes=10),),
    load_balancers=(
        LoadBalancerSpec(
            name="lb",
            public_name="front",
            probes=(ProbeSpec(name="up", protocol="http", port=8080, path="/health"),),
            rules=(BalancerRuleSpec(name="http", protocol="tcp", port=80, machine_port=8080, probe="up"),),
        ),
        LoadBalancerSpec(name="inner", network="main", address="10.9.0.20"),
    ),
    availability_sets=(AvailabilitySetSpec(name="apart", fault_domains=3),),
)
GUARDED = replace(SPEC, network_parts={}, route_tables=(), nat_gateways=(), load_balancers=(), availability_sets=())

_NAT_PORTS = (("a", 2222), ("b", 2223))


def _of(resources: tuple[LandingResource, ...], name: str) -> LandingResource:
    return next(one for one in resources if one.name == name)


def _azure(name: str) -> tuple[LandingResource, dict[str, Any]]:
    settings = azure_requests.settings()
    resource = _of(landing_bodies.landing_resources(SPEC, settings), name)
    body = landing_bodies.render(resource, azure_requests.OWNER, settings=settings, places=azure_requests.PLACES)
    return resource, body


def test_azure_takes_each_rule_as_it_is_written() -> None:
    resource, body = _azure("guard")
    assert (resource.kind, len(body["properties"]["securityRules"])) == ("security_group", len(RULES))
    assert body["properties"]["securityRules"][0] == {
        "name": "web",
        "properties": {
            "priority": 100,
            "direction": "Inbound",
            "access": "Allow",
            "protocol": "Tcp",
            "sourceAddressPrefixes": ["Internet", "VirtualNetwork"],
            "destinationAddressPrefix": "*",
            "sourcePortRange": "*",
            "destinationPortRanges": ["80", "8000-8100"],
        },
    }


def test_an_azure_subnet_has_the_parts_of_its_network_in_place_of_the_environments() -> None:
    resource, _ = _azure("main")
    assert {"guard", "ways", "nat-1"} <= set(resource.after)
    body = landing_bodies.render_subnet(resource, settings=azure_requests.settings(), places=azure_requests.PLACES)
    root = f"{azure_requests.ROOT}/Microsoft.Network"
    assert {key: value["id"] for key, value in body["properties"].items() if isinstance(value, Mapping)} == {
        "networkSecurityGroup": f"{root}/networkSecurityGroups/guard",
        "routeTable": f"{root}/routeTables/ways",
        "natGateway": f"{root}/natGateways/nat-1",
    }


def test_azure_routes_gateways_and_balancers_name_what_they_come_after() -> None:
    root = f"{azure_requests.ROOT}/Microsoft.Network"
    assert [one["properties"] for one in _azure("ways")[1]["properties"]["routes"]] == [
        {"addressPrefix": "10.1.0.0/16", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.9.0.9"},
        {"addressPrefix": "10.2.0.0/16", "nextHopType": "None"},
    ]
    nat, body = _azure("nat-1")
    assert nat.after == ("way-out",)
    assert body["properties"] == {
        "publicIpAddresses": [{"id": f"{root}/publicIPAddresses/way-out"}],
        "idleTimeoutInMinutes": 10,
    }
    balancer, body = _azure("lb")
    own = f"{root}/loadBalancers/lb"
    assert "front" in balancer.after
    assert body["properties"]["frontendIPConfigurations"][0]["properties"] == {
        "publicIPAddress": {"id": f"{root}/publicIPAddresses/front"}
    }
    assert body["properties"]["loadBalancingRules"][0]["properties"] == {
        "protocol": "Tcp",
        "frontendPort": 80,
        "backendPort": 8080,
        "idleTimeoutInMinutes": 4,
        "frontendIPConfiguration": {"id": f"{own}/frontendIPConfigurations/front"},
        "backendAddressPool": {"id": f"{own}/backendAddressPools/pool"},
        "probe": {"id": f"{own}/probes/up"},
    }
    inner = _azure("inner")[1]["properties"]["frontendIPConfigurations"][0]["properties"]
    assert (inner["privateIPAllocationMethod"], inner["privateIPAddress"]) == ("Static", "10.9.0.20")


def test_an_azure_vm_joins_by_its_cloud_properties() -> None:
    joined = JoinedParts(
        network="main", security_group="guard", load_balancers=("lb", "inner"), availability_set="apart"
    )
    assert template_parts.joined(SPEC, joined) == {
        "security_group": "guard",
        "load_balancer": "lb,inner",
        "availability_set": {
            "name": "apart",
            "platform_fault_domain_count": 3,
            "platform_update_domain_count": 5,
        },
    }


def test_aws_takes_rules_as_permissions_and_no_rule_about_what_leaves() -> None:
    resource = _of(aws.landing_resources(GUARDED, aws_requests.config()), "guard")
    world, inside = "0.0.0.0/0", "10.9.0.0/24"
    assert (resource.kind, resource.after) == ("security_group", ("vpc",))
    assert resource.properties["permissions"] == [
        {"protocol": "tcp", "first": 80, "last": 80, "sources": [world, inside]},
        {"protocol": "tcp", "first": 8000, "last": 8100, "sources": [world, inside]},
        {"protocol": "-1", "first": -1, "last": -1, "sources": ["10.7.0.1/32"]},
        {"protocol": "tcp", "first": 53, "last": 53, "sources": [world]},
        {"protocol": "udp", "first": 53, "last": 53, "sources": [world]},
        {"protocol": "icmp", "first": -1, "last": -1, "sources": [world]},
    ]


def test_aws_has_a_target_group_for_each_port_and_a_group_that_lets_probes_in() -> None:
    balanced = replace(GUARDED, load_balancers=SPEC.load_balancers[:1])
    made = {(one.kind, one.name): one for one in balancer_layout.resources(balanced, aws_requests.config(), "env")}
    assert list(made) == [
        ("security_group", "lb-probes"),
        ("target_group", "lb-tcp-8080-up"),
        ("load_balancer", "lb"),
    ]
    probes = {"protocol": "tcp", "first": 8080, "last": 8080, "sources": ["10.9.0.0/26"]}
    assert made["security_group", "lb-probes"].properties["permissions"] == [probes]
    assert balancer_layout.health_check(made["target_group", "lb-tcp-8080-up"].properties) == {
        "HealthCheckProtocol": "HTTP",
        "HealthCheckPort": "8080",
        "HealthCheckPath": "/health",
        "Matcher": {"HttpCode": "200"},
        "HealthCheckIntervalSeconds": 15,
        "HealthCheckTimeoutSeconds": 10,
        "HealthyThresholdCount": 2,
        "UnhealthyThresholdCount": 2,
    }
    line = "http: tcp 80 to 8080, probed by http 8080 /health every 15 s, out after 2 failures, idle after 4 minutes"
    assert made["load_balancer", "lb"].entries == ("front end: public address front", line)
    joined = JoinedParts(network="main", load_balancers=("lb",))
    names = list(balancer_layout.target_names(balanced.load_balancers[0], joined, "env"))
    assert names == [made["target_group", "lb-tcp-8080-up"].properties["own_name"]]
    assert names != list(balancer_layout.target_names(balanced.load_balancers[0], joined, "other"))


def test_aws_has_a_target_group_of_one_machine_for_each_inbound_nat_rule() -> None:
    rules = tuple(NatRuleSpec(name=name, protocol="tcp", port=port, machine_port=22) for name, port in _NAT_PORTS)
    balancer = replace(SPEC.load_balancers[0], nat_rules=rules)
    balanced = replace(GUARDED, load_balancers=(balancer,))
    made = {one.name: one for one in balancer_layout.resources(balanced, aws_requests.config(), "env")}
    assert list(made) == ["lb-probes", "lb-tcp-8080-up", "lb-nat-a", "lb-nat-b", "lb"]
    ports = [one["first"] for one in made["lb-probes"].properties["permissions"]]  # type: ignore[index,union-attr,call-overload]
    assert ports == [8080, 22]
    joined = JoinedParts(network="main", nat_rules=("lb/b",))
    own = [made["lb-nat-b"].properties["own_name"]]
    assert list(balancer_layout.target_names(balancer, joined, "env")) == own
    assert not balancer_layout.joins(balancer, replace(joined, nat_rules=("other/b",)))


def test_the_local_cloud_takes_front_ends_inside_and_inbound_nat_rules_of_tcp_alone() -> None:
    ssh = NatRuleSpec(name="ssh", protocol="tcp", port=2222, machine_port=22)
    dns = replace(ssh, name="dns", protocol="udp", port=53)
    inner = LoadBalancerSpec(name="inner", network="main", address="10.9.0.9", nat_rules=(ssh, dns))
    spec = LandingSpec(networks=SPEC.networks, public_names=(), load_balancers=(inner,))
    found = [(one.path, one.finding.code) for one in judge.landing_parts_of(spec, LocalLanding.abilities)]
    assert found == [(("load_balancers", "inner", "nat_rules", "dns"), "landing-part-refused")]


def test_azure_refuses_balancing_to_ports_that_its_subnets_do_not_let_in() -> None:
    written = azure_requests.settings().model_dump(mode="json", exclude_unset=True)
    settings = ConnectSettings(environment="env", state_dir="", properties=written)
    landing = find_plugin("azure").connect(settings).landing
    assert landing is not None
    balanced = replace(SPEC, load_balancers=SPEC.load_balancers[:1])
    (found,) = (one for one in landing.part_findings(balanced) if one.finding.is_fatal)
    assert found.path == ("load_balancers", "lb", "rules", "http")
    assert "22, 80, 443, 8443" in found.finding.why


def test_azure_says_which_rules_the_environment_s_own_group_does_not_let_through() -> None:
    def rule(name: str, *ports: str, protocol: Protocol = "tcp", source: str = "*") -> SecurityRuleSpec:
        number = 100 + len(rules)
        return SecurityRuleSpec(
            name=name,
            priority=number,
            direction="inbound",
            access="allow",
            protocol=protocol,
            ports=ports,
            sources=(source,),
        )

    rules: list[SecurityRuleSpec] = []
    rules.append(rule("web", "80", "443"))
    rules.append(rule("inner", "5432", source="VirtualNetwork"))
    rules.append(rule("private", "5432", source="10.7.0.0/16"))
    rules.append(rule("probes", "5432", source="AzureLoadBalancer"))
    rules.append(rule("odd", "80", "8080", source="Internet"))
    rules.append(rule("range", "22-23", source="8.8.8.0/24"))
    rules.append(rule("every", "*"))
    rules.append(rule("dns", "80", protocol="udp"))
    rules.append(rule("all", "80", protocol="*"))
    rules.append(replace(rule("deny", "25"), access="deny"))
    guarded = replace(GUARDED, security_groups=(SecurityGroupSpec(name="guard", rules=tuple(rules)),))
    found = list(closed_rules.find_closed(guarded, (22, 80, 443)))
    assert [one.path[-1] for one in found] == ["odd", "range", "every", "dns", "all"]
    assert not any(one.finding.is_fatal for one in found)
    assert "lets in TCP to 22, 80, 443 alone" in found[0].finding.why
    own = replace(guarded, networks={})
    assert not list(closed_rules.find_closed(own, ())), "networks of the operator's own have no such group"


def test_azure_prices_balancers_by_their_rules() -> None:
    def resource(*entries: str) -> LandingResource:
        return LandingResource(kind="load_balancer", name="lb", entries=entries)

    pricing = AzurePricing(None, azure_requests.settings())
    request = PreflightRequest(landing=(resource(), resource("a"), resource(*"abcdefg")))
    (price,) = pricing.price(request)
    assert (price.what, price.quantity, price.amount) == ("load balancer", 3, "0.07")


def test_openstack_takes_a_rule_for_each_source_and_range_of_ports() -> None:
    resource = _of(openstack.write_resources(GUARDED, openstack_requests.settings()), "guard")
    rules = openstack.template_rules(resource, "g-1")
    base = {"security_group_id": "g-1", "direction": "ingress", "ethertype": "IPv4"}
    world = {**base, "remote_ip_prefix": "0.0.0.0/0"}
    assert len(rules) == 8
    assert {**world, "protocol": "tcp", "port_range_min": 8000, "port_range_max": 8100} in rules
    assert {**base, "remote_ip_prefix": "10.7.0.1/32"} in rules
    assert {**world, "protocol": "icmp"} in rules


def test_where_groups_add_up_a_machine_is_in_one_alone() -> None:
    abilities = PartAbilities(cloud="A cloud")
    other = replace(SPEC, security_groups=(GROUP, SecurityGroupSpec(name="other")))
    assert judge.required_group(other, JoinedParts(network="main"), abilities) == "guard"
    assert judge.required_group(other, JoinedParts(network="main", security_group="guard"), abilities) == "guard"
    assert judge.required_group(other, JoinedParts(network="else"), abilities) == ""
    with pytest.raises(CloudError, match="landing-part-refused"):
        judge.required_group(other, JoinedParts(network="main", security_group="other"), abilities)
