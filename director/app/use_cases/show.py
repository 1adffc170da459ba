"""Use cases that only look: deployments, tasks, events, secrets.

Takes a Past, gives report values.
"""

from collections.abc import Iterator, Mapping

from cpi.contract.values import JsonValue
from director.app.sessions import deployments
from director.app.sessions.records import Past
from director.errors import InputError
from director.model.ids import ActionId, DeploymentName
from director.model.report import Table
from director.model.tasks.entries import Entry, Run
from director.model.tasks.task import Task
from director.report import task_rows
from director.text import nearest


def list_deployments(past: Past) -> Table:
    """Every deployment of the environment, with what it is made of."""
    past.demand_environment()
    states = past.store.list_deployments(past.settings.environment)
    return Table(
        name="deployments",
        columns=("name", "instances", "vms", "disks", "state"),
        rows=tuple(task_rows.deployment_row(state) for state in states),
        empty=f"Environment '{past.settings.environment}' has no deployments.",
    )


def list_tasks(past: Past, deployment: str, *, limit: int) -> Table:
    """What was run, the newest first; of one deployment if it is named.

    Raises InputError, code `deployment-missing`.
    """
    past.demand_history()
    named = DeploymentName(deployment) if deployment else None
    tasks = past.tasks.list_tasks(past.settings.environment, deployment=named, limit=limit)
    if named and not tasks:
        _demand_deployment(past, named)
    return Table(
        name="tasks",
        columns=("task", "state", "started", "took_s", "user", "deployment", "command", "result"),
        rows=tuple(task_rows.task_row(task, state=_state(past, task)) for task in tasks),
        empty="No tasks yet.",
    )


def show_task(past: Past, number: int | None) -> Table:
    """One task (the newest when None), action by action. Raises InputError, code `task-missing`."""
    past.demand_history()
    task = find_task(past, number)
    row = task_rows.task_row(task, state=_state(past, task))
    return Table(
        name="actions",
        columns=("subject", "action", "state", "took_s", "stage", "reason", "error"),
        rows=tuple(row for run in _whole_runs(past, task) for row in _action_rows(past, run)),
        empty="No actions.",
        subject="task",
        about=row,
        heading=task_rows.task_heading(row),
    )


def find_task(past: Past, number: int | None) -> Task:
    """The task of that number, the newest when None. Raises InputError, code `task-missing`."""
    tasks = past.tasks.list_tasks(past.settings.environment, limit=1)
    wanted = number if number is not None else (tasks[0].number if tasks else 0)
    task = past.tasks.load_task(past.settings.environment, wanted)
    if task is None:
        raise InputError(
            "task-missing",
            f"There is no task {wanted or ''}".strip() + ".",
            why=f"The newest is {tasks[0].number}." if tasks else "No tasks yet.",
            fix="`compleat tasks` lists them.",
        )
    return task


def list_events(past: Past, deployment: str, *, limit: int) -> Table:
    """What was created, changed and deleted, the newest first; of one deployment if it is named.

    Raises InputError, code `deployment-missing`.
    """
    past.demand_history()
    rows: list[Mapping[str, JsonValue]] = []
    for run in _runs(past, deployment, limit=limit):
        whole = past.journal.load_run(past.settings.environment, run.number)
        rows.extend(task_rows.event_rows(whole or run, past.journal.read_entries(run.id), user=_user(past, run)))
    return Table(
        name="events",
        columns=("time", "task", "user", "deployment", "action", "subject", "error"),
        rows=tuple(rows[:limit]),
        empty="No events yet.",
    )


def list_variables(past: Past, deployment: str) -> Table:
    """The names of a deployment's secrets; never values. Raises InputError, code `deployment-missing`."""
    past.demand_environment()
    names = past.vault.list_secrets(_prefix(past, deployment))
    if deployment and not names:
        _demand_deployment(past, deployment)
    versions = past.vault.secret_versions(names)
    rows = tuple({"name": name, "version": versions.get(name)} for name in names)
    return Table(name="variables", columns=("name", "version"), rows=rows, empty="No variables.")


def unlisted_secrets(past: Past) -> tuple[str, ...]:
    """A remark on vault files whose secret is unknown: lists of secrets do not contain them."""
    count = len(past.vault.damaged_files())
    files = "1 file" if count == 1 else f"{count} files"
    return (f"{files} of the vault cannot be read: `compleat doctor` names them.",) if count else ()


def show_secret(past: Past, deployment: str, name: str) -> JsonValue:
    """A secret's value, by its whole name, or by its last part if only one has it; ".field" selects a field.

    Only the deployment's secrets are looked at if one is named.
    Raises InputError: secret-unknown, secret-ambiguous, deployment-missing.
    """
    past.demand_environment()
    whole, _, field = name.partition(".") if not name.startswith("/") else (name, "", "")
    names = past.vault.list_secrets(_prefix(past, deployment))
    if deployment and not names:
        _demand_deployment(past, deployment)
    fitting = [each for each in names if each == whole or each.endswith(f"/{whole}")]
    if not fitting:
        near = nearest.nearest_word(whole, {each.rpartition("/")[2] for each in names})
        raise InputError(
            "secret-unknown",
            f"Secret '{whole}' does not exist.",
            why=" ".join((f"Known secrets: {', '.join(names) or 'none'}.", *unlisted_secrets(past))),
            fix=f"Did you mean '{near}'?" if near else "Give the whole name, as `compleat variables` lists it.",
        )
    if len(fitting) > 1:
        raise InputError(
            "secret-ambiguous",
            f"{len(fitting)} secrets are named '{whole}'.",
            why=f"They are: {', '.join(fitting)}.",
            fix="Give the whole name, or the deployment with -d.",
        )
    value = past.vault.get_secret(fitting[0])
    return value.get(field) if field and isinstance(value, Mapping) else value


def _prefix(past: Past, deployment: str) -> str:
    return f"/{past.settings.environment}/{deployment}/" if deployment else f"/{past.settings.environment}/"


def _runs(past: Past, deployment: str, *, limit: int) -> tuple[Run, ...]:
    named = DeploymentName(deployment) if deployment else None
    runs = past.journal.list_runs(past.settings.environment, deployment=named, limit=limit)
    if named and not runs:
        _demand_deployment(past, named)
    return runs


def _demand_deployment(past: Past, name: str) -> None:
    known = past.store.list_deployments(past.settings.environment)
    deployments.demand_deployment(past.settings.environment, known, name)


def _state(past: Past, task: Task) -> str:
    """A task that no process works on any more is interrupted: the next command settles it."""
    is_dead = not task.state.is_over and not past.tasks.is_alive(task.number)
    return "interrupted" if is_dead else task.state.value


def _user(past: Past, run: Run) -> str:
    task = past.tasks.load_task(past.settings.environment, run.task)
    return task.caller.who if task else ""


def _whole_runs(past: Past, task: Task) -> Iterator[Run]:
    for run in past.journal.runs_of_task(task.number):
        yield past.journal.load_run(past.settings.environment, run.number) or run


def _action_rows(past: Past, run: Run) -> Iterator[Mapping[str, JsonValue]]:
    entries: dict[ActionId, list[Entry]] = {}
    for entry in past.journal.read_entries(run.id):
        entries.setdefault(entry.action, []).append(entry)
    for action in run.plan.actions:
        yield task_rows.action_row(action, entries.get(action.id, []))
