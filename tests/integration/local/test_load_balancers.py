"""Load balancers of the local cloud: real connections to real machines, from this machine and from inside."""

import contextlib
import os
import shlex
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import replace

import paramiko
import pytest

from cpi.clouds.local.inside.records import locks
from cpi.clouds.local.inside.system import sockets
from cpi.contract.errors import ConflictError, NotFoundError
from cpi.contract.landing_parts import BalancerRuleSpec, JoinedParts, LoadBalancerSpec, ProbeSpec
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingSpec, VmCreated
from tests.integration.local.yard import CIDR, PATIENCE_S, Yard, run

pytestmark = pytest.mark.local
_PORT, _MACHINE_PORT = 8000, 8080
_RULE = BalancerRuleSpec(name="web", protocol="tcp", port=_PORT, machine_port=_MACHINE_PORT, probe="up")
_PROBE = ProbeSpec(name="up", protocol="http", port=_MACHINE_PORT, path="/health", interval_s=5, unhealthy_after=1)
_SPEC = LandingSpec(
    networks={"default": CIDR},
    public_names=("jumpbox", "front"),
    load_balancers=(LoadBalancerSpec(name="lb", public_name="front", rules=(_RULE,), probes=(_PROBE,)),),
)
_SERVER = """
import http.server, os, socket
class Reporter(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = socket.gethostname().encode()
        ok = self.path != "/health" or not os.path.exists("/tmp/sick")
        self.send_response(200 if ok else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args): pass
http.server.ThreadingHTTPServer(("", 8080), Reporter).serve_forever()
"""


def _land(yard: Yard, spec: LandingSpec = _SPEC) -> str:
    """The balancer's address."""
    outputs: dict[str, str] = {}
    for resource in yard.landing.landing_resources(spec):
        owner = yard.owner(f"landing-{resource.name}", ENVIRONMENT_ITSELF)
        outputs |= yard.landing.create_landing_resource(resource, owner).outputs
    return outputs["front_public_ip"]


def _behind(yard: Yard, name: str, ip: str) -> VmCreated:
    joined = yard.landing.joined_properties(_SPEC, JoinedParts(network="default", load_balancers=("lb",)))
    return yard.connected.cloud.create_vm(replace(yard.request(name, ip), cloud_properties=joined))


def _serve(machine: paramiko.SSHClient) -> None:
    started = run(machine, f"nohup python3 -c {shlex.quote(_SERVER)} >/dev/null 2>&1 </dev/null & echo started")
    assert started.out == "started\n", started.err


def _get(yard: Yard, address: str) -> str:
    """The machine that answers, "" for none."""
    endpoint = yard.landing.endpoint_of(address, _PORT)
    with contextlib.suppress(OSError), socket.create_connection((endpoint.host, endpoint.port), 5) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        answer = b""
        while data := connection.recv(4096):
            answer += data
        return answer.rpartition(b"\r\n\r\n")[2].decode()
    return ""


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_connections_go_to_the_machines_that_serve(make_yard: Callable[..., Yard]) -> None:
    yard = make_yard()
    address = _land(yard)
    yard.jumpbox()
    one, two = _behind(yard, "one", "10.0.0.11"), _behind(yard, "two", "10.0.0.12")
    jumpbox = yard.login()
    machines = [yard.login_behind(jumpbox, ip) for ip in ("10.0.0.11", "10.0.0.12")]
    assert _get(yard, address) == "", "none serves yet"
    for machine in machines:
        _serve(machine)
    _until(lambda: {_get(yard, address) for _ in range(4)} == {"one", "two"})
    inside = f"python3 -c 'import urllib.request as u; print(u.urlopen(\"http://{address}:{_PORT}/\").read())'"
    assert {run(jumpbox, inside).out for _ in range(4)} == {"b'one'\n", "b'two'\n"}

    run(machines[0], "touch /tmp/sick")
    _until(lambda: {_get(yard, address) for _ in range(4)} == {"two"})
    run(machines[0], "rm /tmp/sick")
    _until(lambda: {_get(yard, address) for _ in range(4)} == {"one", "two"})

    os.kill(yard.keeper(), signal.SIGKILL)
    assert {_get(yard, address) for _ in range(4)} == {"one", "two"}, "the service ends, and connections do not"
    os.kill(_balancing(yard), signal.SIGKILL)
    assert _get(yard, address) == ""
    _land(yard)
    _until(lambda: {_get(yard, address) for _ in range(4)} == {"one", "two"})

    yard.connected.cloud.delete_vm(two.cid)
    _until(lambda: {_get(yard, address) for _ in range(4)} == {"one"})
    with pytest.raises(ConflictError, match="address-in-use"):
        _delete(yard, "public_address", "front")
    _delete(yard, "load_balancer", "lb")
    assert _get(yard, address) == ""
    _until(lambda: _balancing(yard) == 0)
    yard.connected.cloud.delete_vm(one.cid)
    _delete(yard, "public_address", "front")


def test_what_a_balancer_needs_is_there_and_its_own(make_yard: Callable[..., Yard]) -> None:
    yard = make_yard()
    address = _land(yard)
    with pytest.raises(ConflictError, match="address-taken"):
        yard.vm("thief", "10.0.0.13", vip=address)
    other = replace(_SPEC, load_balancers=(LoadBalancerSpec(name="other", public_name="front"),))
    with pytest.raises(ConflictError, match="address-taken"):
        _land(yard, other)
    unknown = replace(yard.request("lost", "10.0.0.14"), cloud_properties={"load_balancers": ["nobodys"]})
    with pytest.raises(NotFoundError, match="unknown-load-balancer"):
        yard.connected.cloud.create_vm(unknown)
    assert yard.vms() == ()


def _balancing(yard: Yard) -> int:
    return locks.find_holder(f"{yard.state}/{sockets.BALANCER_LOCK}")


def _delete(yard: Yard, kind: str, name: str) -> None:
    (found,) = (
        one for one in yard.landing.find_landing_resources(yard.environment) if (one.kind, one.name) == (kind, name)
    )
    yard.landing.delete_landing_resource(found.cid)
