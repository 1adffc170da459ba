"""Reports for machines: versioned JSON.

Takes report values, gives JSON-ready mappings with a `schema` that says what they are.
"""

from collections.abc import Iterator, Mapping, Sequence

from cpi.contract.commands import CommandResult
from cpi.contract.errors import ExplainedError
from cpi.contract.values import JsonValue
from director.errors import ActionFailedError, Failures, Problems
from director.model import as_data
from director.model.costs import Overview
from director.model.refused import RefusedError
from director.model.releases.uploaded_release import UploadedRelease
from director.model.report import (
    Bill,
    CloudFinding,
    CloudLogin,
    CloudPlace,
    DownReport,
    ErrandResult,
    RunReport,
    Table,
    UpReport,
)
from director.model.tasks.plan import Plan
from director.model.tasks.stored_plan import StoredPlan
from director.report import bill_text, cloud_text, overview_text, release_rows, time_words

VERSION = 1


def findings_json(
    findings: Sequence[CloudFinding], bill: Bill, logins: Sequence[CloudLogin]
) -> Mapping[str, JsonValue]:
    """Each finding whole; `forbids` as the table has it."""
    signing_in: list[JsonValue] = [{"cloud": one.cloud, "plugin": one.plugin, "login": one.words} for one in logins]
    rows: list[JsonValue] = [
        {
            "cloud": each.cloud,
            "code": each.finding.code,
            "forbids": "yes" if each.finding.is_fatal else "no",
            "what": each.finding.what,
            "why": each.finding.why,
            "fix": each.finding.fix,
            "quota": as_data.encode(each.finding.quota),
            "request": each.request,
            "where": each.where,
        }
        for each in findings
    ]
    return _schema("findings", {"logins": signing_in, "findings": rows, **_cost(bill)})


def init_json(
    environment: str, files: Mapping[str, str], *, findings: Sequence[CloudFinding], logins: Sequence[CloudLogin]
) -> Mapping[str, JsonValue]:
    """The files that were written, by what they are, and doctor's findings."""
    diagnosis = {name: value for name, value in findings_json(findings, Bill(), logins).items() if name != "schema"}
    return _schema("init", {"environment": environment, "files": dict(files), **diagnosis})


def table_json(table: Table) -> Mapping[str, JsonValue]:
    """Rows under the table's own name, and what they are about under its subject's."""
    about = {table.subject: dict(table.about)} if table.subject else {}
    return _schema(table.name, {**about, table.name: [dict(row) for row in table.rows]})


def upload_json(release: UploadedRelease, *, is_new: bool) -> Mapping[str, JsonValue]:
    """The record of the release, and whether this command made it."""
    return _schema("upload", {"uploaded": is_new, "release": dict(release_rows.release_row(release, []))})


def plan_json(
    plan: Plan, overview: Overview, clouds: Sequence[CloudPlace], *, stored: StoredPlan | None = None
) -> Mapping[str, JsonValue]:
    """What becomes of instances, and the actions in order, each with what it waits for; secrets are names.

    `stored` gives the id that it has.
    """
    return _schema(
        "plan",
        {
            **_clouds(clouds),
            "deployment": str(plan.deployment),
            "actions": list(_actions(plan)),
            "kept": plan.kept,
            "stopped": list(plan.stopped),
            "instances": [as_data.encode(change) for change in plan.changes],
            "differences": [as_data.encode(difference) for difference in plan.differences],
            **overview_text.overview_json(overview),
            **_cost(overview.bill),
            **({"id": stored.number} if stored else {}),
        },
    )


def plan_file_json(stored: StoredPlan) -> Mapping[str, JsonValue]:
    """A stored plan by id and digest, with what it does; not the differences of manifests, which may show values."""
    plan = stored.plan
    return _schema(
        "plan-file",
        {
            "id": stored.number,
            "digest": stored.digest,
            "environment": plan.environment,
            "deployment": str(plan.deployment),
            "actions": list(_actions(plan)),
            "instances": [as_data.encode(change) for change in plan.changes],
        },
    )


def up_json(report: UpReport) -> Mapping[str, JsonValue]:
    """Each line by its name, and which failed when tried."""
    problems = {line.name: line.problem for line in report.lines if line.problem}
    values: dict[str, JsonValue] = {line.name: line.value for line in report.lines}
    return _schema(
        "up",
        {
            "environment": report.environment,
            **_clouds(report.clouds),
            **values,
            **({"outputs": _outputs(report)} if report.outputs else {}),
            "problems": problems,
            "took_s": round(report.took_s, 3),
            **_cost(report.bill),
        },
    )


def template_plan_json(plans: Sequence[Plan], bill: Bill, clouds: Sequence[CloudPlace]) -> Mapping[str, JsonValue]:
    """The plans of a template's deployments, in order, after that of the landing zone."""
    listed: list[JsonValue] = [
        {
            "deployment": str(plan.deployment),
            "actions": list(_actions(plan)),
            "kept": plan.kept,
            "instances": [as_data.encode(change) for change in plan.changes],
        }
        for plan in plans
    ]
    return _schema("template-plan", {**_clouds(clouds), "plans": listed, **_cost(bill)})


def bundle_plan_json(
    plans: Sequence[Plan], bill: Bill, clouds: Sequence[CloudPlace], *, downloads: Sequence[Mapping[str, JsonValue]]
) -> Mapping[str, JsonValue]:
    """The same for a bundle, with where its releases come from."""
    listed: list[JsonValue] = [*downloads]
    return {**template_plan_json(plans, bill, clouds), "schema": "compleat.bundle-plan/1", "downloads": listed}


def down_json(report: DownReport) -> Mapping[str, JsonValue]:
    """What was asked and what is left."""
    return _schema("down", {"environment": report.environment, **_clouds(report.clouds), **_asked(report)})


def run_json(report: RunReport, clouds: Sequence[CloudPlace]) -> Mapping[str, JsonValue]:
    """How a run ended."""
    data = as_data.encode(report)
    return _schema(
        "run", {**_clouds(clouds), **(data if isinstance(data, Mapping) else {}), "took_s": round(report.took_s, 3)}
    )


def problems_json(
    deployment: str,
    problems: list[JsonValue],
    *,
    report: RunReport | None = None,
    clouds: Sequence[CloudPlace] = (),
) -> Mapping[str, JsonValue]:
    """The problems of a deployment, and the run that resolved them, null without one."""
    run = {**run_json(report, clouds)} if report else None
    return _schema("problems", {"deployment": deployment, "problems": problems, "run": run})


def unchanged_json(deployment: str, clouds: Sequence[CloudPlace]) -> Mapping[str, JsonValue]:
    """A run that had nothing to do."""
    return _schema("run", {**_clouds(clouds), "deployment": deployment, "state": "unchanged"})


def errand_json(results: tuple[ErrandResult, ...]) -> Mapping[str, JsonValue]:
    """What an errand said, instance by instance."""
    return _schema("errand", {"results": [as_data.encode(result) for result in results]})


def cloud_command_json(cloud: str, command: str, result: CommandResult) -> Mapping[str, JsonValue]:
    """What a cloud's own command did, in that cloud's fields."""
    return _schema(f"{cloud}-{command}", result.data)


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
        "cloud": error.cloud,
        "what": error.what,
        "why": error.why,
        "fix": error.fix,
        "where": error.where,
        "doing": list(error.doing),
    }
    match error:
        case ActionFailedError():
            words["output"] = error.output
        case RefusedError(quota=quota) if quota:
            words.update(quota=as_data.encode(quota), request=error.request)
    return words


def _clouds(places: Sequence[CloudPlace]) -> Mapping[str, JsonValue]:
    return {"clouds": cloud_text.places_json(places)}


def _cost(bill: Bill) -> Mapping[str, JsonValue]:
    """Nothing where no cloud has prices."""
    return {"cost": bill_text.bill_json(bill)} if bill.prices else {}


def _asked(report: DownReport) -> Mapping[str, JsonValue]:
    return {
        "asked": [as_data.encode(item) for item in report.asked],
        "left": [as_data.encode(item) for item in report.left],
        "missing": [as_data.encode(item) for item in report.missing],
        "forgotten": report.is_forgotten,
        "unasked": list(report.unasked),
        "ended_by_jumpbox": report.is_ended_by_jumpbox,
        "listings": [
            {
                "cloud": one.cloud,
                "at": time_words.utc_text(one.at),
                "counts": dict(one.counts),
                "count": sum(one.counts.values()),
            }
            for one in report.listings
        ],
    }


def _schema(name: str, content: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    return {"schema": f"compleat.{name}/{VERSION}", **content}


def _actions(plan: Plan) -> Iterator[JsonValue]:
    for action in plan.actions:
        yield {
            "id": action.id,
            "kind": action.work.kind,
            "subject": action.subject,
            "reason": action.reason,
            "after": list(action.after),
            "stage": action.stage,
        }


def _outputs(report: UpReport) -> Mapping[str, JsonValue]:
    """Values by name; a secure one has none."""
    return {
        one.name: {"type": one.type, **({} if one.is_secure else {"value": one.value}), "known": one.is_known}
        for one in report.outputs
    }
