"""Parts that templates add to a landing zone, as clouds judge them before anything is created."""

from dataclasses import replace

import pytest

from cpi.contract.landing_parts import (
    BalancerRuleSpec,
    LoadBalancerSpec,
    NatGatewaySpec,
    NetworkParts,
    RouteSpec,
    RouteTableSpec,
    SecurityGroupSpec,
    SecurityRuleSpec,
)
from cpi.contract.values import LandingSpec
from cpi.kit import judge
from cpi.kit.judge import PartAbilities

ALL = PartAbilities(cloud="A cloud", has_deny_rules=True)
ALLOWING = PartAbilities(cloud="A cloud")
WEB = SecurityRuleSpec(
    name="web", priority=100, direction="inbound", access="allow", protocol="tcp", ports=("80", "8000-8100")
)
SPEC = LandingSpec(networks={"main": "10.9.0.0/24"}, public_names=("front",))


def _guarded(*rules: SecurityRuleSpec) -> LandingSpec:
    return replace(SPEC, security_groups=(SecurityGroupSpec(name="web", rules=rules),))


def _told(spec: LandingSpec, abilities: PartAbilities = ALL) -> list[tuple[str, str, str]]:
    return [(one.finding.code, "/".join(one.path), one.finding.why) for one in judge.landing_parts_of(spec, abilities)]


def test_what_fits_together_is_not_remarked() -> None:
    spec = LandingSpec(
        networks={"main": "10.9.0.0/24"},
        public_names=("front",),
        network_parts={"main": NetworkParts(security_group="web", route_table="ways", nat_gateway="out")},
        security_groups=(
            SecurityGroupSpec(name="web", rules=(WEB, replace(WEB, name="deny", priority=200, access="deny"))),
        ),
        route_tables=(
            RouteTableSpec(name="ways", routes=(RouteSpec(name="a", prefix="10.1.0.0/16", next_hop="none"),)),
        ),
        nat_gateways=(NatGatewaySpec(name="out", addresses=("front",)),),
        load_balancers=(LoadBalancerSpec(name="lb", public_name="front"),),
    )
    assert judge.landing_parts_of(spec, ALL) == ()


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (replace(WEB, priority=99), "Its priority 99 is not from 100 to 4096."),
        (replace(WEB, ports=("80-",)), "'80-' is neither a port, nor a range such as 8000-8100, nor *."),
        (replace(WEB, ports=("90-80",)), "'90-80' is neither a port, nor a range such as 8000-8100, nor *."),
        (replace(WEB, ports=("65536",)), "'65536' is neither a port, nor a range such as 8000-8100, nor *."),
        (replace(WEB, sources=("Sql",)), "'Sql' is neither an IP range, nor *, Internet, VirtualNetwork."),
    ],
)
def test_a_rule_that_no_cloud_takes_is_refused_on_each(rule: SecurityRuleSpec, why: str) -> None:
    for abilities in (ALL, ALLOWING):
        assert _told(_guarded(rule), abilities) == [("landing-part-invalid", "security_groups/web/rules/web", why)]


def test_two_rules_of_a_direction_cannot_share_a_priority() -> None:
    other = replace(WEB, name="other")
    why = "Another inbound rule of the group has priority 100."
    assert _told(_guarded(WEB, other)) == [("landing-part-invalid", "security_groups/web/rules/other", why)]
    assert _told(_guarded(WEB, replace(other, direction="outbound"))) == []


@pytest.mark.parametrize(
    ("rule", "thing"),
    [
        (replace(WEB, access="deny"), "a rule that denies"),
        (replace(WEB, source_ports=("53",)), "a rule with source ports"),
        (replace(WEB, destinations=("10.9.0.4/32",)), "an inbound rule for some destinations"),
        (replace(WEB, sources=("AzureLoadBalancer",)), "a rule about AzureLoadBalancer"),
        (replace(WEB, sources=("fd00::/8",)), "a rule with IPv6 ranges"),
    ],
)
def test_where_groups_only_allow_other_rules_are_refused(rule: SecurityRuleSpec, thing: str) -> None:
    assert _told(_guarded(rule)) == []
    found = judge.landing_parts_of(_guarded(rule), ALLOWING)
    assert [one.finding.what for one in found] == [f"A cloud cannot express {thing}: 'web'."]
    assert all(one.finding.is_fatal for one in found)


def test_names_that_nothing_has_are_told_with_those_that_there_are() -> None:
    spec = replace(
        SPEC,
        network_parts={"mian": NetworkParts(), "main": NetworkParts(security_group="wbe")},
        security_groups=(SecurityGroupSpec(name="web"),),
        nat_gateways=(NatGatewaySpec(name="out", addresses=("back",)),),
        load_balancers=(
            LoadBalancerSpec(name="lb", public_name="front", network="main"),
            LoadBalancerSpec(
                name="two",
                network="main",
                rules=(BalancerRuleSpec(name="http", protocol="tcp", port=80, machine_port=80, probe="up"),),
            ),
        ),
    )
    assert _told(spec) == [
        ("landing-part-invalid", "network_parts/mian", "It has main."),
        ("landing-part-invalid", "network_parts/main", "It has web."),
        ("landing-part-invalid", "nat_gateways/out", "It has front."),
        ("landing-part-invalid", "load_balancers/lb", "It has either a public address or a network."),
        ("landing-part-invalid", "load_balancers/two/rules/http", "It has none."),
    ]


def test_a_kind_that_a_cloud_lacks_is_refused_and_one_without_effect_is_a_remark() -> None:
    abilities = PartAbilities(
        cloud="A cloud",
        missing={"load_balancers": "It has none."},
        unused={"security_groups": "Nobody comes in."},
        reserved=frozenset({"default"}),
    )
    spec = replace(
        SPEC,
        security_groups=(
            SecurityGroupSpec(name="web", rules=(replace(WEB, access="deny"),)),
            SecurityGroupSpec(name="default"),
        ),
        load_balancers=(LoadBalancerSpec(name="lb", public_name="front"),),
    )
    found = judge.landing_parts_of(spec, abilities)
    assert [(one.finding.code, one.path[-1], one.finding.is_fatal) for one in found] == [
        ("landing-part-unused", "web", False),
        ("landing-part-unused", "default", False),
        ("landing-part-invalid", "default", True),
        ("landing-part-refused", "lb", True),
    ]
    assert found[0].finding.what == "A cloud does not act on the security group 'web'."


@pytest.mark.parametrize(
    ("route", "why"),
    [
        (RouteSpec(name="a", prefix="10.1/16", next_hop="none"), "'10.1/16' is not an IP range."),
        (
            RouteSpec(name="a", prefix="10.1.0.0/16", next_hop="appliance"),
            "A route has the address of its next hop if that is an appliance, and only then.",
        ),
        (RouteSpec(name="a", prefix="10.1.0.0/16", next_hop="appliance", address="me"), "'me' is not an IP address."),
    ],
)
def test_a_route_that_leads_nowhere_is_refused(route: RouteSpec, why: str) -> None:
    spec = replace(SPEC, route_tables=(RouteTableSpec(name="ways", routes=(route,)),))
    assert _told(spec) == [("landing-part-invalid", "route_tables/ways/routes/a", why)]


def test_words_of_a_rule_are_ranges() -> None:
    assert judge.ranges_of("*", SPEC) == judge.ranges_of("Internet", SPEC) == ("0.0.0.0/0",)
    assert judge.ranges_of("VirtualNetwork", SPEC) == ("10.9.0.0/24",)
    assert judge.ranges_of("10.1.2.3", SPEC) == ("10.1.2.3/32",)
    assert (judge.port_range("*"), judge.port_range("8-9"), judge.port_range("7")) == ((0, 65535), (8, 9), (7, 7))
