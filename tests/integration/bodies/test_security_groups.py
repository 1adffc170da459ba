"""Bodies obey security groups: between each other, and at their public addresses."""

import contextlib
import socket
from collections.abc import Iterator

import pytest

from tests.support.bodies import ground
from tests.support.bodies.bodies import Bodies
from tests.support.bodies.values import Instance, Interface
from tests.support.inbound_rules import OPERATOR, InboundRule

RANGE = "10.0.0.0/24"
ONE, TWO, THREE = "10.0.0.5", "10.0.0.6", "10.0.0.7"
SSH = InboundRule(sources=(f"{OPERATOR}/32",), first_port=22, last_port=22)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(ground.missing()), reason=ground.missing() or "there can be bodies"),
]


@pytest.fixture
def bodies() -> Iterator[Bodies]:
    with contextlib.closing(Bodies()) as made:
        yield made


def test_a_machine_is_reached_only_by_those_that_its_rules_let_in(bodies: Bodies) -> None:
    bodies.guard({TWO: ((InboundRule(sources=(f"{ONE}/32", RANGE), but=(f"{THREE}/32",)),),), ONE: ()})
    for ip in (ONE, TWO, THREE):
        bodies.start(Instance(id=ip, interfaces=(Interface(ip=ip, cidr=RANGE),)))
    assert [_reaches(bodies, ONE, TWO), _reaches(bodies, THREE, TWO)] == [True, False]
    assert [_reaches(bodies, TWO, ONE), _reaches(bodies, TWO, THREE)] == [True, False]  # THREE is in no rule
    both = (InboundRule(sources=(RANGE,)),)
    bodies.guard({TWO: (both, (InboundRule(sources=(RANGE,), first_port=23, last_port=99),)), ONE: ()})
    assert not _reaches(bodies, ONE, TWO)
    bodies.guard({TWO: (both, (InboundRule(sources=(RANGE,), first_port=22, last_port=22),)), ONE: ()})
    assert _reaches(bodies, ONE, TWO)
    bodies.reboot(TWO)
    assert [_reaches(bodies, ONE, TWO), _reaches(bodies, ONE, THREE)] == [True, False]


def test_a_public_address_shows_the_ports_that_the_internet_is_let_in_to(bodies: Bodies) -> None:
    address = bodies.addresses.reserve()
    bodies.guard({ONE: ((SSH,),)})
    bodies.start(Instance(id="one", interfaces=(Interface(ip=ONE, cidr=RANGE),)))
    bodies.run("one", "true")
    bodies.associate(address, "one")
    assert _is_open(address)
    refused = InboundRule(sources=("0.0.0.0/0",), but=(RANGE,), is_allowed=False)
    bodies.guard({ONE: ((refused, SSH),)})
    assert not _is_open(address)
    bodies.guard({ONE: ((SSH, refused),)})
    assert _is_open(address)
    bodies.guard({})
    assert not _is_open(address)


def _reaches(bodies: Bodies, one: str, other: str) -> bool:
    ask = f"timeout 2 bash -c 'exec 3<>/dev/tcp/{other}/22; head -c 3 <&3' || true"
    return bodies.run(one, ask) == "SSH"


def _is_open(address: str) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((address, 22), 5) as stream:
        return stream.recv(3) == b"SSH"
    return False
