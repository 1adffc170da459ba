"""Supervision in virtual time: order, restarts with growing delays, stops that do not work."""

from __future__ import annotations  # tests/interpreters.py runs this on Python 3.8 too

from dataclasses import dataclass, field

from director.guest.failures import GuestError
from director.guest.supervise.service_set import (
    MODE_RUNNING,
    MODE_STOPPED,
    MODE_UNMONITORED,
    ServiceRequest,
    ServiceSet,
    job_state,
)
from director.monit.checks import Check, Program

_TICK_S = 0.1


@dataclass
class Machine:
    """A machine whose programs do what they are called: "start x" makes x live, "stop x" ends it."""

    now: float = 0.0
    alive: dict[str, int] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    begun: dict[str, list[float]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    deaf: set[str] = field(default_factory=set)
    slow: set[str] = field(default_factory=set)
    lacking: set[str] = field(default_factory=set)
    pids: int = 0

    def sign_of_life(self, check: Check) -> int | None:
        found = self.alive.get(check.path)
        return found if found is None or check.kind == "process" else 0

    def launch(self, name: str, program: Program) -> int:
        self.said.append(" ".join(program.command))
        self.begun.setdefault(name, []).append(round(self.now, 1))
        if name in self.lacking:
            raise GuestError("program-not-runnable", "It cannot be run.", why="/bin/x: No such file or directory")
        if program.command[0] == "start" and name not in self.broken | self.slow:
            self.pids += 1
            self.alive[name] = self.pids
        if program.command[0] == "stop" and name not in self.deaf:
            self.alive.pop(name, None)
        return -1 if name in self.broken else (-2 if name in self.slow else 1)

    def exit_code(self, handle: int) -> int | None:
        return {-1: 3, -2: None}.get(handle, 0)

    def end_program(self, handle: int) -> None:
        self.said.append("killed a program")

    def terminate(self, pid: int) -> None:
        self.said.append("SIGTERM")
        self.alive = {name: other for name, other in self.alive.items() if other != pid}


def _check(name: str, *depends_on: str) -> Check:
    return Check(name, name, Program(("start", name)), Program(("stop", name)), "vcap", depends_on)


def _set(machine: Machine, *checks: Check) -> ServiceSet:
    services = ServiceSet(machine)
    services.load(checks)
    return services


def _run(
    services: ServiceSet,
    machine: Machine,
    *,
    mode: str,
    seconds: float,
    requests: dict[str, ServiceRequest] | None = None,
) -> str:
    for _ in range(round(seconds / _TICK_S)):
        services.tick(mode, machine.now, requests or {})
        machine.now += _TICK_S
    return job_state(services.states(mode))


def _file(name: str, *depends_on: str) -> Check:
    return _check(name, *depends_on)._replace(kind="file")


def test_no_service_at_all_is_running() -> None:
    assert job_state([]) == "running"


def test_services_start_after_and_stop_before_what_they_depend_on() -> None:
    machine = Machine()
    services = _set(machine, _check("db"), _check("web", "db"), _check("edge", "web"))
    assert _run(services, machine, mode=MODE_RUNNING, seconds=2) == "running"
    _run(services, machine, mode=MODE_STOPPED, seconds=2)
    assert machine.said == ["start db", "start web", "start edge", "stop edge", "stop web", "stop db"]
    assert services.is_settled(MODE_STOPPED)


def test_a_service_is_starting_until_it_has_lived_half_a_second() -> None:
    machine = Machine()
    services = _set(machine, _check("web"))
    assert _run(services, machine, mode=MODE_RUNNING, seconds=0.3) == "starting"
    assert _run(services, machine, mode=MODE_RUNNING, seconds=0.5) == "running"


def test_a_process_that_dies_is_started_again_at_once() -> None:
    machine = Machine()
    services = _set(machine, _check("web"))
    _run(services, machine, mode=MODE_RUNNING, seconds=5)
    machine.alive.clear()
    _run(services, machine, mode=MODE_RUNNING, seconds=0.3)
    (state,) = services.states(MODE_RUNNING)
    assert (machine.begun["web"], state.restarts, state.problem) == ([0.0, 5.1], 1, "its process ended")


def test_a_service_that_never_starts_is_tried_with_growing_delays_and_is_failing() -> None:
    machine = Machine(broken={"web"})
    services = _set(machine, _check("web"))
    assert _run(services, machine, mode=MODE_RUNNING, seconds=200) == "failing"
    tries = machine.begun["web"]
    delays = [round(after - tries[at]) for at, after in enumerate(tries[1:])]  # Python 3.8 has no pairwise
    assert delays == [0, 1, 2, 4, 8, 16, 32, 60, 60]


def test_a_service_that_dies_again_and_again_is_not_called_running() -> None:
    machine = Machine()
    services = _set(machine, _check("web"))
    words = set()
    for _ in range(8):
        words.add(_run(services, machine, mode=MODE_RUNNING, seconds=3))
        machine.alive.clear()
    assert (words - {"running"}, _run(services, machine, mode=MODE_RUNNING, seconds=1)) == ({"failing"}, "failing")


def test_failures_are_forgiven_after_a_minute_of_life() -> None:
    machine = Machine()
    services = _set(machine, _check("web"))
    for _ in range(4):
        _run(services, machine, mode=MODE_RUNNING, seconds=5)
        machine.alive.clear()
    _run(services, machine, mode=MODE_RUNNING, seconds=90)
    machine.alive.clear()
    died_at = machine.now
    _run(services, machine, mode=MODE_RUNNING, seconds=1)
    assert machine.begun["web"][-1] - died_at < 0.3


def test_a_start_program_that_takes_too_long_is_ended_and_the_start_has_failed() -> None:
    machine = Machine(slow={"web"})
    services = _set(machine, _check("web"))
    assert _run(services, machine, mode=MODE_RUNNING, seconds=29) == "starting"
    assert _run(services, machine, mode=MODE_RUNNING, seconds=33) == "failing"
    assert machine.said[:4] == ["start web", "killed a program", "start web", "killed a program"]


def test_what_depends_on_a_process_that_died_is_restarted_with_it() -> None:
    machine = Machine()
    services = _set(machine, _check("db"), _check("web", "db"))
    _run(services, machine, mode=MODE_RUNNING, seconds=3)
    machine.said.clear()
    del machine.alive["db"]
    assert _run(services, machine, mode=MODE_RUNNING, seconds=4) == "running"
    assert sorted(machine.said) == ["start db", "start web", "stop web"]
    assert machine.said.index("stop web") < machine.said.index("start web")


def test_a_chain_of_dependants_is_stopped_before_what_died_comes_back() -> None:
    machine = Machine()
    services = _set(machine, _check("db"), _check("web", "db"), _check("edge", "web"))
    _run(services, machine, mode=MODE_RUNNING, seconds=3)
    machine.said.clear()
    del machine.alive["db"]
    assert _run(services, machine, mode=MODE_RUNNING, seconds=4) == "running"
    assert machine.said == ["stop edge", "stop web", "start db", "start web", "start edge"]


def test_a_process_that_does_not_stop_is_told() -> None:
    machine = Machine(deaf={"web"})
    services = _set(machine, _check("db"), _check("web", "db"))
    _run(services, machine, mode=MODE_RUNNING, seconds=3)
    _run(services, machine, mode=MODE_STOPPED, seconds=32)
    states = {state.name: (state.state, bool(state.pid)) for state in services.states(MODE_STOPPED)}
    assert (states, services.is_settled(MODE_STOPPED)) == ({"db": ("stopped", False), "web": ("failing", True)}, True)


def test_a_process_that_would_not_stop_is_asked_again_by_the_next_wish() -> None:
    machine = Machine(deaf={"web"})
    services = _set(machine, _check("web"))
    _run(services, machine, mode=MODE_RUNNING, seconds=3)
    _run(services, machine, mode=MODE_STOPPED, seconds=32)
    services.load([_check("web")])
    _run(services, machine, mode=MODE_STOPPED, seconds=1)
    assert (machine.said, services.is_settled(MODE_STOPPED)) == (["start web", "stop web", "stop web"], False)


def test_a_check_without_stop_program_is_ended_by_a_signal() -> None:
    machine = Machine()
    services = _set(machine, _check("web")._replace(stop=None))
    _run(services, machine, mode=MODE_RUNNING, seconds=1)
    _run(services, machine, mode=MODE_STOPPED, seconds=1)
    assert (machine.said, machine.alive) == (["start web", "SIGTERM"], {})


def test_unmonitored_processes_are_neither_restarted_nor_stopped() -> None:
    machine = Machine()
    services = _set(machine, _check("db"), _check("web"))
    _run(services, machine, mode=MODE_RUNNING, seconds=1)
    machine.said.clear()
    del machine.alive["db"]
    assert _run(services, machine, mode=MODE_UNMONITORED, seconds=9) == "failing"
    assert (machine.said, list(machine.alive)) == ([], ["web"])


def test_a_supervisor_that_begins_anew_adopts_what_lives() -> None:
    machine = Machine(alive={"web": 77})
    services = _set(machine, _check("web"))
    assert _run(services, machine, mode=MODE_RUNNING, seconds=1) == "running"
    assert (machine.said, services.states(MODE_RUNNING)[0].pid) == ([], 77)


def test_a_new_wish_counts_failures_anew() -> None:
    """With watch times of a second, a heal must not be called failing for what failed before it."""
    machine = Machine(broken={"web"})
    services = _set(machine, _check("web"))
    assert _run(services, machine, mode=MODE_RUNNING, seconds=100) == "failing"
    machine.broken.clear()
    for mode in (MODE_UNMONITORED, MODE_STOPPED, MODE_RUNNING):
        services.load([_check("web")])
        word = _run(services, machine, mode=mode, seconds=1)
    (state,) = services.states(MODE_RUNNING)
    assert (word, state.problem) == ("running", "")


def test_a_start_program_that_cannot_be_run_is_hopeless_until_it_can_be() -> None:
    machine = Machine(lacking={"web"})
    services = _set(machine, _check("web"))
    assert _run(services, machine, mode=MODE_RUNNING, seconds=0.1) == "failing"
    (state,) = services.states(MODE_RUNNING)
    assert (state.is_hopeless, state.problem) == (
        True,
        "its start program is not executable: /bin/x: No such file or directory",
    )
    machine.lacking.clear()
    assert _run(services, machine, mode=MODE_RUNNING, seconds=3) == "running"
    assert not services.states(MODE_RUNNING)[0].is_hopeless


def test_a_stop_program_that_cannot_be_run_is_told() -> None:
    machine = Machine()
    services = _set(machine, _check("web"))
    _run(services, machine, mode=MODE_RUNNING, seconds=3)
    machine.lacking.add("web")
    assert _run(services, machine, mode=MODE_STOPPED, seconds=40) == "failing"
    assert services.states(MODE_STOPPED)[0].problem.startswith("its stop program is not executable: /bin/x")


def test_loading_new_checks_keeps_the_history_of_unchanged_ones() -> None:
    machine = Machine()
    services = _set(machine, _check("web"))
    _run(services, machine, mode=MODE_RUNNING, seconds=2)
    machine.alive.clear()
    _run(services, machine, mode=MODE_RUNNING, seconds=1)
    services.load([_check("web"), _check("db")])
    assert [(state.name, state.restarts) for state in services.states(MODE_RUNNING)] == [("web", 1), ("db", 0)]


def test_a_file_is_made_by_its_start_program_and_made_again_when_it_is_gone() -> None:
    machine = Machine()
    services = _set(machine, _file("rules"), _check("web", "rules"))
    assert _run(services, machine, mode=MODE_RUNNING, seconds=2) == "running"
    assert machine.said == ["start rules", "start web"]
    machine.alive.pop("rules")
    assert _run(services, machine, mode=MODE_RUNNING, seconds=5) == "running"
    assert machine.said[2:] == ["stop web", "stop rules", "start rules", "start web"]
    assert [state.restarts for state in services.states(MODE_RUNNING)] == [1, 0]


def test_a_start_runs_the_program_of_a_file_that_is_there_already() -> None:
    machine = Machine(alive={"rules": 1})
    services = _set(machine, _file("rules"))
    assert _run(services, machine, mode=MODE_RUNNING, seconds=2) == "running"
    assert machine.said == ["start rules"]


def test_a_file_that_its_stop_program_leaves_is_stopped_once() -> None:
    machine = Machine(deaf={"rules"})
    services = _set(machine, _file("rules"))
    _run(services, machine, mode=MODE_RUNNING, seconds=2)
    _run(services, machine, mode=MODE_STOPPED, seconds=2)
    assert machine.said == ["start rules", "stop rules"] and services.is_settled(MODE_STOPPED)
    assert _run(services, machine, mode=MODE_RUNNING, seconds=2) == "running"
    assert machine.said[2:] == ["start rules"]


def test_a_file_without_programs_is_only_watched() -> None:
    machine = Machine(alive={"hosts": 1})
    services = _set(machine, _file("hosts")._replace(start=None, stop=None))
    assert _run(services, machine, mode=MODE_RUNNING, seconds=2) == "running"
    machine.alive.clear()
    assert _run(services, machine, mode=MODE_RUNNING, seconds=2) == "failing"
    machine.alive["hosts"] = 1
    assert _run(services, machine, mode=MODE_RUNNING, seconds=10) == "running"
    _run(services, machine, mode=MODE_STOPPED, seconds=2)
    assert (machine.said, services.is_settled(MODE_STOPPED)) == ([], True)


def test_a_file_that_the_start_program_does_not_make_is_failing() -> None:
    machine = Machine(slow={"rules"})
    services = _set(machine, _file("rules"))
    _run(services, machine, mode=MODE_RUNNING, seconds=31)
    (state,) = services.states(MODE_RUNNING)
    assert state.problem == "rules did not exist at the end of its start timeout"


def test_a_supervisor_that_begins_after_another_does_not_start_what_that_one_started() -> None:
    machine = Machine(alive={"rules": 1, "old": 2})
    services = ServiceSet(machine)
    services.load([_file("rules"), _file("old"), _file("gone")], ran_before=["rules", "gone"])
    assert _run(services, machine, mode=MODE_RUNNING, seconds=2) == "running"
    assert sorted(machine.said) == ["start gone", "start old"]
    _run(services, machine, mode=MODE_STOPPED, seconds=2)
    assert sorted(machine.said[2:]) == ["stop gone", "stop old", "stop rules"]


def test_a_file_that_is_removed_again_and_again_is_made_with_growing_delays() -> None:
    machine = Machine()
    services = _set(machine, _file("rules"))
    for _ in range(60):
        _run(services, machine, mode=MODE_RUNNING, seconds=0.5)
        machine.alive.clear()
    assert len(machine.said) < 20 and machine.said[-2:] == ["stop rules", "start rules"]


def _words(services: ServiceSet, requests: dict[str, ServiceRequest]) -> dict[str, str]:
    return {state.name: state.state for state in services.states(MODE_RUNNING, requests)}


def test_a_service_stopped_alone_takes_its_dependants_with_it_and_comes_back_before_them() -> None:
    machine = Machine()
    services = _set(machine, _check("db"), _check("web", "db"), _check("other"))
    _run(services, machine, mode=MODE_RUNNING, seconds=2)
    machine.said.clear()
    stopped = {"db": ServiceRequest(MODE_STOPPED)}
    _run(services, machine, mode=MODE_RUNNING, seconds=2, requests=stopped)
    assert (machine.said, _words(services, stopped)["db"]) == (["stop web", "stop db"], "stopped")
    assert machine.alive.keys() == {"other"}
    machine.said.clear()
    started = {"db": ServiceRequest(MODE_RUNNING)}
    assert _run(services, machine, mode=MODE_RUNNING, seconds=5, requests=started) == "running"
    assert machine.said == ["start db", "start web"]


def test_a_restart_is_one_stop_and_one_start_and_none_of_a_supervisor_that_comes_later() -> None:
    for check in (_check("web"), _file("web")):
        _restart_once(check)


def _restart_once(check: Check) -> None:
    machine = Machine()
    services = _set(machine, check)
    _run(services, machine, mode=MODE_RUNNING, seconds=2)
    machine.said.clear()
    requests = {"web": ServiceRequest(MODE_RUNNING, 1)}
    assert _run(services, machine, mode=MODE_RUNNING, seconds=5, requests=requests) == "running"
    assert machine.said == ["stop web", "start web"]
    later = ServiceSet(machine)
    later.forget_restarts(requests)
    later.load([check], ran_before=["web"])
    assert _run(later, machine, mode=MODE_RUNNING, seconds=5, requests=requests) == "running"
    assert machine.said == ["stop web", "start web"]


def test_a_service_that_is_not_monitored_is_left_alone() -> None:
    machine = Machine()
    services = _set(machine, _check("web"))
    _run(services, machine, mode=MODE_RUNNING, seconds=2)
    machine.alive.clear()
    machine.said.clear()
    requests = {"web": ServiceRequest(MODE_UNMONITORED)}
    _run(services, machine, mode=MODE_RUNNING, seconds=5, requests=requests)
    assert (machine.said, _words(services, requests)) == ([], {"web": "unmonitored"})
    assert services.is_settled(MODE_RUNNING, requests)
