"""Run a job's errand.

Takes a context and the work, gives the result: the ends of what it said, and blobs that hold what is longer.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass

from cpi.contract.values import JsonValue
from director.actions.run_errand import RunErrand, RunErrandResult
from director.errors import AgentError, StateError
from director.execute.steps.context import StepContext
from director.model.ids import Digest

_TAIL = 10240
"""Characters that the journal keeps itself."""


def do(context: StepContext, work: RunErrand) -> RunErrandResult:
    """Run it to its end; its exit code is a result, not an error."""
    answer = context.ask_agent(work.instance, "run_errand", {"job": work.job})
    if not isinstance(answer, Mapping) or not isinstance(exit_code := answer.get("exit_code"), int):
        raise AgentError("agent-answer-broken", "The agent's answer to run_errand has no exit code.")
    stdout, stderr = (_said(context, work, stream, answer=answer) for stream in ("stdout", "stderr"))
    return RunErrandResult(
        exit_code=exit_code,
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


def _said(context: StepContext, work: RunErrand, stream: str, *, answer: Mapping[str, JsonValue]) -> _ErrandOutput:
    text, blobs = str(answer.get(stream, "")), answer.get("blobs")
    blob = blobs.get(stream) if isinstance(blobs, Mapping) else None
    if isinstance(blob, Mapping) and (fetched := _fetched(context, work, str(blob.get("digest")))):
        left_out = blob.get("left_out", 0)
        return _ErrandOutput(end=text[-_TAIL:], blob=fetched, left_out=left_out if isinstance(left_out, int) else 0)
    return _ErrandOutput(end=text[-_TAIL:], blob=_kept(context, text) if len(text) > _TAIL else None)


def _fetched(context: StepContext, work: RunErrand, digest: str) -> Digest | None:
    """The VM's blob, here; None where it cannot be had: the errand ran, and its end is known."""
    instance = context.instance(work.instance)
    try:
        with context.reaching(context.vm(work.instance), instance.name) as target:
            context.world.agent.get_blob(target, Digest(digest))
    except (AgentError, StateError):
        return None
    return Digest(digest)


def _kept(context: StepContext, text: str) -> Digest | None:
    try:
        return context.world.blobs.put_blob(io.BytesIO(text.encode()))
    except StateError:
        return None
