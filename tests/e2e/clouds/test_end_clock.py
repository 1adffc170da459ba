"""An environment that its jumpbox ends, with a real machine: the clock is killed, and the operator's machine is off."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.e2e.clouds import on_azure
from tests.e2e.clouds import place as places
from tests.e2e.clouds.place import Place
from tests.support.bodies import ground
from tests.support.command import ROOT, Compleat

BUNDLE = ("--bundle", str(ROOT / "tests/cases/updates/bundle"))
LOG = "cat /var/vcap/sys/log/end-clock-azure/end-clock.log"
CHECK = "/var/vcap/jobs/end-clock-azure/bin/check"
KILL = "kill -9 $(cat /var/vcap/sys/run/end-clock-azure/end-clock.pid)"
HOUR_S = 3600.0

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(ground.missing()), reason=ground.missing() or "there can be bodies"),
]


def test_the_jumpbox_ends_the_environment_also_after_its_clock_was_killed(
    new_compleat: Callable[[], Compleat],
) -> None:
    compleat = replace(new_compleat(), is_warm=True)
    with on_azure.opened() as place:
        places.write_environment(compleat, place)
        try:
            up = compleat.run("up", "-n", *BUNDLE, "--ttl", "1h", "--ttl-clock", "jumpbox").ended()
            assert "if that does not, its jumpbox does 10 minutes later" in " ".join(up.err.split())
            assert "check FAILED" not in up.out
            (jumpbox,) = place.bodies.standing()
            assert "the environment ends at " in place.bodies.run(jumpbox, LOG + "; " + CHECK)
            assert compleat.run("extend", "1h", "--json").ended().json["clock"] == "jumpbox"
            place.set_clock_ahead(2 * HOUR_S + 660)
            place.bodies.run(jumpbox, KILL)
            _await(place, lambda: "DELETE resourceGroups" in place.calls())
            down = compleat.run("down", "-n").ended(1)  # by this machine's time the end is still to come
            assert "recorded-not-found" in down.err
            assert place.bodies.standing() == {}
            assert [one.split("/")[-2] for one in place.held()] == ["roleDefinitions"]
            compleat.run("down", "-n", "--forget").ended()
        finally:
            compleat.run("down", "-n")


def _await(place: Place, is_so: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 70
    while not is_so():
        assert time.monotonic() < end_s, place.calls()[-20:]
        time.sleep(0.5)
