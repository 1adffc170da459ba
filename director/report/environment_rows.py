"""Environments and locks as rows of tables.

Takes what is recorded, gives rows.
"""

from collections.abc import Iterable, Mapping, Sequence

from cpi.contract.values import ENVIRONMENT_ITSELF, JsonValue
from director.model.environments.environment import Environment
from director.model.environments.state import DeploymentState
from director.model.report import Bill
from director.model.tasks.task import Task
from director.report import bill_text, task_rows

_COLUMNS = ("name", "cloud", "region", "since", "deployments", "vms", "disks")
LOCK_COLUMNS = ("type", "resource", "task", "user", "since", "command")
_PLACES = ("region", "location", "project")
"""The facts of a cloud's identity that say where it is, in this order; the first that is there is
shown. The local cloud has none: it is this machine."""


def columns_of(rows: Iterable[Mapping[str, JsonValue]]) -> tuple[str, ...]:
    """With the price where one is known."""
    return (*_COLUMNS, *(("per_month",) if any(row["per_month"] for row in rows) else ()))


def environment_row(
    environment: Environment, states: Sequence[DeploymentState], *, since: float | None, bill: Bill
) -> Mapping[str, JsonValue]:
    """An environment: its clouds, where they are, what runs there, and what 30 days of that cost."""
    named = [state for state in states if state.deployment is not ENVIRONMENT_ITSELF]
    records = [record for state in named for record in state.instances]
    prints = environment.fingerprints
    places = [next((one.facts[key] for key in _PLACES if key in one.facts), "") for one in prints]
    ends = environment.end.at if environment.end else None
    return {
        "name": environment.name,
        "cloud": ", ".join(dict.fromkeys(one.plugin for one in prints)),
        "region": ", ".join(dict.fromkeys(filter(None, places))),
        "since": task_rows.time_text(since) if since else "",
        "deployments": ", ".join(str(state.deployment) for state in named if state.instances),
        "vms": sum(record.vm is not None for record in records),
        "disks": sum(len(record.disks) for record in records),
        "ends": task_rows.time_text(ends) if ends else "",
        "per_month": bill_text.month_words(bill),
        "unpriced": list(bill_text.unpriced(bill)),
    }


def lock_row(task: Task, *, kind: str, resource: str) -> Mapping[str, JsonValue]:
    """A lock and the task that holds it."""
    return {
        "type": kind,
        "resource": resource,
        "task": task.number,
        "user": task.caller.who,
        "since": task_rows.time_text(task.caller.at),
        "command": task.caller.command,
    }
