"""`up` killed in the middle, on a real OpenStack: the same command continues, without duplicates or leftovers.

What there is, and when to kill, is taken from the services' own lists.
"""

import os
import signal
import time
from collections.abc import Iterator

import pytest

from tests.clouds.openstack import place
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


@pytest.mark.parametrize("seen", ["router", "server"])
def test_up_killed_goes_on_and_makes_nothing_twice(compleat: Compleat, seen: str) -> None:
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


def _kill_when(seen: str, compleat: Compleat, *, name: str = "") -> None:
    with compleat.started(*UP) as process:
        end = time.monotonic() + _PATIENCE_S
        while not any(name in line for line in place.held(USER, seen)):
            assert process.poll() is None, "it ended before that"
            assert time.monotonic() < end, f"no {seen} {name}"
            time.sleep(0.3)
        os.killpg(process.pid, signal.SIGKILL)
        assert process.wait(_PATIENCE_S) == -signal.SIGKILL
