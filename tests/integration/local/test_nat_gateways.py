"""NAT gateways of the local cloud: whose address a machine with a public address sees of those that connect."""

import shlex
from collections.abc import Callable
from dataclasses import replace

import paramiko
import pytest

from cpi.clouds.local.inside.records import gateway_records
from cpi.contract.errors import CloudError, ConflictError
from cpi.contract.landing_parts import (
    BalancerRuleSpec,
    JoinedParts,
    LoadBalancerSpec,
    NatGatewaySpec,
    NetworkParts,
    RouteSpec,
    RouteTableSpec,
)
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingSpec, ManagedNetwork, PreflightRequest
from tests.integration.local.yard import CIDR, Yard, kill, run, wait_until_gone

pytestmark = pytest.mark.local
_INNER = ManagedNetwork(name="inner", cidr="10.0.1.0/24")
_CLIENT, _SERVER = "10.0.1.10", "10.0.0.20"
_ROUTES = (RouteSpec(name="none", prefix="198.51.100.0/24", next_hop="none"),)
_BALANCED = BalancerRuleSpec(name="web", protocol="tcp", port=80, machine_port=8080)
_SPEC = LandingSpec(
    networks={"default": CIDR},
    public_names=("jumpbox", "server", "way-out", "front", "other"),
    created_networks={_INNER.name: _INNER.cidr},
    nat_gateways=(NatGatewaySpec(name="nat", addresses=("way-out",)),),
    route_tables=(RouteTableSpec(name="ways", routes=_ROUTES),),
    load_balancers=(LoadBalancerSpec(name="lb", public_name="front", rules=(_BALANCED,)),),
)
_SERVE = """
import socketserver
class Peer(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(self.client_address[0].encode())
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
Server(("", 8080), Peer).serve_forever()
"""
_ASK = 'import socket; print(socket.create_connection(("{address}", {port}), 3).recv(100).decode())'


def _land(yard: Yard, spec: LandingSpec = _SPEC, *, parts: NetworkParts) -> dict[str, str]:
    outputs: dict[str, str] = {}
    networks = yard.landing.managed_network(replace(_INNER, parts=parts))
    for resource in (*yard.landing.landing_resources(spec), *networks):
        owner = yard.owner(f"landing-{resource.name}", ENVIRONMENT_ITSELF)
        outputs |= yard.landing.create_landing_resource(resource, owner).outputs
    return outputs


def _start(yard: Yard, public: str) -> None:
    """A jumpbox, a client in the inner network, and a server with a public address that says who asks."""
    yard.jumpbox()
    joined = yard.landing.joined_properties(_SPEC, JoinedParts(network="default", load_balancers=("lb",)))
    yard.connected.cloud.create_vm(replace(yard.request("server", _SERVER, vip=public), cloud_properties=joined))
    request = yard.request("client", _CLIENT)
    place = replace(request.networks[0], name="inner", gateway="10.0.1.1", cloud_properties={"network": "inner"})
    yard.connected.cloud.create_vm(replace(request, networks=(place,)))
    _serve(yard)


def _serve(yard: Yard) -> None:
    server = yard.login_behind(yard.login(), _SERVER)
    started = run(
        server, f"nohup python3 -c {shlex.quote(_SERVE)} >/dev/null 2>&1 </dev/null & sleep 0.5; echo started"
    )
    assert started.out == "started\n"


def _client(yard: Yard) -> paramiko.SSHClient:
    return yard.login_behind(yard.login(), _CLIENT)


def _seen(client: paramiko.SSHClient, address: str, port: int = 8080) -> str:
    """The address that the server sees of a machine that connects."""
    said = run(client, f"python3 -c {shlex.quote(_ASK.format(address=address, port=port))}")
    return said.out.strip() or said.err


def test_what_goes_to_public_addresses_leaves_from_the_gateway_s_and_the_rest_as_it_is(
    make_yard: Callable[..., Yard],
) -> None:
    yard = make_yard()
    named = NetworkParts(nat_gateway="nat", route_table="ways")
    outputs = _land(yard, parts=NetworkParts())
    public, way_out, front = (outputs[f"{name}_public_ip"] for name in ("server", "way-out", "front"))
    _start(yard, public)
    client = _client(yard)
    assert _seen(client, public) == _CLIENT
    _land(yard, parts=named)
    assert _seen(client, public) == way_out
    assert _seen(client, _SERVER) == _CLIENT, "within the networks nothing is translated"
    assert _seen(client, front, 80) == "10.0.0.1", "the load balancer's own connection"
    assert _seen(yard.login(), public) == "10.0.0.5", "another network has no gateway"
    metadata = (
        "import urllib.request as u; print(u.urlopen('http://169.254.169.254/latest/meta-data/local-ipv4').read())"
    )
    assert run(client, f"python3 -c {shlex.quote(metadata)}").out == f"b'{_CLIENT}'\n"

    through = (RouteSpec(name="all", prefix="0.0.0.0/0", next_hop="none"),)
    _land(yard, replace(_SPEC, route_tables=(RouteTableSpec(name="ways", routes=through),)), parts=named)
    assert "timed out" in _seen(client, public), "no route leads to the gateway"
    _land(yard, replace(_SPEC, nat_gateways=(NatGatewaySpec(name="nat", addresses=("other",)),)), parts=named)
    assert _seen(client, public) == outputs["other_public_ip"]
    _land(yard, parts=NetworkParts())
    assert _seen(client, public) == _CLIENT


def test_a_gateway_is_there_again_after_each_death_and_goes_with_the_cloud(make_yard: Callable[..., Yard]) -> None:
    yard = make_yard()
    named = NetworkParts(nat_gateway="nat")
    outputs = _land(yard, parts=named)
    public, way_out = outputs["server_public_ip"], outputs["way-out_public_ip"]
    _start(yard, public)
    assert _seen(_client(yard), public) == way_out
    kill(yard.keeper())
    assert _seen(_client(yard), public) == way_out
    kill(first := yard.first())
    wait_until_gone(first)
    _land(yard, parts=named)
    _serve(yard)
    assert _seen(_client(yard), public) == way_out
    found = {one.name: one for one in yard.landing.find_landing_resources(yard.environment)}
    assert found["inner"].entries == ("NAT gateway nat",)
    for name, code in (("nat", "nat-gateway-in-use"), ("way-out", "address-in-use")):
        with pytest.raises(ConflictError, match=code):
            yard.landing.delete_landing_resource(found[name].cid)
    thief = yard.request("thief", "10.0.0.30", vip=way_out)
    assert yard.connected.preflight is not None
    refused = yard.connected.preflight.preflight(PreflightRequest(vms=(thief,)))
    assert [(one.code, "NAT gateway 'nat'" in one.why) for one in refused if one.is_fatal] == [("address-taken", True)]
    with pytest.raises(ConflictError, match="address-taken"):
        yard.connected.cloud.create_vm(thief)
    with pytest.raises(ConflictError, match="address-taken"):
        _land(yard, replace(_SPEC, nat_gateways=(NatGatewaySpec(name="late", addresses=("server",)),)), parts=named)
    assert [one["name"] for one in gateway_records.list_gateways(yard.state)] == ["nat"]
    yard.down()
    assert yard.leftovers() == []


def test_what_a_gateway_does_not_do_is_said_before_anything_is_made(make_yard: Callable[..., Yard]) -> None:
    yard = make_yard()
    assert yard.connected.preflight is not None
    landing = yard.landing.landing_resources(_SPEC)
    assert not [one for one in yard.connected.preflight.preflight(PreflightRequest(landing=landing)) if one.is_fatal]
    (remark,) = yard.landing.part_findings(_SPEC)
    assert (remark.path, remark.finding.code) == (("nat_gateways", "nat"), "landing-part-unused")
    assert "internet" in remark.finding.what
    slow = NatGatewaySpec(name="nat", addresses=("way-out", "other"), idle_minutes=30)
    found = yard.landing.part_findings(replace(_SPEC, nat_gateways=(slow,)))
    assert [one.finding.is_fatal for one in found] == [True, False, False]
    with pytest.raises(CloudError, match="landing-part-refused"):
        yard.landing.landing_resources(replace(_SPEC, nat_gateways=(slow,)))
