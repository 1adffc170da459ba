"""Run a job's errand.

Takes nothing, gives a frozen value with its facts, its result and its fold.
"""

from dataclasses import replace
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.environments import state_changes
from director.model.environments.state import DeploymentState
from director.model.ids import ActionId, Digest
from director.model.tasks.work import Doubt, InstanceWork, Result, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class RunErrandResult(Result):
    """`stdout` and `stderr` are their ends. Of what is longer, the blob has all but the first `left_out` bytes."""

    exit_code: int
    stdout: str = ""
    stderr: str = ""
    stdout_blob: Digest | None = None
    stderr_blob: Digest | None = None
    stdout_left_out: int = 0
    stderr_left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunErrand(InstanceWork[RunErrandResult]):
    """Run a job's errand. `basis` is what the instance runs, as a hash: with its success it is kept."""

    job: str
    basis: str = ""
    kind: Literal["run_errand"] = "run_errand"
    facts: ClassVar = WorkFacts(
        verb="run",
        noun="errand",
        doing="running errand",
        estimate_s=30.0,
        doubt=Doubt.REPORT,
        is_event=True,
        is_dirtying=False,
    )
    result: ClassVar = RunErrandResult

    def fold(self, state: DeploymentState, action: ActionId, result: RunErrandResult) -> DeploymentState:
        """A success is remembered with what it was on."""
        if result.exit_code or not self.basis:
            return state
        return state_changes.change_instance(
            state, self.instance, lambda record: replace(record, errands={**record.errands, self.job: self.basis})
        )
