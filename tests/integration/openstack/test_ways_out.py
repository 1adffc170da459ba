"""Route tables and NAT gateways of templates: what the router does without them is a remark, other routes refused."""

from dataclasses import replace

import pytest

from cpi.contract.errors import CloudError
from cpi.contract.landing_parts import NatGatewaySpec, NetworkParts, NextHop, RouteSpec, RouteTableSpec
from cpi.contract.values import LandingSpec, ManagedNetwork
from tests.contract.cloud.subjects import ENVIRONMENT, Subject

ROUTES: tuple[tuple[str, str, NextHop, str], ...] = (
    ("out", "0.0.0.0/0", "internet", ""),
    ("world", "198.51.100.0/24", "internet", ""),
    ("own", "10.77.0.128/25", "network", ""),
    ("not-out", "10.9.0.0/25", "internet", ""),
    ("not-own", "10.200.0.0/16", "network", ""),
    ("lab", "10.1.0.0/16", "appliance", "10.9.0.9"),
    ("hole", "10.2.0.0/16", "none", ""),
    ("vpn", "10.3.0.0/16", "gateway", ""),
    ("six", "fd00::/8", "internet", ""),
)
EXPRESSED = 3


def _spec(*routes: tuple[str, str, NextHop, str]) -> LandingSpec:
    written = (RouteSpec(name=name, prefix=prefix, next_hop=hop, address=to) for name, prefix, hop, to in routes)
    return LandingSpec(
        networks={"main": "10.9.0.0/24"},
        public_names=("jumpbox", "one", "two"),
        created_networks={"managed.made.a": "10.77.0.0/24"},
        network_parts={"managed.made.a": NetworkParts(route_table="ways", nat_gateway="nat")},
        route_tables=(RouteTableSpec(name="ways", routes=tuple(written)),),
        nat_gateways=(NatGatewaySpec(name="nat", addresses=("one", "two")),),
    )


def test_each_route_is_answered_with_its_place(subject: Subject) -> None:
    before = subject.landing.find_landing_resources(ENVIRONMENT)
    spec = _spec(*ROUTES)
    found = [one for one in subject.landing.part_findings(spec) if one.finding.is_fatal]
    refused = {one.path: one.finding.code for one in found}
    names = [name for name, *_ in ROUTES[EXPRESSED:]]
    assert refused == {("route_tables", "ways", "routes", name): "landing-part-refused" for name in names}
    assert len(found) == len(names)
    with pytest.raises(CloudError, match="landing-part-refused"):
        subject.landing.landing_resources(spec)
    assert subject.landing.find_landing_resources(ENVIRONMENT) == before


def test_routes_that_the_router_has_and_nat_gateways_are_remarks(subject: Subject) -> None:
    spec = _spec(*ROUTES[:EXPRESSED])
    found = {one.path: one.finding for one in subject.landing.part_findings(spec)}
    assert set(found) == {("route_tables", "ways"), ("nat_gateways", "nat")}
    assert {(one.code, one.is_fatal) for one in found.values()} == {("landing-part-unused", False)}
    assert "one or several" in found["nat_gateways", "nat"].why
    plain = replace(spec, route_tables=(), nat_gateways=(), network_parts={})
    assert subject.landing.landing_resources(spec) == subject.landing.landing_resources(plain)
    network = ManagedNetwork(name="managed.made.a", cidr="10.77.0.0/24", parts=spec.network_parts["managed.made.a"])
    assert subject.landing.managed_network(network) == subject.landing.managed_network(
        replace(network, parts=NetworkParts())
    )
