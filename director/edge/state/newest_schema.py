"""The schema of a new state: what all revisions together lead to, at once and without Alembic.

Takes the path of an empty file, gives a state of the newest revision in it. A new revision changes both: a test holds
this to what `migrations/versions` makes of an empty file.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

_TABLES = """
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE environments (
    name VARCHAR NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE deployments (
    environment VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    serial INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (environment, name)
);
CREATE TABLE leases (
    environment VARCHAR NOT NULL,
    deployment VARCHAR NOT NULL,
    token INTEGER NOT NULL,
    who VARCHAR NOT NULL,
    command VARCHAR NOT NULL,
    since FLOAT NOT NULL,
    PRIMARY KEY (environment, deployment)
);
CREATE TABLE runs (
    number INTEGER NOT NULL,
    id VARCHAR NOT NULL,
    environment VARCHAR NOT NULL,
    deployment VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    document TEXT NOT NULL,
    "plan" TEXT NOT NULL,
    task INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (id)
);
CREATE TABLE entries (
    number INTEGER NOT NULL,
    run VARCHAR NOT NULL,
    type VARCHAR NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (number)
);
CREATE INDEX runs_by_state ON runs (environment, deployment, state);
CREATE INDEX ix_entries_run ON entries (run);
CREATE TRIGGER environments_sealed_insert BEFORE INSERT ON environments
WHEN typeof(NEW.document) <> 'blob'
BEGIN SELECT RAISE(ABORT, 'a later version of compleat has sealed this state'); END;
CREATE TRIGGER environments_sealed_update BEFORE UPDATE ON environments
WHEN typeof(NEW.document) <> 'blob'
BEGIN SELECT RAISE(ABORT, 'a later version of compleat has sealed this state'); END;
CREATE TRIGGER deployments_sealed_insert BEFORE INSERT ON deployments
WHEN typeof(NEW.document) <> 'blob'
BEGIN SELECT RAISE(ABORT, 'a later version of compleat has sealed this state'); END;
CREATE TRIGGER deployments_sealed_update BEFORE UPDATE ON deployments
WHEN typeof(NEW.document) <> 'blob'
BEGIN SELECT RAISE(ABORT, 'a later version of compleat has sealed this state'); END;
CREATE TRIGGER runs_sealed_insert BEFORE INSERT ON runs
WHEN typeof(NEW.plan) <> 'blob'
BEGIN SELECT RAISE(ABORT, 'a later version of compleat has sealed this state'); END;
CREATE TRIGGER runs_sealed_update BEFORE UPDATE ON runs
WHEN typeof(NEW.plan) <> 'blob'
BEGIN SELECT RAISE(ABORT, 'a later version of compleat has sealed this state'); END;
CREATE TRIGGER entries_sealed_insert BEFORE INSERT ON entries
WHEN typeof(NEW.document) <> 'blob'
BEGIN SELECT RAISE(ABORT, 'a later version of compleat has sealed this state'); END;
CREATE TRIGGER entries_sealed_update BEFORE UPDATE ON entries
WHEN typeof(NEW.document) <> 'blob'
BEGIN SELECT RAISE(ABORT, 'a later version of compleat has sealed this state'); END;
CREATE TABLE tasks (
    number INTEGER NOT NULL,
    environment VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (number)
);
CREATE INDEX tasks_by_state ON tasks (environment, state);
CREATE TABLE events (
    number INTEGER NOT NULL,
    task INTEGER NOT NULL,
    document BLOB NOT NULL,
    PRIMARY KEY (number)
);
CREATE INDEX ix_events_task ON events (task, number);
CREATE INDEX ix_runs_task ON runs (task);
CREATE TABLE plans (
    number INTEGER NOT NULL,
    environment VARCHAR NOT NULL,
    deployment VARCHAR NOT NULL,
    at FLOAT NOT NULL,
    document BLOB NOT NULL,
    PRIMARY KEY (number)
);
CREATE INDEX plans_by_deployment ON plans (environment, deployment, number);
CREATE TABLE releases (
    name VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    compiled_for VARCHAR NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (name, version, compiled_for)
);
CREATE TABLE compile_times (
    package VARCHAR NOT NULL,
    took_s FLOAT NOT NULL,
    PRIMARY KEY (package)
);
CREATE TABLE dns_records (
    environment VARCHAR NOT NULL,
    deployment VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (environment, deployment)
);
CREATE TABLE configs (
    number INTEGER NOT NULL,
    environment VARCHAR NOT NULL,
    type VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    is_deleted BOOLEAN NOT NULL,
    document BLOB NOT NULL,
    PRIMARY KEY (number)
);
CREATE INDEX configs_by_name ON configs (environment, type, name, number);
"""


def create(path: Path, revision: str) -> None:
    """All in one transaction. The log comes last: a new state is whole in its one file, and nothing of it in a log that
    a full disk keeps from merging."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(f"BEGIN IMMEDIATE; {_TABLES}")
        connection.execute("INSERT INTO alembic_version (version_num) VALUES (?)", (revision,))
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode=WAL")
