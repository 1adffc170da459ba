"""`up` killed in the middle, on a real OpenStack: the same command continues, without duplicates or leftovers.

What there is, and when to kill, is taken from the services' own lists.
"""

import socket
from collections.abc import Iterator

import pytest

from tests.clouds.openstack import place
from tests.support import killed_commands, whole_template
from tests.support.command import ROOT, Compleat

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

USER = place.THIRD_USER
UP = ("up", "-n", "--bundle", str(ROOT / "tests/cases/updates/bundle"))
_PATIENCE_S = 300.0


@pytest.fixture
def compleat() -> Iterator[Compleat]:
    """An environment of its own; that `down` leaves nothing is part of every test."""
    with place.environment(USER, "killed") as own:
        yield own
        own.run("down", "-n", timeout_s=_PATIENCE_S).ended()
        assert place.await_empty(USER) == []


def test_up_killed_twice_goes_on_and_makes_nothing_twice(compleat: Compleat) -> None:
    for seen in ("router", "server"):
        _kill_when(seen, compleat)
    compleat.run(*UP, timeout_s=_PATIENCE_S).ended()
    kinds = [line.partition(" ")[0] for line in place.held(USER)]
    assert {kind: kinds.count(kind) for kind in ("server", "router", "subnet")} == {
        "server": 1,
        "router": 1,
        "subnet": 1,
    }
    assert compleat.run("ssh", "jumpbox", "-c", "id -un").ended().out == "root\n"


def test_down_after_a_kill_takes_away_what_waits_for_a_server_that_never_came(compleat: Compleat) -> None:
    _kill_when("port", compleat, name="create_vm/jumpbox")


def test_a_template_killed_in_the_middle_is_made_whole_and_then_nothing_is_left_to_do(compleat: Compleat) -> None:
    with place.flavor("compleat-template", ram_mib=512, disk_gib=10):
        size = ("-p", "size=Standard_B1ls")
        assert set(whole_template.changes(compleat, *size).values()) == {"Create"}
        _kill_when("volume", compleat, words=(*whole_template.UP, *size))
        whole_template.run_through(compleat, *size, is_open=_is_open)
        compleat.run("down", "-n", timeout_s=_PATIENCE_S).ended()
        place.await_no_servers(USER)


def _is_open(address: str, port: int) -> bool:
    """A server that nothing listens on refuses a connection that its security groups let in, and hears of no other."""
    try:
        socket.create_connection((address, port), timeout=3).close()
    except ConnectionRefusedError:
        return True
    except TimeoutError:
        return False
    return True


def _kill_when(seen: str, compleat: Compleat, *, name: str = "", words: tuple[str, ...] = UP) -> None:
    killed_commands.kill_when(
        lambda: any(name in line for line in place.held(USER, seen)),
        compleat,
        *words,
        patience_s=_PATIENCE_S,
        pause_s=0.3,
    )
