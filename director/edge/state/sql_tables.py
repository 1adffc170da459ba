"""The tables of the state store. What changes here needs a migration beside it.

Takes nothing, gives SQLAlchemy tables. Values are stored as JSON documents: they are saved whole, and `Sealed` where
they may hold a secret: triggers of revision 0004 refuse text there.
"""

import sqlalchemy as sa

REVISION = "0011"
"""The schema this code speaks; `migrations/versions` leads to it from any earlier one."""

METADATA = sa.MetaData()


class Sealed(sa.types.UserDefinedType[bytes]):
    """What SQLite gives, whatever it is: that a row holds no sealed bytes is found by who opens it."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """The column's type."""
        return "BLOB"


ENVIRONMENTS = sa.Table(
    "environments",
    METADATA,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("document", Sealed, nullable=False),
)

DEPLOYMENTS = sa.Table(
    "deployments",
    METADATA,
    sa.Column("environment", sa.String, primary_key=True),
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("serial", sa.Integer, nullable=False),
    sa.Column("document", Sealed, nullable=False),
)

LEASES = sa.Table(
    "leases",
    METADATA,
    sa.Column("environment", sa.String, primary_key=True),
    sa.Column("deployment", sa.String, primary_key=True),
    sa.Column("token", sa.Integer, nullable=False),
    sa.Column("who", sa.String, nullable=False),
    sa.Column("command", sa.String, nullable=False),
    sa.Column("since", sa.Float, nullable=False),
)

RUNS = sa.Table(
    "runs",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String, nullable=False, unique=True),
    sa.Column("environment", sa.String, nullable=False),
    sa.Column("deployment", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("plan", Sealed, nullable=False),
    sa.Column("task", sa.Integer, nullable=False, server_default="0", index=True),
    sa.Index("runs_by_state", "environment", "deployment", "state"),
)

TASKS = sa.Table(
    "tasks",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("environment", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Index("tasks_by_state", "environment", "state"),
)

EVENTS = sa.Table(
    "events",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("task", sa.Integer, nullable=False),
    sa.Column("document", Sealed, nullable=False),
    sa.Index("ix_events_task", "task", "number"),
)

PLANS = sa.Table(
    "plans",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("environment", sa.String, nullable=False),
    sa.Column("deployment", sa.String, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("document", Sealed, nullable=False),
    sa.Index("plans_by_deployment", "environment", "deployment", "number"),
)

ENTRIES = sa.Table(
    "entries",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("run", sa.String, nullable=False, index=True),
    sa.Column("type", sa.String, nullable=False),
    sa.Column("document", Sealed, nullable=False),
)

RELEASES = sa.Table(
    "releases",
    METADATA,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("version", sa.String, primary_key=True),
    sa.Column("compiled_for", sa.String, primary_key=True),
    sa.Column("document", sa.Text, nullable=False),
)

DNS_RECORDS = sa.Table(
    "dns_records",
    METADATA,
    sa.Column("environment", sa.String, primary_key=True),
    sa.Column("deployment", sa.String, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
)

CONFIGS = sa.Table(
    "configs",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("environment", sa.String, nullable=False),
    sa.Column("type", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("is_deleted", sa.Boolean, nullable=False),
    sa.Column("document", Sealed, nullable=False),
    sa.Index("configs_by_name", "environment", "type", "name", "number"),
)

COMPILE_TIMES = sa.Table(
    "compile_times",
    METADATA,
    sa.Column("package", sa.String, primary_key=True),
    sa.Column("took_s", sa.Float, nullable=False),
)
