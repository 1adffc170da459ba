"""When environments end: asked for, recorded, put off, and ended by the timer."""

from dataclasses import replace
from pathlib import Path

import pytest

from director.app.landing import end_clocks, landing_zones
from director.app.sessions import ends, near_ends
from director.app.sessions.ends import EndOptions
from director.app.sessions.session import Session
from director.app.use_cases import down, extend
from director.app.use_cases.down import DownRequest
from director.errors import InputError
from director.model import spans_of_time
from director.model.environments.environment import EnvironmentEnd
from director.report import ending
from tests.support.callers import calling
from tests.support.deaths import Death, Deaths
from tests.support.sessions import LANDING, session_of
from tests.support.simulation import Simulation
from tests.support.wants import ENVIRONMENT

_HOUR_S = 3600.0


def _session(simulation: Simulation, home: Path, *, ends: str = "", deaths: Deaths | None = None) -> Session:
    file = LANDING + (f'ends: "{ends}"\n' if ends else "")
    return session_of(simulation, home, world=simulation.process(deaths), file=file)


def _ended(session: Session, ttl_s: float | None = None) -> EnvironmentEnd | None:
    saved = session.world.store.load_environment(ENVIRONMENT)
    return ends.wanted_end(session, saved, EndOptions(ttl_s=ttl_s))


def _create(session: Session, end: EnvironmentEnd | None) -> None:
    landing_zones.create_environment(session, caller=calling("up"), end=end)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90.0), ("30min", 1800.0), ("8h", 28800.0), ("2d", 172800.0), ("0h", None), ("8", None), ("4000d", None)],
)
def test_spans_are_read(text: str, seconds: float | None) -> None:
    assert spans_of_time.read_span(text) == seconds


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1970-01-12T13:46:40Z", 1_000_000.0),
        ("1970-01-12T15:46:40+02:00", 1_000_000.0),
        ("1h", 3605.0),
        ("1970-13-12T13:46:40Z", None),
        ("1970-01-12T13:46:40", None),
    ],
)
def test_an_end_is_a_moment_or_a_span_from_now(text: str, at: float | None) -> None:
    assert spans_of_time.read_end(text, now=5.0) == at


def test_an_end_of_the_file_counts_from_the_first_up_and_again_when_it_is_changed(tmp_path: Path) -> None:
    simulation = Simulation()
    session = _session(simulation, tmp_path, ends="8h")
    first = _ended(session)
    assert first == EnvironmentEnd(at=session.world.clock.now() + 8 * _HOUR_S, written="8h")
    _create(session, first)
    simulation.time.at += _HOUR_S
    assert _ended(_session(simulation, tmp_path, ends="8h")) == first
    now = simulation.time.at
    assert _ended(_session(simulation, tmp_path, ends="2h")) == EnvironmentEnd(at=now + 2 * _HOUR_S, written="2h")
    assert _ended(_session(simulation, tmp_path, ends="8h"), 60.0) == EnvironmentEnd(at=now + 60.0, written="8h")


def test_an_end_that_has_passed_or_is_no_moment_is_refused_with_its_place(tmp_path: Path) -> None:
    for text, code in (("1970-01-01T00:00:00Z", "end-passed"), ("2026-13-01T00:00:00Z", "end-invalid")):
        with pytest.raises(InputError) as raised:
            _ended(_session(Simulation(), tmp_path, ends=text))
        assert (raised.value.code, str(raised.value.where)[:16]) == (code, "environment.yml:")


def test_an_environment_is_extended_from_its_end_and_one_for_ever_has_no_timer(tmp_path: Path) -> None:
    simulation = Simulation()
    session = _session(simulation, tmp_path, ends="8h")
    end = _ended(session)
    _create(session, end)
    assert end is not None
    assert end.at is not None
    later = extend.extend(session, 4 * _HOUR_S, caller=calling("extend"))
    assert later.at == end.at + 4 * _HOUR_S
    assert simulation.timers.at == {ENVIRONMENT: later.at}
    assert extend.extend(session, None, caller=calling("extend")).at is None
    assert simulation.timers.at == {}
    assert _ended(_session(simulation, tmp_path, ends="8h")) == EnvironmentEnd(at=None, written="8h")


def test_the_clock_is_what_the_option_says_else_the_file_else_as_before(tmp_path: Path) -> None:
    simulation = Simulation()
    on_jumpbox = EndOptions(ttl_s=60.0, clock="jumpbox")
    session = _session(simulation, tmp_path)
    with pytest.raises(InputError) as raised:
        ends.wanted_end(session, None, EndOptions(clock="jumpbox"))
    assert raised.value.code == "end-clock-without-end"
    _create(session, ends.wanted_end(session, None, on_jumpbox))
    kept = _ended(session, 90.0)
    assert kept is not None
    assert kept.clock == "jumpbox"
    written = session_of(
        simulation, tmp_path, world=simulation.process(None), file=LANDING + "ends: {at: 8h, clock: here}\n"
    )
    moved = _ended(written)
    assert moved is not None
    assert (moved.clock, moved.written) == ("here", "8h")
    simulation.time.at += 61.0
    with pytest.raises(InputError) as raised:
        _ended(session)
    assert raised.value.code == "end-passed"


def test_a_clock_that_no_jumpbox_can_hold_is_refused_before_anything_is_created(tmp_path: Path) -> None:
    end = EnvironmentEnd(at=5.0, clock="jumpbox")
    simulation = Simulation()
    for more, why in (("", "On cloud 'memory'"), ("jumpbox: none\n", "has no jumpbox")):
        session = session_of(simulation, tmp_path, world=simulation.process(None), file=LANDING + more)
        with pytest.raises(InputError) as raised:
            end_clocks.require_clock(session, end)
        assert raised.value.code == "end-clock-unavailable"
        assert why in str(raised.value.why)
        end_clocks.require_clock(session, EnvironmentEnd(at=5.0))


def test_what_the_jumpbox_deleted_is_no_loss_and_the_next_down_says_so(tmp_path: Path) -> None:
    simulation = Simulation()
    session = _session(simulation, tmp_path)
    now = session.world.clock.now()
    _create(session, EnvironmentEnd(at=now + 60.0, clock="jumpbox"))
    landing = session.world.clouds["only"].landing
    assert landing is not None
    for found in reversed(landing.find_landing_resources(ENVIRONMENT)):
        landing.delete_landing_resource(found.cid)
    request = DownRequest(caller=calling("down"))
    before = down.take_down(session, request, lambda _: None)
    assert (before.is_forgotten, before.is_ended_by_jumpbox, bool(before.missing)) == (False, False, True)
    simulation.time.at += 61.0
    near = near_ends.near_end(session.world.store, ENVIRONMENT, session.world.clock.now())
    assert near is not None
    assert "its jumpbox deletes it" in near_ends.end_words(ENVIRONMENT, near)
    after = down.take_down(session, request, lambda _: None)
    assert (after.is_forgotten, after.is_ended_by_jumpbox, after.missing) == (True, True, before.missing)
    lines = ending.down_lines(after)
    assert any("deleted by the clock on the jumpbox: landing resource" in line for line in lines)
    assert "its jumpbox ended it; no resources left in the cloud." in " ".join(lines)


def test_before_the_end_the_timer_changes_nothing_and_afterwards_it_takes_it_down(tmp_path: Path) -> None:
    simulation = Simulation()
    session = _session(simulation, tmp_path)
    _create(session, _ended(session, 60.0))
    simulation.timers.set_timer(ENVIRONMENT, 1.0)
    with pytest.raises(InputError) as raised:
        extend.is_due(session)
    assert raised.value.code == "end-not-come"
    simulation.time.at += 61.0
    assert extend.is_due(session)
    assert down.take_down(session, DownRequest(caller=calling("down")), lambda _: None).is_forgotten
    assert simulation.timers.at == {}
    assert not extend.is_due(session)


def test_wherever_an_up_is_killed_its_end_is_recorded_before_anything_is_created(tmp_path: Path) -> None:
    for number in range(1, 12):
        simulation = Simulation()
        session = _session(simulation, tmp_path, deaths=Deaths(at=number))
        try:
            _create(session, EnvironmentEnd(at=5.0))
        except Death:
            again = _session(simulation, tmp_path)
            saved = again.world.store.load_environment(ENVIRONMENT)
            has_created = bool(simulation.cloud.inventory().landing)
            assert not has_created or (saved is not None and saved.end == EnvironmentEnd(at=5.0))
        else:
            pytest.fail("not killed")


def test_every_command_tells_an_end_that_is_near_or_has_passed(tmp_path: Path) -> None:
    simulation = Simulation()
    session = _session(simulation, tmp_path)
    now, store = session.world.clock.now(), session.world.store
    assert near_ends.near_end(store, ENVIRONMENT, now) is None
    _create(session, EnvironmentEnd(at=now + 2 * _HOUR_S))
    assert near_ends.near_end(store, ENVIRONMENT, now) is None
    near = near_ends.near_end(store, ENVIRONMENT, now + 2 * _HOUR_S - 1500)
    past = near_ends.near_end(store, ENVIRONMENT, now + 2 * _HOUR_S + 120)
    assert near is not None
    assert past is not None
    assert "ends in 25 min" in near_ends.end_words(ENVIRONMENT, near)
    assert "passed 2 min ago" in near_ends.end_words(ENVIRONMENT, past)
    assert replace(near, left_s=1) != past
