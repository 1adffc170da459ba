"""Load balancers of the local cloud inside of a network, and inbound NAT rules: real connections to real machines."""

import contextlib
import shlex
import socket
from collections.abc import Callable
from dataclasses import replace

import paramiko
import pytest

from cpi.clouds.local.inside.records import locks, records
from cpi.clouds.local.inside.system import sockets
from cpi.contract.errors import CloudError, ConflictError, NotFoundError
from cpi.contract.landing_parts import BalancerRuleSpec, JoinedParts, LoadBalancerSpec, NatRuleSpec
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingSpec, PreflightRequest, VmCreated, VmRequest
from tests.integration.local.yard import CIDR, JUMPBOX_IP, Yard, kill, run, wait_until_gone

pytestmark = pytest.mark.local
_FRONT = "10.0.0.100"
_PORT, _MACHINE_PORT = 8000, 8080
_WEB = BalancerRuleSpec(name="web", protocol="tcp", port=_PORT, machine_port=_MACHINE_PORT)
_ONE = NatRuleSpec(name="one", protocol="tcp", port=22, machine_port=22)
_TWO = NatRuleSpec(name="two", protocol="tcp", port=9002, machine_port=_MACHINE_PORT)
_INNER = LoadBalancerSpec(name="inner", network="default", address=_FRONT, rules=(_WEB,), nat_rules=(_ONE, _TWO))
_PUBLIC = LoadBalancerSpec(name="outer", public_name="front", nat_rules=(_TWO,))
_SPEC = LandingSpec(
    networks={"default": CIDR, "other": "10.0.1.0/24"},
    public_names=("jumpbox", "front"),
    load_balancers=(_INNER, _PUBLIC),
)
_SERVER = """
import http.server, socket
class Reporter(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(socket.gethostname().encode())
    def log_message(self, *args): pass
http.server.ThreadingHTTPServer(("", 8080), Reporter).serve_forever()
"""
_ASK = 'import urllib.request as u; print(u.urlopen("http://{address}:{port}/", timeout=5).read().decode())'


def _land(yard: Yard, spec: LandingSpec = _SPEC) -> None:
    for resource in yard.landing.landing_resources(spec):
        owner = yard.owner(f"landing-{resource.name}", ENVIRONMENT_ITSELF)
        yard.landing.create_landing_resource(resource, owner)


def _request(yard: Yard, name: str, ip: str, *nat_rules: str) -> VmRequest:
    joined = JoinedParts(network="default", load_balancers=("inner",), nat_rules=nat_rules)
    return replace(yard.request(name, ip), cloud_properties=yard.landing.joined_properties(_SPEC, joined))


def _behind(yard: Yard, name: str, ip: str, *nat_rules: str) -> VmCreated:
    return yard.connected.cloud.create_vm(_request(yard, name, ip, *nat_rules))


def _serve(machine: paramiko.SSHClient) -> None:
    command = f"nohup python3 -c {shlex.quote(_SERVER)} >/dev/null 2>&1 </dev/null & sleep 0.5; echo started"
    started = run(machine, command)
    assert started.out == "started\n", started.err


def _ask(client: paramiko.SSHClient, port: int) -> str:
    """The machine that answers at the front, "" for none; asked from another one."""
    return run(client, f"python3 -c {shlex.quote(_ASK.format(address=_FRONT, port=port))} 2>/dev/null").out.strip()


def _from_this_machine(yard: Yard, port: int) -> str:
    (front,) = (one["ip"] for one in records.list_addresses(yard.state) if one["name"] == "front")
    endpoint = yard.landing.endpoint_of(front, port)
    with contextlib.suppress(OSError), socket.create_connection((endpoint.host, endpoint.port), 5) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return b"".join(iter(lambda: connection.recv(4096), b"")).rpartition(b"\r\n\r\n")[2].decode()
    return ""


def _delete(yard: Yard, kind: str, name: str) -> None:
    found = yard.landing.find_landing_resources(yard.environment)
    (cid,) = (one.cid for one in found if (one.kind, one.name) == (kind, name))
    yard.landing.delete_landing_resource(cid)


def test_a_front_in_a_network_leads_to_all_machines_and_a_nat_rule_to_one(make_yard: Callable[..., Yard]) -> None:
    yard = make_yard()
    _land(yard)
    yard.jumpbox()
    one = _behind(yard, "one", "10.0.0.11", "inner/one")
    _behind(yard, "two", "10.0.0.12", "inner/two", "outer/two")
    jumpbox = yard.login()
    machines = [yard.login_behind(jumpbox, ip) for ip in ("10.0.0.11", "10.0.0.12")]
    for machine in machines:
        _serve(machine)
    assert {_ask(jumpbox, _PORT) for _ in range(4)} == {"one", "two"}
    assert {_ask(machines[0], _PORT) for _ in range(4)} == {"one", "two"}, "a machine reaches itself through it"
    assert {_ask(jumpbox, 9002) for _ in range(4)} == {"two"}
    assert {_from_this_machine(yard, 9002) for _ in range(4)} == {"two"}
    assert run(yard.login_behind(jumpbox, _FRONT), "hostname").out == "one\n"
    assert all(forward["address"] != _FRONT for forward in records.load_edge(yard.state)["forwards"])

    yard.connected.cloud.delete_vm(one.cid)
    _land(yard, replace(_SPEC, load_balancers=(replace(_INNER, nat_rules=()), _PUBLIC)))
    assert _ask(jumpbox, 9002) == ""
    assert {_ask(jumpbox, _PORT) for _ in range(3)} == {"two"}
    _land(yard)
    assert _ask(jumpbox, 9002) == "two"

    kill(yard.keeper())
    assert _ask(jumpbox, 9002) == "two", "the service ends, and connections do not"
    kill(first := yard.first())
    wait_until_gone(first)
    _land(yard)
    again = yard.login()
    _serve(yard.login_behind(again, "10.0.0.12"))
    assert (_ask(again, 9002), _ask(again, _PORT)) == ("two", "two")


def test_an_address_inside_is_one_holder_s_and_its_network_stays(make_yard: Callable[..., Yard]) -> None:
    yard = make_yard()
    _land(yard)
    with pytest.raises(ConflictError, match="address-taken"):
        yard.vm("thief", _FRONT)
    assert yard.connected.preflight is not None
    thief = yard.connected.preflight.preflight(PreflightRequest(vms=(yard.request("thief", _FRONT),)))
    assert "address-taken" in {one.code for one in thief}
    yard.jumpbox()
    for address, code in ((JUMPBOX_IP, "address-taken"), ("10.0.0.1", "address-taken")):
        with pytest.raises(ConflictError, match=code):
            _land(yard, replace(_SPEC, load_balancers=(replace(_INNER, name="late", address=address),)))
    with pytest.raises(CloudError, match="landing-part-refused"):
        _land(yard, replace(_SPEC, load_balancers=(replace(_INNER, address="10.0.0.101"),)))
    with pytest.raises(ConflictError, match="network-in-use"):
        _delete(yard, "network", "default")
    chosen = replace(_SPEC, load_balancers=(LoadBalancerSpec(name="any", network="other"),))
    _land(yard, chosen)
    _land(yard, chosen)
    (found,) = (one for one in yard.landing.find_landing_resources(yard.environment) if one.name == "any")
    assert (found.place.network, found.place.address) == ("other", "10.0.1.254")
    assert found.entries == ("front end: any in other",)


def test_a_nat_rule_that_is_not_there_or_has_two_vms_is_refused(make_yard: Callable[..., Yard]) -> None:
    yard = make_yard()
    assert yard.connected.preflight is not None
    landing = yard.landing.landing_resources(_SPEC)
    one, two = _request(yard, "one", "10.0.0.11", "inner/one"), _request(yard, "two", "10.0.0.12", "inner/one")
    lost = _request(yard, "three", "10.0.0.13", "inner/on")
    for vms, codes in (((one,), []), ((one, two), ["nat-rule-shared"]), ((lost,), ["unknown-nat-rule"])):
        asked = PreflightRequest(vms=vms, landing=landing)
        assert [found.code for found in yard.connected.preflight.preflight(asked) if found.is_fatal] == codes
    _land(yard)
    with pytest.raises(NotFoundError, match="unknown-nat-rule"):
        yard.connected.cloud.create_vm(lost)


def test_a_cloud_with_balancers_alone_ends_with_them(make_yard: Callable[..., Yard]) -> None:
    yard = make_yard()
    _land(yard)
    balancing = locks.find_holder(f"{yard.state}/{sockets.BALANCER_LOCK}")
    assert balancing
    yard.down()
    assert yard.leftovers() == []
