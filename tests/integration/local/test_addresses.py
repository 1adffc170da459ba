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
