"""A task is what somebody asked for, and its runs belong to it; before, each run was a task.

Takes a store of revision 0005, gives the same with a task for each run, of the run's number, and room for events.
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_RUNS = sa.table("runs", *map(sa.column, ("number", "environment", "deployment", "state", "document", "task")))
_TASKS = sa.table("tasks", *map(sa.column, ("number", "environment", "state", "document")))


def upgrade() -> None:
    """Create the tables, and move to the task what a run's document said of it."""
    op.create_table(
        "tasks",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("environment", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_index("tasks_by_state", "tasks", ["environment", "state"])
    op.create_table(
        "events",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("task", sa.Integer, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_events_task", "events", ["task", "number"])
    op.add_column("runs", sa.Column("task", sa.Integer, nullable=False, server_default="0"))
    op.create_index("ix_runs_task", "runs", ["task"])
    for row in op.get_bind().execute(sa.select(_RUNS)).all():
        _move(row)


def _move(row: Any) -> None:
    document = json.loads(row.document)
    task = {
        "environment": row.environment,
        "caller": {"who": document.pop("who"), "command": document.pop("command"), "at": document["started_at"]},
        "deployments": [row.deployment] if row.deployment else [],
        "number": 0,
        "state": row.state,
        "ended_at": document.get("ended_at"),
        "result": document.get("result", ""),
    }
    values = {"number": row.number, "environment": row.environment, "state": row.state, "document": json.dumps(task)}
    connection = op.get_bind()
    connection.execute(sa.insert(_TASKS).values(values))
    moved = {"task": row.number, "document": json.dumps({**document, "task": row.number})}
    connection.execute(sa.update(_RUNS).where(_RUNS.c.number == row.number).values(moved))
