"""Tasks, their actions and events as rows of tables.

Takes tasks, runs and journal entries, gives rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from cpi.contract.values import JsonValue
from director.model import counting
from director.model.environments.state import DeploymentState
from director.model.tasks.entries import Accepted, Begun, Done, Entry, Failed, Run
from director.model.tasks.plan import Action
from director.model.tasks.task import Task


def deployment_row(state: DeploymentState) -> Mapping[str, JsonValue]:
    """A deployment as recorded."""
    dirty = counting.in_natural_order(record.name for record in state.instances if record.is_dirty)
    return {
        "name": str(state.deployment),
        "instances": len(state.instances),
        "vms": sum(record.vm is not None for record in state.instances),
        "disks": sum((record.disk is not None) + len(record.named_disks) for record in state.instances),
        "state": f"unfinished: {', '.join(dirty)}" if dirty else "as deployed",
    }


def task_row(task: Task, *, state: str) -> Mapping[str, JsonValue]:
    """A task; `state` is its own, or "interrupted"."""
    took_s = round(task.ended_at - task.caller.at, 1) if task.ended_at else None
    return {
        "task": task.number,
        "state": state,
        "started": time_text(task.caller.at),
        "took_s": took_s,
        "user": task.caller.who,
        "deployment": ", ".join(task.deployments),
        "command": task.caller.command,
        "result": task.result,
    }


def task_heading(row: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """The lines above a task's actions, from its row."""
    took = "" if row["took_s"] is None else f", {row['took_s']} s"
    result = f": {row['result']}" if row["result"] else ""
    return (
        f"Task {row['task']}: {row['command']}",
        f"  {row['user']}, {row['started']}{took}",
        f"  {row['state']}{result}",
        "",
    )


def action_row(action: Action, own: Sequence[Entry]) -> Mapping[str, JsonValue]:
    """An action with its own journal entries."""
    begun = next((entry.at for entry in own if isinstance(entry, Begun)), None)
    last = own[-1] if own else None
    ended = last.at if isinstance(last, Done | Failed) else None
    words = {None: "not begun", Begun: "begun", Accepted: "accepted", Done: "done", Failed: "failed"}
    return {
        "subject": action.subject,
        "action": action.work.kind,
        "detail": action.work.detail,
        "state": words[type(last) if last else None],
        "took_s": round(ended - begun, 2) if ended and begun else None,
        "stage": action.stage,
        "reason": action.reason,
        "error": last.failure.what if isinstance(last, Failed) else "",
    }


def event_rows(run: Run, entries: tuple[Entry, ...], *, user: str) -> Iterator[Mapping[str, JsonValue]]:
    """What a run created, changed and deleted, the newest first."""
    actions = {action.id: action for action in run.plan.actions}
    for entry in reversed(entries):
        action = actions.get(entry.action)
        if isinstance(entry, Begun | Accepted) or action is None or not action.work.facts.is_event:
            continue
        yield {
            "time": time_text(entry.at),
            "task": run.task,
            "user": user,
            "deployment": str(run.deployment),
            "action": f"{action.work.facts.verb} {action.work.facts.noun}",
            "subject": action.subject,
            "error": entry.failure.what if isinstance(entry, Failed) else "",
        }


def time_text(at: float) -> str:
    """A moment (seconds since 1970) in this machine's time zone."""
    return f"{datetime.fromtimestamp(at):%Y-%m-%d %H:%M:%S}"
