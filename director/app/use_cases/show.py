"""Use cases that only look: deployments, tasks, events, secrets.

Takes a History, gives report values.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.app.sessions import deployments
from director.app.sessions.records import History, SecretHistory
from director.errors import InputError
from director.model.ids import ActionId, DeploymentName
from director.model.report import Table
from director.model.tasks.entries import Entry, Run
from director.model.tasks.task import Task
from director.report import link_rows, task_rows, time_words
from director.text import nearest


def list_deployments(history: History) -> Table:
    """The environment's deployments, with the number of their instances, VMs and disks."""
    history.require_environment()
    states = history.store.list_deployments(history.settings.environment)
    return Table(
        name="deployments",
        columns=("name", "instances", "vms", "disks", "state"),
        rows=tuple(task_rows.deployment_row(state) for state in states),
        empty=f"Environment '{history.settings.environment}' has no deployments.",
    )


_ALL = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFilter:
    """What is listed of tasks and events: at most `limit`, of one deployment if it is named, between two moments."""

    deployment: str | None = None
    limit: int = 30
    after: float | None = None
    before: float | None = None

    def has(self, at: float) -> bool:
        """Whether that moment is between the two."""
        return (self.after is None or at > self.after) and (self.before is None or at < self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter(HistoryFilter):
    """The same for events; "" and None are any."""

    task: int | None = None
    instance: str = ""
    user: str = ""
    action: str = ""
    object_type: str = ""
    object_name: str = ""

    @property
    def is_open(self) -> bool:
        """Whether every event fits."""
        return replace(self, deployment=None, limit=0) == EventFilter(limit=0)

    def fits(self, row: Mapping[str, JsonValue]) -> bool:
        """Whether the row of an event is listed; its moment was looked at before."""
        action = str(row["action"])
        return (
            self.task in (None, row["task"])
            and (self.action in ("", action) or action.startswith(f"{self.action} "))
            and (not self.object_type or action.endswith(f" {self.object_type.lower()}"))
            and self.instance in ("", row["subject"])
            and self.object_name in str(row["subject"])
            and self.user in str(row["user"])
        )


def list_tasks(history: History, wanted: HistoryFilter) -> Table:
    """What was run, the newest first; of one deployment if it is named.

    Raises InputError, codes `deployment-missing`, and `environment-missing` where the home has another environment.
    """
    history.require_history_or_empty_home()
    named = DeploymentName(wanted.deployment) if wanted.deployment is not None else None
    read = wanted.limit if wanted.after is None and wanted.before is None else _ALL
    listed = history.tasks.list_tasks(history.settings.environment, deployment=named, limit=read)
    tasks = [task for task in listed if wanted.has(task.caller.at)][: wanted.limit]
    if named is not None and not listed:
        _require_deployment(history, named)
    return Table(
        name="tasks",
        columns=("task", "state", "started", "took_s", "user", "deployment", "command", "result"),
        rows=tuple(task_rows.task_row(task, state=_state(history, task)) for task in tasks),
        empty="No tasks yet.",
        less_important=("result", "user", "deployment"),
    )


def show_task(history: History, number: int | None) -> Table:
    """One task (the newest when None), action by action. Raises InputError, code `task-missing`."""
    history.require_history()
    task = find_task(history, number)
    row = task_rows.task_row(task, state=_state(history, task))
    return Table(
        name="actions",
        columns=("subject", "action", "detail", "state", "took_s", "stage", "reason", "error"),
        rows=tuple(row for run in whole_runs(history, task) for row in _action_rows(history, run)),
        empty="No actions.",
        subject="task",
        about=row,
        less_important=("stage", "reason"),
        heading=task_rows.task_heading(row),
    )


def find_task(history: History, number: int | None) -> Task:
    """The task of that number, the newest when None. Raises InputError, code `task-missing`."""
    tasks = history.tasks.list_tasks(history.settings.environment, limit=1)
    wanted = number if number is not None else (tasks[0].number if tasks else 0)
    task = history.tasks.load_task(history.settings.environment, wanted)
    if task is None:
        raise InputError(
            "task-missing",
            f"There is no task {wanted or ''}".strip() + ".",
            why=f"The newest is {tasks[0].number}." if tasks else "No tasks yet.",
            fix="`compleat tasks` lists them.",
        )
    return task


def whole_runs(history: History, task: Task) -> Iterator[Run]:
    """The task's runs with their plans, oldest first."""
    for run in history.journal.runs_of_task(task.number):
        yield history.journal.load_run(history.settings.environment, run.number) or run


def list_events(history: History, wanted: EventFilter) -> Table:
    """What was created, changed and deleted, the newest first; of one deployment if it is named.

    Raises InputError, codes `deployment-missing`, and `environment-missing` where the home has another environment.
    """
    history.require_history_or_empty_home()
    rows: list[Mapping[str, JsonValue]] = []
    for run in _runs(history, wanted.deployment, limit=wanted.limit if wanted.is_open else _ALL):
        if len(rows) >= wanted.limit:
            break
        whole = history.journal.load_run(history.settings.environment, run.number)
        entries = tuple(entry for entry in history.journal.read_entries(run.id) if wanted.has(entry.at))
        of_run = task_rows.event_rows(whole or run, entries, user=_user(history, run))
        rows.extend(row for row in of_run if wanted.fits(row))
    return Table(
        name="events",
        columns=("time", "task", "user", "deployment", "action", "subject", "error"),
        rows=tuple(rows[: wanted.limit]),
        empty="No events yet.",
        less_important=("user",),
    )


def list_variables(history: SecretHistory, deployment: str | None) -> Table:
    """The names of a deployment's secrets, and when certificates expire; never values.

    Raises InputError, code `deployment-missing`.
    """
    history.require_environment()
    names = history.vault.list_secrets(_prefix(history, deployment))
    if deployment is not None and not names:
        _require_deployment(history, deployment)
    versions = history.vault.secret_versions(names)
    facts = history.vault.describe_certificates(names)
    ends = {name: time_words.utc_text(one.ends_at) for name, one in facts.items()}
    rows = tuple({"name": name, "version": versions.get(name), "expires": ends.get(name)} for name in names)
    columns = ("name", "version", "expires") if ends else ("name", "version")
    return Table(name="variables", columns=columns, rows=rows, empty="No variables.")


def list_links(history: History, deployment: str | None) -> Table:
    """The links that deployments share; those that one shares or consumes, if it is named.

    Raises InputError, code `deployment-missing`.
    """
    history.require_environment()
    if deployment is not None:
        _require_deployment(history, deployment)
    states = history.store.list_deployments(history.settings.environment)
    return Table(
        name="links",
        columns=("deployment", "link", "type", "provider", "networks", "consumers"),
        rows=tuple(link_rows.link_rows(states, of=deployment)),
        empty="No shared links.",
    )


def secret_values(history: SecretHistory, deployment: str) -> Mapping[str, JsonValue]:
    """The values of a deployment's secrets, by the names of its variables. Raises InputError: deployment-missing."""
    history.require_environment()
    _require_deployment(history, deployment)
    prefix = _prefix(history, deployment)
    names = history.vault.list_secrets(prefix)
    return {name.removeprefix(prefix): history.vault.get_secret(name) for name in names}


def unlisted_secrets(history: SecretHistory) -> tuple[str, ...]:
    """A remark on vault files whose secret is unknown: lists of secrets do not contain them."""
    count = len(history.vault.damaged_files())
    files = "1 file" if count == 1 else f"{count} files"
    return (f"{files} of the vault cannot be read: `compleat doctor` names them.",) if count else ()


def show_secret(history: SecretHistory, deployment: str | None, name: str) -> JsonValue:
    """A secret's value, by its whole name, or by its last part if only one has it; ".field" selects a field.

    Only the deployment's secrets are looked at if one is named.
    Raises InputError: environment-missing, secret-unknown, secret-ambiguous, deployment-missing.
    """
    history.require_environment()
    return find_secret(history, deployment, name)


def find_secret(history: SecretHistory, deployment: str | None, name: str) -> JsonValue:
    """The same in an environment that may not be there yet: `init` stores secrets before the first `up`."""
    whole, _, field = name.partition(".") if not name.startswith("/") else (name, "", "")
    names = history.vault.list_secrets(_prefix(history, deployment))
    if deployment is not None and not names:
        _require_deployment(history, deployment)
    fitting = [each for each in names if each == whole or each.endswith(f"/{whole}")]
    if not fitting:
        near = nearest.nearest_word(whole, {each.rpartition("/")[2] for each in names})
        raise InputError(
            "secret-unknown",
            f"Secret '{whole}' does not exist.",
            why=" ".join((f"Known secrets: {', '.join(names) or 'none'}.", *unlisted_secrets(history))),
            fix=f"Did you mean '{near}'?" if near else "Give the whole name, as `compleat variables` lists it.",
        )
    if len(fitting) > 1:
        raise InputError(
            "secret-ambiguous",
            f"{len(fitting)} secrets are named '{whole}'.",
            why=f"They are: {', '.join(fitting)}.",
            fix="Give the whole name, or the deployment with -d.",
        )
    value = history.vault.get_secret(fitting[0])
    return value.get(field) if field and isinstance(value, Mapping) else value


def _prefix(history: History, deployment: str | None) -> str:
    return (
        f"/{history.settings.environment}/{deployment}/"
        if deployment is not None
        else f"/{history.settings.environment}/"
    )


def _runs(history: History, deployment: str | None, *, limit: int) -> tuple[Run, ...]:
    named = DeploymentName(deployment) if deployment is not None else None
    runs = history.journal.list_runs(history.settings.environment, deployment=named, limit=limit)
    if named is not None and not runs:
        _require_deployment(history, named)
    return runs


def _require_deployment(history: History, name: str) -> None:
    known = history.store.list_deployments(history.settings.environment)
    deployments.require_deployment(history.settings.environment, known, name)


def _state(history: History, task: Task) -> str:
    """A task that no process works on any more is interrupted: the next command settles it."""
    is_dead = not task.state.is_over and not history.tasks.is_alive(task.number)
    return "interrupted" if is_dead else task.state.value


def _user(history: History, run: Run) -> str:
    task = history.tasks.load_task(history.settings.environment, run.task)
    return task.caller.who if task else ""


def _action_rows(history: History, run: Run) -> Iterator[Mapping[str, JsonValue]]:
    entries: dict[ActionId, list[Entry]] = {}
    for entry in history.journal.read_entries(run.id):
        entries.setdefault(entry.action, []).append(entry)
    for action in run.plan.actions:
        yield task_rows.action_row(action, entries.get(action.id, []))
