"""Route tables and NAT gateways that templates add on AWS: whole after any interruption, and what they lead to."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from cpi.contract.cloud import Landing
from cpi.contract.errors import CloudError, LostReplyError, NotSupportedError, TransientError
from cpi.contract.landing_parts import JoinedParts, NatGatewaySpec, NetworkParts, RouteSpec, RouteTableSpec
from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    LandingResource,
    LandingSpec,
    ManagedNetwork,
    OwnerKey,
    PreflightRequest,
)
from tests.support.aws import back, shared
from tests.support.aws.emulator import Emulator
from tests.support.aws.faults import Rule, Trouble

OWNER = OwnerKey(environment="env", deployment=ENVIRONMENT_ITSELF, action="landing")
NAME = "managed.net-inner.subnet"
BOTH = NetworkParts(route_table="ways", nat_gateway="nat")
LAB = RouteSpec(name="lab", prefix="10.1.0.0/16", next_hop="internet")
SPEC = LandingSpec(
    networks={"main": "10.9.0.0/24"},
    public_names=("way-out",),
    created_networks={NAME: "10.77.0.0/24"},
    network_parts={NAME: BOTH},
    route_tables=(RouteTableSpec(name="ways", routes=(LAB,)),),
    nat_gateways=(NatGatewaySpec(name="nat", addresses=("way-out",)),),
)


@pytest.fixture(name="emulator")
def _emulator() -> Iterator[Emulator]:
    emulator = shared.fresh_emulator()
    yield emulator
    emulator.faults.clear()
    emulator.account.denied.clear()


def _landing(emulator: Emulator) -> Landing:
    landing = shared.connect(emulator, "env").landing
    assert landing is not None
    return landing


def _make(landing: Landing, resources: Sequence[LandingResource]) -> None:
    for resource in resources:
        for _ in range(12):
            try:
                landing.create_landing_resource(resource, OWNER)
            except (LostReplyError, TransientError):
                continue
            break
        else:
            pytest.fail(f"{resource.name} was never done")


def _land(landing: Landing, parts: NetworkParts, *routes: RouteSpec) -> None:
    tables = (RouteTableSpec(name="ways", routes=routes),)
    spec = replace(SPEC, network_parts={NAME: parts} if parts != NetworkParts() else {}, route_tables=tables)
    _make(landing, landing.landing_resources(spec))
    _make(landing, landing.managed_network(ManagedNetwork(name=NAME, cidr="10.77.0.0/24", parts=parts)))


def _ways() -> dict[str, str]:
    """The ranges that the routes of the managed network lead to, each with its kind of target."""
    (subnet,) = (one for one in back.ec2().describe_subnets() if one.cidr_block == "10.77.0.0/24")
    answer = shared.usual_api().read("ec2", "DescribeRouteTables")["RouteTables"]
    (table,) = (one for one in answer if subnet.id in {held.get("SubnetId") for held in one["Associations"]})
    routes = [one for one in table["Routes"] if "DestinationCidrBlock" in one and one.get("GatewayId") != "local"]
    targets = {str(one["DestinationCidrBlock"]): str(one.get("NatGatewayId") or one.get("GatewayId")) for one in routes}
    return {prefix: target.partition("-")[0] for prefix, target in targets.items()}


@pytest.mark.parametrize("trouble", [Trouble.LOST_AFTER, Trouble.LOST_BEFORE])
def test_the_ways_of_a_subnet_are_whole_after_lost_answers(emulator: Emulator, trouble: Trouble) -> None:
    landing = _landing(emulator)
    for operation in ("CreateNatGateway", "CreateRoute", "DeleteRoute", "ReplaceRouteTableAssociation"):
        emulator.faults.add(Rule(action=operation, trouble=trouble))
    _land(landing, BOTH, LAB)
    assert _ways() == {"0.0.0.0/0": "nat", "10.1.0.0/16": "nat"}
    _land(landing, NetworkParts(route_table="ways"), LAB)
    assert _ways() == {"0.0.0.0/0": "igw", "10.1.0.0/16": "igw"}
    _land(landing, NetworkParts(route_table="ways"), replace(LAB, prefix="0.0.0.0/0", next_hop="none"))
    assert _ways() == {}
    for found in reversed(landing.find_landing_resources("env")):
        landing.delete_landing_resource(found.cid)
    assert emulator.inventory() == ()


def test_a_route_that_was_led_elsewhere_by_hand_is_put_back(emulator: Emulator) -> None:
    landing = _landing(emulator)
    _land(landing, BOTH, LAB)
    (table,) = (one for one in landing.find_landing_resources("env") if one.name == "ways+nat")
    assert set(table.entries) == {"0.0.0.0/0 to nat", "10.1.0.0/16 to nat"}
    api = shared.usual_api()
    (gateway,) = (one for one in landing.find_landing_resources("env") if one.kind == "internet_gateway")
    way = {"RouteTableId": table.cid.partition(":")[2], "GatewayId": gateway.cid.partition(":")[2]}
    api.change("ec2", "ReplaceRoute", DestinationCidrBlock="10.1.0.0/16", **way)
    assert _ways()["10.1.0.0/16"] == "igw"
    _land(landing, BOTH, LAB)
    assert _ways() == {"0.0.0.0/0": "nat", "10.1.0.0/16": "nat"}


def test_what_they_take_and_cost_is_in_the_plan(emulator: Emulator) -> None:
    connected = shared.connect(emulator, "env")
    assert connected.landing is not None
    assert connected.preflight is not None
    assert connected.pricing is not None
    request = PreflightRequest(landing=connected.landing.landing_resources(SPEC))
    assert [one.code for one in connected.preflight.preflight(request) if one.is_fatal] == []
    prices = {one.what: one.amount for one in connected.pricing.price(request)}
    assert (prices["NAT gateway"], prices["public address"]) == ("0.045", "0.005")
    six = tuple(f"way-{number}" for number in range(6))
    nats = tuple(NatGatewaySpec(name=f"nat-{name}", addresses=(name,)) for name in six)
    many = PreflightRequest(
        landing=connected.landing.landing_resources(
            replace(SPEC, public_names=six, nat_gateways=nats, network_parts={}, route_tables=())
        )
    )
    whats = [one.what for one in connected.preflight.preflight(many) if one.is_fatal]
    assert any("NAT gateways in an availability zone" in what for what in whats), whats
    emulator.account.denied.add("ec2:CreateNatGateway")
    assert [one.code for one in connected.preflight.preflight(request) if one.is_fatal] == ["permissions-missing"]


def test_what_aws_cannot_express_is_refused(emulator: Emulator) -> None:
    landing = _landing(emulator)

    def refused(route: RouteSpec | None = None, nat: NatGatewaySpec | None = None) -> list[str]:
        spec = replace(
            SPEC,
            route_tables=(RouteTableSpec(name="ways", routes=(route or LAB,)),),
            nat_gateways=(nat or SPEC.nat_gateways[0],),
            public_names=("way-out", "second"),
        )
        return ["/".join(one.path) for one in landing.part_findings(spec) if one.finding.is_fatal]

    at = "route_tables/ways/routes/lab"
    assert refused() == []
    assert refused(replace(LAB, next_hop="none")) == [at]
    assert refused(replace(LAB, next_hop="none", prefix="0.0.0.0/0")) == []
    assert refused(replace(LAB, next_hop="appliance", address="10.77.0.4")) == [at]
    assert refused(replace(LAB, next_hop="gateway")) == [at]
    assert refused(replace(LAB, next_hop="network")) == [at]
    assert refused(replace(LAB, next_hop="network", prefix="10.77.0.0/25")) == []
    assert refused(replace(LAB, prefix="10.77.0.0/25")) == [at]
    assert refused(replace(LAB, prefix="fd00::/8")) == [at]
    assert refused(nat=NatGatewaySpec(name="nat", addresses=("way-out", "second"))) == ["nat_gateways/nat"]
    assert refused(nat=NatGatewaySpec(name="nat", addresses=("way-out",), idle_minutes=6)) == ["nat_gateways/nat"]
    joined = JoinedParts(network=NAME, has_public_address=True)
    with pytest.raises(NotSupportedError, match="landing-part-refused"):
        landing.joined_properties(SPEC, joined)
    assert landing.joined_properties(replace(SPEC, network_parts={}), joined) == {}


def test_a_gateway_keeps_its_address(emulator: Emulator) -> None:
    landing = _landing(emulator)
    _land(landing, BOTH, LAB)
    other = replace(
        SPEC,
        public_names=("way-out", "other"),
        nat_gateways=(NatGatewaySpec(name="nat", addresses=("other",)),),
    )
    with pytest.raises(CloudError, match="landing-part-refused"):
        _make(landing, landing.landing_resources(other))
