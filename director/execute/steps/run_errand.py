"""Run a job's errand.

Takes a context and the work, gives the result: the ends of what it said, and blobs that hold what is longer.
"""

import io

from cpi.contract.value_classes import dataclass
from director.actions.run_errand import RunErrand, RunErrandResult
from director.errors import AgentError, StateError
from director.execute.steps.context import StepContext
from director.model.agents.agent_answers import ErrandOutput
from director.model.ids import Digest

_TAIL = 10240
"""Characters that the journal keeps itself."""


def do(context: StepContext, work: RunErrand) -> RunErrandResult:
    """Run it to its end; its exit code is a result, not an error."""
    with context.agent_of(work.instance) as target:
        ended = context.world.agent.run_errand(target, work.job, watch=context.report)
    stdout, stderr = (_output(context, work, output) for output in (ended.stdout, ended.stderr))
    return RunErrandResult(
        exit_code=ended.exit_code,
        stdout=stdout.end,
        stderr=stderr.end,
        stdout_blob=stdout.blob,
        stderr_blob=stderr.blob,
        stdout_left_out=stdout.left_out,
        stderr_left_out=stderr.left_out,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _ErrandOutput:
    end: str
    blob: Digest | None = None
    left_out: int = 0


def _output(context: StepContext, work: RunErrand, output: ErrandOutput) -> _ErrandOutput:
    end, whole = output.end[-_TAIL:], output.whole
    if whole is not None and _is_fetched(context, work, whole.digest):
        return _ErrandOutput(end=end, blob=whole.digest, left_out=whole.left_out)
    return _ErrandOutput(end=end, blob=_kept(context, output.end) if len(output.end) > _TAIL else None)


def _is_fetched(context: StepContext, work: RunErrand, digest: Digest) -> bool:
    """Whether the VM's blob is here; it need not be had: the errand ran, and its end is known."""
    try:
        with context.agent_of(work.instance) as target:
            context.world.agent.get_blob(target, digest)
    except (AgentError, StateError):
        return False
    return True


def _kept(context: StepContext, text: str) -> Digest | None:
    try:
        return context.world.blobs.put_blob(io.BytesIO(text.encode()))
    except StateError:
        return None
