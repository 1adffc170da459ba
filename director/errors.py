"""The director's errors, and a collector for many at once.

Takes words, gives exceptions. Source of the shape: cpi.contract.errors.ExplainedError.
"""

from collections.abc import Iterable
from typing import NoReturn

from cpi.contract.errors import ExplainedError, Retry


class InputError(ExplainedError):
    """What people wrote is wrong; nothing was created."""

    @classmethod
    def of(cls, error: ExplainedError, *, where: str) -> "InputError":
        """A cloud's refusal of what people wrote, with the place where they wrote it."""
        found = cls(error.code, error.what, why=error.why, fix=error.fix, where=where)
        found.cloud = error.cloud
        return found


class WrongUseError(InputError):
    """What was typed does not fit what it is about, or an answer is missing; the exit code is that of wrong usage."""


class DeclinedError(InputError):
    """Somebody who was shown what would be done said no."""


class Problems(InputError):
    """Many problems told at once, in the order in which they were found."""

    def __init__(self, problems: Iterable[ExplainedError]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(first.code, first.what, why=first.why, fix=first.fix, where=first.where)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class Failures(ExplainedError):
    """Actions of a run that failed, first the one that stopped it; what was done stays done."""

    def __init__(self, failures: Iterable[ExplainedError]) -> None:
        self.failures = tuple(failures)
        first = self.failures[0]
        super().__init__(first.code, first.what, why=first.why, fix=first.fix, where=first.where)

    def __str__(self) -> str:
        return "\n".join(str(failure) for failure in self.failures)


class StateError(ExplainedError):
    """Our own state cannot be read or written."""


class LockedError(StateError):
    """Someone else holds the lease."""


class AddressesTakenError(StateError):
    """Another deployment was faster; nothing was begun, and planning again gives other addresses."""


class AgentError(ExplainedError):
    """A VM's agent failed. `retry` as in CloudError."""

    retry: Retry = Retry.NEVER


class UnreachableError(AgentError):
    """The VM does not answer; the code says which leg broke:

    vm-not-booted, vm-without-address, vm-port-closed, vm-key-refused, vm-host-key-changed, vm-too-old, vm-not-running,
    jumpbox-not-running.
    """

    retry = Retry.SAFE


class ActionFailedError(AgentError):
    """A verb ran and failed: a script's exit status, a package that does not compile. `output` is its last lines."""

    def __init__(
        self, code: str, what: str, *, why: str = "", fix: str = "", where: str = "", output: str = ""
    ) -> None:
        super().__init__(code, what, why=why, fix=fix, where=where)
        self.output = output


class Bug(ExplainedError):
    """compleat broke a promise of its own; the message asks the user to report it."""


def interrupted(command: str, *, cause: str = "You asked to stop") -> ExplainedError:
    """The message to a user who interrupted a command; the exit code is 4."""
    return ExplainedError(
        "interrupted",
        f"'{command}' was interrupted.",
        why=f"{cause}; the journal has every action that had begun.",
        fix="Run the same command again: it observes the current state and continues.",
    )


def cancelled(command: str, *, by: str, cancel: str) -> ExplainedError:
    """The error of a command that another one stopped; the exit code is 4, too."""
    return ExplainedError(
        "task-cancelled",
        f"'{command}' was cancelled.",
        why=f"{by} ran '{cancel}'; the journal has every action that had begun.",
        fix="Run the same command again: it observes the current state and continues.",
    )


def each_problem(error: ExplainedError) -> tuple[ExplainedError, ...]:
    """The problems that were reported together, or the one error."""
    return error.problems if isinstance(error, Problems) else (error,)


def raise_all(problems: Iterable[ExplainedError]) -> None:
    """Raise Problems if there is any, the one itself if it is alone; give nothing otherwise."""
    found = tuple(problems)
    if found:
        _raise(found)


def _raise(found: tuple[ExplainedError, ...]) -> NoReturn:
    raise found[0] if len(found) == 1 else Problems(found)
