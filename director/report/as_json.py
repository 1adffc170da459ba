"""Reports for machines: versioned JSON.

Takes report values, gives JSON-ready mappings with a `schema` that says what they are.
"""

from collections.abc import Mapping

from cpi.errors import ExplainedError
from cpi.values import JsonValue
from director.errors import ActionFailedError, Failures, Problems
from director.model import as_data
from director.model.plan import Plan
from director.model.report import DownReport, ErrandResult, RunReport, Table, UpReport

VERSION = 1


def table_json(table: Table) -> Mapping[str, JsonValue]:
    """Rows under the table's own name."""
    return _schema(table.name, {table.name: [dict(row) for row in table.rows]})


def plan_json(plan: Plan) -> Mapping[str, JsonValue]:
    """The actions in order, each with what it waits for; secrets are names."""
    actions = [
        {
            "id": action.id,
            "kind": action.work.kind,
            "subject": action.subject,
            "reason": action.reason,
            "after": list(action.after),
            "stage": action.stage,
        }
        for action in plan.actions
    ]
    return _schema("plan", {"deployment": plan.deployment, "actions": actions, "kept": plan.kept})


def up_json(report: UpReport) -> Mapping[str, JsonValue]:
    """Each line by its name, and which failed when tried."""
    problems = {line.name: line.problem for line in report.lines if line.problem}
    values: dict[str, JsonValue] = {line.name: line.value for line in report.lines}
    return _schema(
        "up", {"environment": report.environment, **values, "problems": problems, "took_s": round(report.took_s, 3)}
    )


def down_json(report: DownReport) -> Mapping[str, JsonValue]:
    """What was asked and what is left."""
    return _schema("down", {"environment": report.environment, **_asked(report)})


def run_json(report: RunReport) -> Mapping[str, JsonValue]:
    """How a run ended."""
    data = as_data.encode(report)
    return _schema("run", {**(data if isinstance(data, Mapping) else {}), "took_s": round(report.took_s, 3)})


def errand_json(results: tuple[ErrandResult, ...]) -> Mapping[str, JsonValue]:
    """What an errand said, instance by instance."""
    return _schema("errand", {"results": [as_data.encode(result) for result in results]})


def error_json(error: ExplainedError) -> Mapping[str, JsonValue]:
    """All problems, in order."""
    problems: tuple[ExplainedError, ...] = (error,)
    match error:
        case Problems():
            problems = error.problems
        case Failures():
            problems = error.failures
    return _schema("error", {"errors": [_problem(problem) for problem in problems]})


def _problem(error: ExplainedError) -> Mapping[str, JsonValue]:
    words: dict[str, JsonValue] = {
        "code": error.code,
        "what": error.what,
        "why": error.why,
        "fix": error.fix,
        "where": error.where,
        "doing": list(error.doing),
    }
    return {**words, "output": error.output} if isinstance(error, ActionFailedError) else words


def _asked(report: DownReport) -> Mapping[str, JsonValue]:
    return {
        "asked": [as_data.encode(item) for item in report.asked],
        "left": [as_data.encode(item) for item in report.left],
        "unasked": list(report.unasked),
    }


def _schema(name: str, content: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    return {"schema": f"compleat.{name}/{VERSION}", **content}
