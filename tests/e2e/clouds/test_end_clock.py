"""An environment that its jumpbox ends, with real machines: the clock is killed, and the operator's machine is off."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.e2e.clouds import on_azure
from tests.e2e.clouds import place as places
from tests.support.bodies import ground
from tests.support.command import ROOT, Compleat

UP = ("up", "-n", "--bundle", str(ROOT / "tests/cases/updates/bundle"), "--ttl-clock", "jumpbox")
LOG = "cat /var/vcap/sys/log/end-clock-azure/end-clock.log"
KILL = "kill -9 $(cat /var/vcap/sys/run/end-clock-azure/end-clock.pid)"

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
            assert "end-clock-without-end" in compleat.run(*UP).ended(3).err
            up = compleat.run(*UP, "--ttl", "1h").ended()
            assert "if that does not, its jumpbox does 10 minutes later" in " ".join(up.err.split())
            assert "not known" in _await(compleat, "the environment ends at ")  # before it had its login
            extended = compleat.run("extend", "1h", "--json").ended().json
            assert extended["clock"] == "jumpbox"
            place.set_clock_ahead(3600.0 * 1.5)
            compleat.run("ssh", "jumpbox", "-c", KILL).ended()
            assert str(extended["ends"]) in _await(compleat, str(extended["ends"]))
            assert len(place.bodies.standing()) == 1
            place.set_clock_ahead(3600.0 * 2 + 660)
            compleat.run("ssh", "jumpbox", "-c", KILL).ended()
            end_s = time.monotonic() + 60
            while "DELETE resourceGroups" not in place.calls():
                assert time.monotonic() < end_s, _await(compleat, "")
                time.sleep(0.5)
            assert "recorded-not-found" in compleat.run("down", "-n").ended(1).err
            assert place.bodies.standing() == {}
            assert [one.split("/")[-2] for one in place.held()] == ["roleDefinitions"]
            compleat.run("down", "-n", "--forget").ended()
        finally:
            compleat.run("down", "-n")


def _await(compleat: Compleat, words: str) -> str:
    """What the clock logged, once it has the words."""
    end_s = time.monotonic() + 70
    while True:
        logged = compleat.run("ssh", "jumpbox", "-c", LOG).ended().out
        if words in logged:
            return logged
        assert time.monotonic() < end_s, logged
        time.sleep(1)
