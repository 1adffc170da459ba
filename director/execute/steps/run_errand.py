"""Run a job's errand. Facts: exit_code, stdout, stderr (their last lines)."""

from collections.abc import Mapping

from director.errors import AgentError
from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.work import RunErrand

_TAIL = 10240


def do(context: Context, work: RunErrand) -> Outcome:
    """Run it to its end; its exit code is a result, not an error."""
    answer = context.ask_agent(work.instance, "run_errand", {"job": work.job})
    if not isinstance(answer, Mapping):
        raise AgentError("agent-answer-broken", "The agent's answer to run_errand is no object.")
    return Outcome(
        facts={
            "exit_code": answer.get("exit_code"),
            "stdout": str(answer.get("stdout", ""))[-_TAIL:],
            "stderr": str(answer.get("stderr", ""))[-_TAIL:],
        }
    )
