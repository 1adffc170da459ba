"""Addresses and metadata of VMs: whose address it is decides the cloud, whatever root of another VM does."""

import base64
import json
import shlex
from dataclasses import replace
from pathlib import Path

import paramiko
import pytest

from cpi.contract.values import ENVIRONMENT_ITSELF, LandingSpec, NetworkKind, NetworkSettings
from tests.integration.local.yard import Yard, run

pytestmark = pytest.mark.local
_THEFT = Path(__file__).with_name("address_theft.py")
_VICTIM, _THIEF = "10.0.0.30", "10.0.0.31"


def _steal(thief: paramiko.SSHClient, address: str) -> str:
    """What the metadata service told the thief as `address`; the address stays claimed."""
    program = base64.b64encode(_THEFT.read_bytes()).decode()
    done = run(thief, f"python3 -c {shlex.quote(f'import base64; exec(base64.b64decode({program!r}))')} {address}")
    assert done.code == 0, done.err
    reported: str = json.loads(done.out)
    return reported


def test_a_vm_that_takes_anothers_address_gets_neither_its_traffic_nor_its_metadata(shared_yard: Yard) -> None:
    shared_yard.jumpbox()
    shared_yard.vm("victim", _VICTIM)
    shared_yard.vm("thief", _THIEF)
    jumpbox = shared_yard.login()
    thief = shared_yard.login_behind(jumpbox, _THIEF)

    reported = _steal(thief, _VICTIM)

    assert reported == ""
    assert run(shared_yard.login_behind(jumpbox, _VICTIM), "hostname").out == "victim\n"
    own = run(
        thief,
        "python3 -c 'import urllib.request as u; print(u.urlopen(\"http://169.254.169.254/latest/user-data\").read())'",
    )
    assert "agent-thief" in own.out


def test_a_vm_that_takes_an_address_nobody_has_is_not_reached_there(shared_yard: Yard) -> None:
    shared_yard.vm("thief", _THIEF)
    jumpbox = shared_yard.login()

    _steal(shared_yard.login_behind(jumpbox, _THIEF), "10.0.0.77")

    with pytest.raises(paramiko.ChannelException):
        shared_yard.login_behind(jumpbox, "10.0.0.77")


def test_a_vm_that_takes_the_gateways_address_is_not_the_gateway(shared_yard: Yard) -> None:
    shared_yard.vm("thief", _THIEF)
    shared_yard.vm("victim", _VICTIM)
    jumpbox = shared_yard.login()
    victim = shared_yard.login_behind(jumpbox, _VICTIM)

    _steal(shared_yard.login_behind(jumpbox, _THIEF), "10.0.0.1")

    asked = (
        "python3 -c 'import urllib.request as u; print(u.urlopen(\"http://169.254.169.254/latest/user-data\").read())'"
    )
    assert "agent-victim" in run(victim, asked).out


def test_a_vm_of_two_networks_answers_from_both_of_its_addresses(shared_yard: Yard) -> None:
    spec = LandingSpec(networks={"app": "10.0.1.0/24"}, public_names=())
    (network,) = shared_yard.landing.landing_resources(spec)
    shared_yard.landing.create_landing_resource(network, shared_yard.owner("landing-app", ENVIRONMENT_ITSELF))
    one = shared_yard.request("two", "10.0.0.40")
    app = NetworkSettings(name="app", kind=NetworkKind.MANUAL, ip="10.0.1.40", prefix=24, gateway="10.0.1.1")
    shared_yard.connected.cloud.create_vm(replace(one, networks=(app, *one.networks)))
    jumpbox = shared_yard.login()

    for address in ("10.0.0.40", "10.0.1.40"):
        assert run(shared_yard.login_behind(jumpbox, address), "hostname").out == "two\n"


_LISTEN = (
    'python3 -c \'import socket; s = socket.create_server(("::", 8080), family=socket.AF_INET6); '
    "c, a = s.accept(); c.sendall(a[0].encode()); c.close()' > /dev/null 2>&1 &"
)
_CONNECT = (
    'python3 -c \'import socket; s = socket.create_connection(("{address}", 8080), 3{source}); '
    "print(s.recv(100).decode())'"
)


def _land_ipv6(yard: Yard) -> None:
    spec = LandingSpec(networks={"six": "fd00:5::/64"}, public_names=())
    for network in yard.landing.landing_resources(spec):
        yard.landing.create_landing_resource(network, yard.owner("landing-six", ENVIRONMENT_ITSELF))


def _dual(yard: Yard, name: str, last: int, *, group: str) -> None:
    one = yard.request(name, f"10.0.0.{last}")
    six = NetworkSettings(
        name="six", kind=NetworkKind.MANUAL, ip=f"fd00:5::{last:x}", prefix=64, gateway="fd00:5::1", nic_group=group
    )
    networks = (replace(one.networks[0], nic_group=group), *one.networks[1:], six)
    created = yard.connected.cloud.create_vm(replace(one, networks=networks))
    assert [each.ip for each in created.networks] == [f"10.0.0.{last}", f"fd00:5::{last:x}"]


@pytest.mark.parametrize(("group", "first"), [("1", 50), ("", 60)], ids=["one interface", "an interface each"])
def test_vms_reach_each_other_over_ipv6_from_their_own_addresses_alone(
    shared_yard: Yard, group: str, first: int
) -> None:
    _land_ipv6(shared_yard)
    _dual(shared_yard, f"six-{first}", first, group=group)
    _dual(shared_yard, f"six-{first + 1}", first + 1, group=group)
    shared_yard.jumpbox()
    jumpbox = shared_yard.login()
    one, two = (shared_yard.login_behind(jumpbox, f"10.0.0.{last}") for last in (first, first + 1))
    links = sorted(line for line in run(one, "ls /sys/class/net").out.split() if line.startswith("eth"))
    assert len(links) == (1 if group else 2)
    own, other = f"fd00:5::{first:x}", f"fd00:5::{first + 1:x}"
    run(two, _LISTEN)
    asked = _CONNECT.format(address=other, source="")
    assert run(one, f"sleep 0.3; {asked}").out.strip() == own
    run(two, _LISTEN)
    assert run(one, f"python3 -c '{_TAKE.format(link=links[-1])}'").code == 0
    forged = _CONNECT.format(address=other, source=', ("fd00:5::99", 0)')
    assert run(one, f"sleep 0.3; {forged}").code != 0, "what comes from another address goes nowhere"
    honest = _CONNECT.format(address=other, source=f', ("{own}", 0)')
    assert run(one, honest).out.strip() == own


_TAKE = (
    "import socket, struct; s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0); s.bind((0, 0)); "
    'i = socket.if_nametoindex("{link}"); a = socket.inet_pton(socket.AF_INET6, "fd00:5::99"); '
    'at = struct.pack("=HH", 20, 1) + a; '
    'b = struct.pack("=BBBBI", socket.AF_INET6, 128, 2, 0, i) + at; '
    's.send(struct.pack("=IHHII", 16 + len(b), 20, 0x405, 1, 0) + b); r = s.recv(4096); '
    'raise SystemExit(-struct.unpack_from("=i", r, 16)[0])'
)
"""Give a link the address fd00:5::99."""
