"""Route tables of the local cloud: packets of real machines that go through an appliance, and some that go nowhere."""

import contextlib
import random
import shlex
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import paramiko
import pytest

from cpi.clouds.local.inside.records import route_records
from cpi.contract.errors import CloudError, ConflictError
from cpi.contract.landing_parts import JoinedParts, NetworkParts, NextHop, RouteSpec, RouteTableSpec
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingSpec, ManagedNetwork, PreflightRequest, VmCreated
from tests.integration.local.yard import CIDR, Yard, children_of, kill, run, wait_until_gone

pytestmark = pytest.mark.local
_SEED, _KILLS = 20261201, 12
_FRONT, _BACK = ManagedNetwork(name="front", cidr="10.0.1.0/24"), ManagedNetwork(name="back", cidr="10.0.2.0/24")
_CLIENT, _SERVER, _APPLIANCE = "10.0.1.10", "10.0.2.10", "10.0.0.9"
_SPEC = LandingSpec(
    networks={"default": CIDR},
    public_names=("jumpbox", "public"),
    created_networks={one.name: one.cidr for one in (_FRONT, _BACK)},
)
_TRACE = """
import socket, sys
target = sys.argv[1]
for ttl in (1, 2, 3, 4):
    heard = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    heard.settimeout(1.5)
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
    for attempt in (1, 2):  # a kernel says so once a second to each
        try:
            sender.sendto(b"", (target, 33434))
            data, (address, _) = heard.recvfrom(2048)
            break
        except OSError:
            data = b""
    if not data:
        print("-")
        break
    print(address, "unreachable" if data[20] == 3 and data[21] != 3 else "")
    if data[20] == 3:
        break
"""

_LISTEN = """
import socket
heard = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
heard.bind(("", 9999))
while True:
    data, (address, _) = heard.recvfrom(100)
    print(address, data.decode(), flush=True)
"""
_SEND = """
import socket, struct, sys
data = sys.argv[1].encode()
sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
addresses = socket.inet_aton("10.0.1.10") + socket.inet_aton("10.0.0.5")
head = struct.pack("!BBHHHBBH", 0x45, 0, 0, 0, 0, 64, 17, 0) + addresses
sender.sendto(head + struct.pack("!HHHH", 1000, 9999, 8 + len(data), 0) + data, ("10.0.0.5", 0))
"""


def _land(yard: Yard, *routes: RouteSpec, front: NetworkParts | None = None) -> None:
    parts = NetworkParts(route_table="ways") if front is None else front
    tables = (RouteTableSpec(name="ways", routes=routes),)
    spec = replace(_SPEC, route_tables=tables, network_parts={"front": parts})
    networks = [*yard.landing.managed_network(replace(_FRONT, parts=parts)), *yard.landing.managed_network(_BACK)]
    for resource in (*yard.landing.landing_resources(spec), *networks):
        yard.landing.create_landing_resource(resource, yard.owner(f"landing-{resource.name}", ENVIRONMENT_ITSELF))


def _route(prefix: str, next_hop: NextHop, address: str = "") -> RouteSpec:
    return RouteSpec(name=f"to-{prefix}", prefix=prefix, next_hop=next_hop, address=address)


def _vm(yard: Yard, name: str, ip: str, *, network: str = "default", forwards: bool = False) -> VmCreated:
    request = yard.request(name, ip)
    gateway = ip.rpartition(".")[0] + ".1"
    place = replace(request.networks[0], name=network, gateway=gateway, cloud_properties={"network": network})
    joined = yard.landing.joined_properties(_SPEC, JoinedParts(network=network, forwards=forwards))
    return yard.connected.cloud.create_vm(replace(request, networks=(place,), cloud_properties=joined))


def _way(client: paramiko.SSHClient, target: str) -> list[str]:
    """The routers on the way and its end, "-" where nothing is heard."""
    said = run(client, f"python3 -c {shlex.quote(_TRACE)} {target}")
    return [line.strip() for line in said.out.splitlines()] or [said.err]


def _machines(yard: Yard) -> Mapping[str, paramiko.SSHClient]:
    jumpbox = yard.login()
    return {ip: yard.login_behind(jumpbox, ip) for ip in (_CLIENT, _SERVER)}


def test_packets_go_through_the_appliance_that_a_route_names_or_nowhere(make_yard: Callable[..., Yard]) -> None:
    yard = make_yard()
    _land(yard)
    yard.jumpbox()
    _vm(yard, "client", _CLIENT, network="front")
    _vm(yard, "server", _SERVER, network="back")
    client, server = _machines(yard).values()
    direct = ["10.0.1.1", _SERVER]
    assert _way(client, _SERVER) == direct

    through = _route(_BACK.cidr, "appliance", _APPLIANCE)
    _land(yard, through)
    assert _way(client, _SERVER) == ["-"], "no appliance is there"
    idle = _vm(yard, "idle", _APPLIANCE)
    assert _way(client, _SERVER) == ["-"], "a machine that does not forward is none"
    yard.connected.cloud.delete_vm(idle.cid)
    appliance = _vm(yard, "appliance", _APPLIANCE, forwards=True)
    assert _way(client, _SERVER) == ["10.0.1.1", _APPLIANCE, "10.0.1.1", _SERVER]
    assert _way(server, _CLIENT) == ["10.0.2.1", _CLIENT], "the other network has no table"
    yard.power.stop_vm(appliance.cid)
    assert _way(client, _SERVER) == ["-"]
    yard.power.start_vm(appliance.cid)
    assert _way(client, _SERVER)[1] == _APPLIANCE

    _land(yard, _route(_BACK.cidr, "none"))
    assert _way(client, _SERVER) == ["-"]
    _land(yard, _route("10.0.0.0/8", "none"), _route("0.0.0.0/0", "none"))
    assert _way(client, _SERVER) == direct, "the network's own range is longer"
    _land(yard, _route("10.0.2.0/25", "none"), _route(f"{_SERVER}/32", "network"))
    assert _way(client, _SERVER) == direct
    _land(yard, _route(_BACK.cidr, "internet"))
    assert _way(client, _SERVER) == ["10.0.1.1 unreachable"], "no address of a network is in the internet"
    _land(yard, _route(_BACK.cidr, "none"), front=NetworkParts())
    assert _way(client, _SERVER) == direct, "the network has no table any more"


def test_public_addresses_are_the_internet_of_routes(make_yard: Callable[..., Yard]) -> None:
    yard = make_yard()
    _land(yard)
    yard.jumpbox()
    yard.vm("public", "10.0.0.20", vip="203.0.113.2")
    _vm(yard, "client", _CLIENT, network="front")
    client = yard.login_behind(yard.login(), _CLIENT)
    public = "203.0.113.2"
    assert _way(client, public) == ["10.0.1.1", public]
    for hop, way in (("none", ["-"]), ("network", ["10.0.1.1 unreachable"]), ("internet", ["10.0.1.1", public])):
        _land(yard, _route("0.0.0.0/0", hop))  # type: ignore[arg-type]
        assert _way(client, public) == way
        assert _way(client, "10.0.0.20") == ["10.0.1.1", "10.0.0.20"]
    _vm(yard, "appliance", _APPLIANCE, forwards=True)
    _land(yard, _route("0.0.0.0/0", "appliance", _APPLIANCE))
    assert _way(client, public) == ["10.0.1.1", _APPLIANCE, "10.0.1.1", public]


def test_a_plan_with_routes_tries_the_kernel_s_rules_before_anything_is_made(make_yard: Callable[..., Yard]) -> None:
    yard = make_yard()
    preflight = yard.connected.preflight
    assert preflight is not None
    tables = (RouteTableSpec(name="ways", routes=(_route("10.0.0.0/8", "none"),)),)
    landing = yard.landing.landing_resources(replace(_SPEC, route_tables=tables))
    assert [one for one in preflight.preflight(PreflightRequest(landing=landing)) if one.is_fatal] == []
    odd = (RouteTableSpec(name="odd", routes=(_route("fd00::/64", "none"), _route("10.1.0.0/16", "gateway"))),)
    refused = yard.landing.part_findings(replace(_SPEC, route_tables=odd))
    assert {one.path[-1] for one in refused if one.finding.code == "landing-part-refused"} == {
        "to-fd00::/64",
        "to-10.1.0.0/16",
    }


def test_routes_are_there_again_after_each_death(make_yard: Callable[..., Yard]) -> None:
    yard = make_yard()
    through = _route(_BACK.cidr, "appliance", _APPLIANCE)
    _land(yard, through)
    yard.jumpbox()
    _vm(yard, "client", _CLIENT, network="front")
    _vm(yard, "server", _SERVER, network="back")
    _vm(yard, "appliance", _APPLIANCE, forwards=True)
    expected = ["10.0.1.1", _APPLIANCE, "10.0.1.1", _SERVER]
    assert _way(_machines(yard)[_CLIENT], _SERVER) == expected
    kill(yard.keeper())
    assert _way(_machines(yard)[_CLIENT], _SERVER) == expected
    kill(first := yard.first())
    wait_until_gone(first)
    _land(yard, through)
    assert _way(_machines(yard)[_CLIENT], _SERVER) == expected
    (table,) = route_records.list_tables(yard.state)
    assert table["routes"][0]["address"] == _APPLIANCE
    found = {one.name: one for one in yard.landing.find_landing_resources(yard.environment)}
    assert found["front"].entries == ("route table ways",)
    with pytest.raises(ConflictError, match="route-table-in-use"):
        yard.landing.delete_landing_resource(found["ways"].cid)
    yard.down()
    assert yard.leftovers() == []


def test_killed_at_random_moments_of_a_change_the_next_one_is_whole(make_yard: Callable[..., Yard]) -> None:
    yard = make_yard()
    through, none = _route(_BACK.cidr, "appliance", _APPLIANCE), _route(_BACK.cidr, "none")
    _land(yard, none)
    yard.jumpbox()
    _vm(yard, "client", _CLIENT, network="front")
    _vm(yard, "server", _SERVER, network="back")
    _vm(yard, "appliance", _APPLIANCE, forwards=True)
    began_s = time.monotonic()
    _land(yard, through)
    took_s = time.monotonic() - began_s
    draw = random.Random(_SEED)
    cut_off = 0
    for number in range(_KILLS):
        striking = threading.Timer(draw.uniform(0, took_s), _strike, [yard])
        striking.start()
        try:
            _land(yard, none if number % 2 == 0 else through, front=NetworkParts() if number % 3 == 0 else None)
        except CloudError:
            cut_off += 1
        striking.join()
    assert cut_off
    client = _machines(yard)[_CLIENT]
    _land(yard, none)
    assert _way(client, _SERVER) == ["-"]
    _land(yard, through)
    assert _way(client, _SERVER)[1] == _APPLIANCE
    yard.down()
    assert yard.leftovers() == []


def _strike(yard: Yard) -> None:
    """Kill the service and what it is answering."""
    keeper = yard.keeper()
    if keeper > 1:
        answering = children_of(keeper)
        for pid in (keeper, *answering):
            with contextlib.suppress(ProcessLookupError):
                kill(pid)
        wait_until_gone(keeper)


def test_only_a_machine_that_forwards_sends_from_addresses_of_others(make_yard: Callable[..., Yard]) -> None:
    yard = make_yard()
    _land(yard)
    yard.jumpbox()
    _vm(yard, "client", _CLIENT, network="front")
    _vm(yard, "thief", "10.0.0.13")
    _vm(yard, "forwarder", "10.0.0.14", forwards=True)
    jumpbox = yard.login()
    listening = f"nohup python3 -c {shlex.quote(_LISTEN)} > /tmp/heard 2>&1 </dev/null & sleep 0.5"
    run(jumpbox, listening)
    for number, ip in enumerate(("10.0.0.13", "10.0.0.14")):
        sent = run(yard.login_behind(jumpbox, ip), f"python3 -c {shlex.quote(_SEND)} {number}")
        assert sent.code == 0, sent.err
    assert run(jumpbox, "sleep 0.5; cat /tmp/heard").out == f"{_CLIENT} 1\n"
