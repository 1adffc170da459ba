"""What every cloud's security groups let in, read from the cloud's own state."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from cpi.contract.values import NetworkKind, NetworkSettings
from cpi.kit.public_access import PUBLIC_PORTS
from tests.contract.cloud.subjects import ENVIRONMENT, Subject
from tests.support.inbound_rules import OPERATOR, Inbound, lets_in

POSTGRES = 5432
HEALTH_PORT = 8853
"""UDP: director/guest/dns/health_messages.py."""


def test_a_machine_with_a_public_address_lets_the_internet_in_to_the_public_ports_alone(subject: Subject) -> None:
    inbound = _inbound_of_two(subject)
    jumpbox = inbound[f"{subject.prefix}10"]
    assert {port for port in (*PUBLIC_PORTS, POSTGRES) if lets_in(jumpbox, OPERATOR, port)} == set(PUBLIC_PORTS)


def test_machines_of_an_environment_let_each_other_in(subject: Subject) -> None:
    inbound = _inbound_of_two(subject)
    jumpbox, other = f"{subject.prefix}10", f"{subject.prefix}11"
    assert lets_in(inbound[other], jumpbox, 22)
    assert lets_in(inbound[other], jumpbox, POSTGRES)
    assert lets_in(inbound[jumpbox], other, POSTGRES)


def test_machines_of_an_environment_ask_each_other_for_their_health_and_nobody_else_does(subject: Subject) -> None:
    inbound = _inbound_of_two(subject)
    jumpbox, other = f"{subject.prefix}10", f"{subject.prefix}11"
    assert _answers(inbound[jumpbox], other) and _answers(inbound[other], jumpbox)
    strangers = (OPERATOR, "8.8.8.8", "172.31.0.5", "192.168.7.7")
    assert not [source for source in strangers for one in (jumpbox, other) if _answers(inbound[one], source)]


def _answers(inbound: Inbound, source: str) -> bool:
    return lets_in(inbound, source, HEALTH_PORT, protocol="udp")


def _inbound_of_two(subject: Subject) -> Mapping[str, Inbound]:
    if subject.inbound is None:
        pytest.skip("the cloud has no security groups")
    outputs = [found.outputs for found in subject.landing.find_landing_resources(ENVIRONMENT)]
    address = next(reported["jumpbox_public_ip"] for reported in outputs if "jumpbox_public_ip" in reported)
    public = NetworkSettings(name="public", kind=NetworkKind.VIP, ip=address)
    jumpbox = subject.vm_request("a1", last=10)
    subject.connected.cloud.create_vm(replace(jumpbox, networks=(*jumpbox.networks, public)))
    subject.connected.cloud.create_vm(subject.vm_request("a2", last=11))
    return subject.inbound()
