"""The state machine of one supervised process or path: its state, the desired state, the next step.

Takes a check, the time and what a `Machine` shows, gives phases; time and processes are handed in, so hours are
tested in moments. Behaviour follows monit: start, wait for the pidfile, restart what died, stop and wait. A file,
directory, FIFO or filesystem is up while it is there; its programs run at every start and stop, and its stop is over
when the stop program is, whether it is still there or not.
"""

from __future__ import annotations

from typing import Optional, Protocol

from director.guest.failures import GuestError
from director.monit.checks import DEFAULT_TIMEOUT_S, PROCESS, Check, Program

IDLE, STARTING, SETTLING, RUNNING, BACKOFF, STOPPING, STUCK, UNMONITORED = (
    "idle", "starting", "settling", "running", "backoff", "stopping", "stuck", "unmonitored",
)  # fmt: skip

_SETTLE_S = 0.5
_LONGEST_SETTLE_S = 10.0
_LONGEST_DELAY_S = 60.0
_FORGIVEN_AFTER_S = 60.0


class ServiceEffects(Protocol):
    """What a service does to the VM."""

    def sign_of_life(self, check: Check) -> Optional[int]:
        """The pid of the check's process if it lives; 0 for something else that is there; None for neither."""

    def launch(self, name: str, program: Program) -> int:
        """Start a program; gives a handle. Raises GuestError for one that cannot run at all."""

    def exit_code(self, handle: int) -> Optional[int]:
        """None while it runs."""

    def end_program(self, handle: int) -> None: ...

    def terminate(self, pid: int) -> None: ...


class SupervisedService:
    """`restarts` counts how often it had to be started again; `failures` those in a row.

    `is_hopeless`: its start program cannot be run as things are, so that waiting does not help.
    """

    def __init__(self, check: Check, machine: ServiceEffects) -> None:
        self.check = check
        self.phase = IDLE
        self.pid: Optional[int] = None
        self.restarts = 0
        self.failures = 0
        self.problem = ""
        self.is_hopeless = False
        self._machine = machine
        self._program: Optional[int] = None
        self._deadline = 0.0
        self._since = 0.0
        self._next_try = 0.0
        self._after_stop = IDLE
        self._is_unclean = False

    @property
    def is_process(self) -> bool:
        return self.check.kind == PROCESS

    @property
    def is_up(self) -> bool:
        return self.phase in (SETTLING, RUNNING)

    @property
    def is_down(self) -> bool:
        return self.phase in (IDLE, BACKOFF) and (self.pid is None or not self.is_process)

    def is_gone(self) -> bool:
        """Whether it would have to be started."""
        is_under_way = self.is_up or self.phase in (STARTING, STOPPING)
        return not is_under_way and (self._must_start() or self._machine.sign_of_life(self.check) is None)

    def adopt(self) -> None:
        """Take a path for running that was so under an earlier supervisor; a process is found by its pid anyway."""
        if not self.is_process and self._machine.sign_of_life(self.check) is not None:
            self.phase = RUNNING

    def reset_failures(self) -> None:
        """Set a new desired state: services that did not stop are signalled once more, and failures count from zero."""
        if self.phase == STUCK:
            self.phase = UNMONITORED
        self.failures = 0
        self.problem = ""
        self.is_hopeless = False
        self._next_try = 0.0

    def watch(self) -> None:
        """Only look: neither start nor stop."""
        self.phase = UNMONITORED
        self.pid = self._machine.sign_of_life(self.check)

    def want_running(self, now: float) -> None:
        self.pid = self._machine.sign_of_life(self.check)
        if self.phase == STOPPING:
            self._finish_stop(now)
        elif self.phase == STARTING:
            self._finish_start(now)
        elif self.is_up:
            self._stay_up(now)
        elif self.pid is not None and not self._must_start():
            self._settle(now)
        elif self.phase != BACKOFF or now >= self._next_try:
            self._clean_or_start(now)

    def want_stopped(self, now: float, *, may_stop: bool) -> None:
        """`may_stop` False while something that depends on this one is still up."""
        self.pid = self._machine.sign_of_life(self.check)
        if self.phase == STOPPING:
            self._after_stop = IDLE
            self._finish_stop(now)
            return
        if self.phase == STARTING and self._program is not None and self.pid is None:
            self._machine.end_program(self._program)
            self._program = None
        if self.pid is None or (not self.is_process and self.phase == IDLE):
            self.phase = IDLE
        elif may_stop and self.phase != STUCK:
            self._stop(now)

    def _must_start(self) -> bool:
        """A file may be left from before; a start runs its program all the same, as monit's does."""
        return not self.is_process and self.phase == IDLE and self.check.start is not None

    def _clean_or_start(self, now: float) -> None:
        """What was removed by somebody else is stopped before it is started again, as monit restarts it."""
        program = self.check.stop
        if self._is_unclean and program is not None:
            self._launch_stop(program, now, afterwards=BACKOFF)
        else:
            self._start(now)
        self._is_unclean = False

    def _start(self, now: float) -> None:
        program = self.check.start
        if program is None:
            self._fail(now, "it has no start program and is not running")
            return
        try:
            self._program = self._machine.launch(self.check.name, program)
        except GuestError as error:
            self._fail(now, "its start program is not executable: %s" % error.why)
            self.is_hopeless = True
            return
        self.is_hopeless = False
        self._deadline = now + program.timeout_s
        self.phase = STARTING

    def _finish_start(self, now: float) -> None:
        assert self._program is not None
        code = self._machine.exit_code(self._program)
        if self.pid is not None and (self.is_process or code is not None):
            self._settle(now)
        elif code:
            self._fail(now, "its start program ended with exit code %d" % code)
        elif now >= self._deadline:
            self._machine.end_program(self._program)
            found = "no process of its pidfile was running" if self.is_process else "its program had not ended"
            if self.check.pattern:
                found = "no process matching '%s' was running" % self.check.pattern
            if self.pid is None and not self.is_process:
                found = "%s did not exist" % self.check.path
            self._fail(now, "%s at the end of its start timeout" % found)

    def _settle(self, now: float) -> None:
        self.phase = SETTLING
        self._since = now

    def _stay_up(self, now: float) -> None:
        if self.pid is None:
            self.restarts += 1
            self._is_unclean = not self.is_process
            self._fail(now, "its process ended" if self.is_process else "%s no longer exists" % self.check.path)
            return
        up_s = now - self._since
        if up_s >= min(_LONGEST_SETTLE_S, _SETTLE_S * (1 + 4 * self.failures)):
            self.phase = RUNNING
        if up_s >= _FORGIVEN_AFTER_S:
            self.failures = 0
            self.problem = ""

    def _fail(self, now: float, problem: str) -> None:
        """Try again: at once the first time, then after 1, 2, 4 ... 60 seconds."""
        self.failures += 1
        self.problem = problem
        delay_s = 0.0 if self.failures == 1 else min(_LONGEST_DELAY_S, 2.0 ** (self.failures - 2))
        self._next_try = now + delay_s
        self._program = None
        self.phase = BACKOFF

    def _stop(self, now: float) -> None:
        self.failures = 0
        self.problem = ""
        self._is_unclean = False
        program = self.check.stop
        if program is not None:
            self._launch_stop(program, now, afterwards=IDLE)
        elif not self.is_process:
            self.phase = IDLE
        elif self.pid is not None:
            self.phase = STOPPING
            self._after_stop = IDLE
            self._program = None
            self._machine.terminate(self.pid)
            self._deadline = now + DEFAULT_TIMEOUT_S

    def _launch_stop(self, program: Program, now: float, *, afterwards: str) -> None:
        """If it cannot be run, the process is reported as still running after the timeout."""
        self.phase = STOPPING
        self._after_stop = afterwards
        self._deadline = now + program.timeout_s
        try:
            self._program = self._machine.launch(self.check.name, program)
        except GuestError as error:
            self._program = None
            self.problem = "its stop program is not executable: %s" % error.why

    def _finish_stop(self, now: float) -> None:
        code = 0 if self._program is None else self._machine.exit_code(self._program)
        is_over = self.pid is None or (not self.is_process and self._program is not None)
        if is_over and code is not None:
            self.phase = self._after_stop
            self.problem = "" if self.phase == IDLE else self.problem
            self._program = None
        elif now >= self._deadline:
            if self._program is not None and code is None:
                self._machine.end_program(self._program)
            self.phase = STUCK if self.pid is not None else IDLE
            if self.pid is None:
                self.problem = ""
            elif not self.problem:
                self.problem = (
                    "its stop program left the process running" if self.is_process else "its stop program did not end"
                )
            self._program = None
