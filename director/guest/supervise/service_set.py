"""All supervised processes of a VM, moved one tick at a time towards what is wanted.

Takes checks in order of dependence, a mode and the time; gives each service's word and the whole job's.
"""

from __future__ import annotations

from typing import Collection, Dict, List, Mapping, NamedTuple, Sequence, Set

from director.guest.supervise.services import (
    BACKOFF,
    IDLE,
    RUNNING,
    STOPPING,
    STUCK,
    UNMONITORED,
    ServiceEffects,
    SupervisedService,
)
from director.monit.checks import PROCESS, Check

MODE_RUNNING, MODE_STOPPED, MODE_UNMONITORED = "running", "stopped", "unmonitored"


class ServiceState(NamedTuple):
    """`state` is running, starting, failing, stopping, stopped or unmonitored; `pid` 0 means there is none.

    `is_hopeless`: it fails for a reason that waiting does not fix.
    """

    name: str
    state: str
    pid: int
    restarts: int
    problem: str
    unwatched: Sequence[str]
    is_hopeless: bool = False
    kind: str = PROCESS


class ServiceRequest(NamedTuple):
    """What is wanted of one service alone: a mode, and how often it is to have been restarted."""

    mode: str
    restarts: int = 0


_NO_REQUESTS: Mapping[str, ServiceRequest] = {}


class ServiceSet:
    def __init__(self, machine: ServiceEffects) -> None:
        self._machine = machine
        self._services: Dict[str, SupervisedService] = {}
        self._restarts: Dict[str, int] = {}
        self._held: Set[str] = set()

    def forget_restarts(self, requests: Mapping[str, ServiceRequest]) -> None:
        """Take the restarts that were wanted so far as done: by the supervisor before this one."""
        self._restarts = {name: request.restarts for name, request in requests.items()}

    def load(self, checks: Sequence[Check], *, ran_before: Collection[str] = ()) -> None:
        """Take over new checks: what is unchanged keeps its history, what is gone is forgotten, not stopped.

        Services that did not stop are signalled again, and failures are counted from zero. `ran_before` are the names
        of those that an earlier supervisor left running.
        """
        old = self._services
        self._services = {
            check.name: old[check.name]
            if check.name in old and old[check.name].check == check
            else SupervisedService(check, self._machine)
            for check in checks
        }
        for service in self._services.values():
            service.reset_failures()
            if service.check.name in ran_before:
                service.adopt()

    def tick(self, mode: str, now: float, requests: Mapping[str, ServiceRequest] = _NO_REQUESTS) -> None:
        """Dependants start after, and stop before, what they depend on; they are restarted with it."""
        self._note_restarted(requests)
        self._held = {name for name, service in self._services.items() if self._is_held(service, requests)}
        for name, service in self._services.items():
            own = requests[name].mode if name in requests else mode
            if own == MODE_UNMONITORED and name not in self._held:
                service.watch()
            elif own == MODE_RUNNING and self._may_run(service):
                if self._may_stop(service) or not service.is_gone():
                    service.want_running(now)  # what died comes back after its dependants were stopped, as with monit
            else:
                service.want_stopped(now, may_stop=self._may_stop(service))

    def is_settled(self, mode: str, requests: Mapping[str, ServiceRequest] = _NO_REQUESTS) -> bool:
        """Whether nothing is under way any more."""
        calm = {MODE_RUNNING: (RUNNING,), MODE_STOPPED: (IDLE, STUCK), MODE_UNMONITORED: (UNMONITORED,)}
        own = {name: requests[name].mode if name in requests else mode for name in self._services}
        return all(service.phase in calm[own[name]] for name, service in self._services.items())

    def states(self, mode: str, requests: Mapping[str, ServiceRequest] = _NO_REQUESTS) -> List[ServiceState]:
        return [
            _state_of(service, requests[name].mode if name in requests else mode)
            for name, service in self._services.items()
        ]

    def _note_restarted(self, requests: Mapping[str, ServiceRequest]) -> None:
        """A service that is down has done the first half of its restart: it may run again."""
        for name, request in requests.items():
            if name in self._services and self._services[name].is_down:
                self._restarts[name] = request.restarts

    def _is_held(self, service: SupervisedService, requests: Mapping[str, ServiceRequest]) -> bool:
        """Whether it alone is to be down: stopped, or in the middle of a restart."""
        name = service.check.name
        request = requests.get(name)
        return request is not None and (request.mode == MODE_STOPPED or request.restarts > self._restarts.get(name, 0))

    def _may_run(self, service: SupervisedService) -> bool:
        if service.check.name in self._held:
            return False
        if service.check.is_manual and not service.is_up:
            return False
        return all(
            self._services[name].is_up and self._may_run(self._services[name]) for name in service.check.depends_on
        )

    def _may_stop(self, service: SupervisedService) -> bool:
        return all(
            other.is_down or other.phase == STUCK
            for other in self._services.values()
            if service.check.name in other.check.depends_on
        )


def job_state(states: Sequence[ServiceState]) -> str:
    """One word for the instance, as BOSH's agent finds it."""
    words = {state.state for state in states}
    if "starting" in words:
        return "starting"
    return "running" if words <= {"running"} else "failing"


def _state_of(service: SupervisedService, mode: str) -> ServiceState:
    return ServiceState(
        name=service.check.name,
        state=_word_of(service, mode),
        pid=service.pid or 0,
        restarts=service.restarts,
        problem=service.problem,
        unwatched=service.check.unwatched,
        is_hopeless=service.is_hopeless,
        kind=service.check.kind,
    )


def _word_of(service: SupervisedService, mode: str) -> str:
    if service.phase in (RUNNING, UNMONITORED):
        return service.phase
    if service.phase == STOPPING:
        return "stopping"
    if service.phase in (BACKOFF, STUCK) or (service.failures > 1 and mode == MODE_RUNNING):
        return "failing"
    return "stopped" if service.phase == IDLE and mode != MODE_RUNNING else "starting"
