"""Run a job's errand. Facts: exit_code, stdout, stderr (their ends); of what is longer, the blob that holds it.

`stdout_blob` and `stderr_blob` are digests; `stdout_left_out` and `stderr_left_out` count the bytes before it.
"""

import io
from collections.abc import Mapping

from cpi.values import JsonValue
from director.errors import AgentError, StateError
from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.ids import Digest
from director.model.work import RunErrand

_TAIL = 10240
"""Characters that the journal keeps itself."""


def do(context: Context, work: RunErrand) -> Outcome:
    """Run it to its end; its exit code is a result, not an error."""
    answer = context.ask_agent(work.instance, "run_errand", {"job": work.job})
    if not isinstance(answer, Mapping):
        raise AgentError("agent-answer-broken", "The agent's answer to run_errand is no object.")
    facts: dict[str, JsonValue] = {"exit_code": answer.get("exit_code")}
    for stream in ("stdout", "stderr"):
        facts.update(_said(context, work, stream, answer=answer))
    return Outcome(facts=facts)


def _said(context: Context, work: RunErrand, stream: str, *, answer: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    text, blobs = str(answer.get(stream, "")), answer.get("blobs")
    facts: dict[str, JsonValue] = {stream: text[-_TAIL:]}
    blob = blobs.get(stream) if isinstance(blobs, Mapping) else None
    if isinstance(blob, Mapping) and (fetched := _fetched(context, work, str(blob.get("digest")))):
        facts.update({f"{stream}_blob": fetched, f"{stream}_left_out": blob.get("left_out", 0)})
    elif len(text) > _TAIL and (kept := _kept(context, text)):
        facts[f"{stream}_blob"] = kept
    return facts


def _fetched(context: Context, work: RunErrand, digest: str) -> str:
    """The VM's blob, here; "" where it cannot be had: the errand ran, and its end is known."""
    instance = context.instance(work.instance)
    try:
        with context.reaching(context.vm(work.instance), instance.name) as target:
            context.world.agent.get_blob(target, Digest(digest))
    except (AgentError, StateError):
        return ""
    return digest


def _kept(context: Context, text: str) -> str:
    try:
        return context.world.blobs.put_blob(io.BytesIO(text.encode()))
    except StateError:
        return ""
