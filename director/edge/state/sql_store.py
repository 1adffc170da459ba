"""The StateStore port for real: documents in SQLite, leases by file locks.

Takes and gives values of director.model.
"""

import fcntl
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from director.edge.machine import whole_files
from director.edge.secrets.sealing import RowPlace
from director.edge.state import sql_refusals, state_document
from director.edge.state.sql_database import Database
from director.edge.state.sql_tables import DEPLOYMENTS, ENVIRONMENTS, LEASES
from director.errors import LockedError, StateError
from director.model import as_data
from director.model.caller import Caller
from director.model.environment import Environment
from director.model.ids import DeploymentName, EnvironmentName
from director.model.state import STATE_VERSION, DeploymentState
from director.ports.state_store import Lease

_TRIES = 5
_PAUSE_S = 0.02

_ALL = ".all"
"""The lock that whoever holds a lease shares, and whoever removes the environment has alone."""


class SqlStore:
    """A lease is a lock on a file, which the kernel frees when its holder dies; the row says who and since when."""

    def __init__(self, database: Database, leases: Path) -> None:
        self._database = database
        self._leases = leases

    @contextmanager
    def hold_lease(
        self, environment: EnvironmentName, deployment: DeploymentName, *, caller: Caller
    ) -> Iterator[Lease]:
        """Be the one writer. Raises LockedError: deployment-locked, environment-locked."""
        with ExitStack() as held:
            if not self._lock(held, environment, _ALL, kind=fcntl.LOCK_SH):
                raise self._being_removed(environment)
            yield self._hold(held, environment, deployment, caller=caller)

    @contextmanager
    def hold_all_leases(
        self, environment: EnvironmentName, *, caller: Caller
    ) -> Iterator[Mapping[DeploymentName, Lease]]:
        """Every other holder shares one lock, which this takes alone. Raises LockedError, code `deployment-locked`."""
        with ExitStack() as held:
            if not self._lock(held, environment, _ALL, kind=fcntl.LOCK_EX):
                raise self._locked(environment, self._held_one(environment))
            names = sorted({DeploymentName(""), *self._deployment_names(environment)})
            yield {name: self._hold(held, environment, name, caller=caller) for name in names}

    def is_held(self, environment: EnvironmentName, deployment: DeploymentName) -> bool:
        """Whether a living process has the lease: a shared lock, given back at once, is refused then."""
        path = self._lease_path(environment, deployment)
        if not path.exists():
            return False
        with path.open("rb") as lock:
            return not _is_taken(lock, fcntl.LOCK_SH, tries=1)

    def load_environment(self, name: EnvironmentName) -> Environment | None:
        """The environment as saved, or None."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(ENVIRONMENTS.c.document).where(ENVIRONMENTS.c.name == name)).first()
        if row is None:
            return None
        place, whose = _environment_place(name), f"environment '{name}'"
        return self._database.documents.open_value(Environment, row.document, place, whose=whose)

    def save_environment(self, lease: Lease, environment: Environment) -> None:
        """Save it whole."""
        document = self._database.documents.seal(as_data.encode(environment), _environment_place(environment.name))
        statement = insert(ENVIRONMENTS).values(name=environment.name, document=document)
        with self._database.transaction() as connection:
            check_lease(connection, lease)
            connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"document": document}))

    def delete_environment(self, lease: Lease) -> None:
        """After: unknown."""
        with self._database.transaction() as connection:
            check_lease(connection, lease)
            connection.execute(sa.delete(ENVIRONMENTS).where(ENVIRONMENTS.c.name == lease.environment))

    def list_environments(self) -> tuple[EnvironmentName, ...]:
        """Their names, sorted."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(ENVIRONMENTS.c.name).order_by(ENVIRONMENTS.c.name)).all()
        return tuple(EnvironmentName(row.name) for row in rows)

    def load_deployment(self, environment: EnvironmentName, deployment: DeploymentName) -> DeploymentState | None:
        """The state as saved, or None. Raises StateError, code `state-version`."""
        query = sa.select(DEPLOYMENTS.c.document).where(
            DEPLOYMENTS.c.environment == environment, DEPLOYMENTS.c.name == deployment
        )
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return self._read(row.document, environment, deployment) if row else None

    def list_deployments(self, environment: EnvironmentName) -> tuple[DeploymentState, ...]:
        """All of the environment, by name."""
        query = sa.select(DEPLOYMENTS.c.name, DEPLOYMENTS.c.document).where(DEPLOYMENTS.c.environment == environment)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(DEPLOYMENTS.c.name)).all()
        return tuple(self._read(row.document, environment, row.name) for row in rows)

    def save_deployment(self, lease: Lease, state: DeploymentState) -> DeploymentState:
        """Save it whole; its serial grows by one."""
        saved = replace(state, serial=state.serial + 1)
        place = _deployment_place(saved.environment, saved.deployment)
        values = {"serial": saved.serial, "document": self._database.documents.seal(as_data.encode(saved), place)}
        statement = insert(DEPLOYMENTS).values(environment=saved.environment, name=saved.deployment, **values)
        with self._database.transaction() as connection:
            check_lease(connection, lease)
            connection.execute(statement.on_conflict_do_update(index_elements=["environment", "name"], set_=values))
        return saved

    def delete_deployment(self, lease: Lease) -> None:
        """After: the deployment is unknown."""
        statement = sa.delete(DEPLOYMENTS).where(
            DEPLOYMENTS.c.environment == lease.environment, DEPLOYMENTS.c.name == lease.deployment
        )
        with self._database.transaction() as connection:
            check_lease(connection, lease)
            connection.execute(statement)

    def _lease_path(self, environment: EnvironmentName, deployment: DeploymentName) -> Path:
        return self._leases / environment / f"{deployment or '.environment'}.lock"

    def _read(self, document: bytes, environment: EnvironmentName, name: str) -> DeploymentState:
        path, whose = self._database.path, f"deployment '{name}'"
        data = self._database.documents.open_map(document, _deployment_place(environment, name), whose=whose)
        version = data.get("version")
        if isinstance(version, int) and version > STATE_VERSION:
            raise StateError(
                "state-version",
                f"The saved state of deployment '{name}' has version {version}.",
                why=f"This version of compleat reads version {STATE_VERSION}.",
                fix="Use the version of compleat that wrote it.",
            )
        with sql_refusals.refusing_damage(path, whose):
            return state_document.decode(data)

    def _hold(
        self, held: ExitStack, environment: EnvironmentName, deployment: DeploymentName, *, caller: Caller
    ) -> Lease:
        if not self._lock(held, environment, deployment, kind=fcntl.LOCK_EX):
            raise self._locked(environment, deployment)
        return self._take(environment, deployment, caller)

    def _lock(self, held: ExitStack, environment: EnvironmentName, name: str, *, kind: int) -> bool:
        """Lock the file until `held` ends; False when somebody else has it."""
        lock = held.enter_context(whole_files.open_lock(self._lease_path(environment, DeploymentName(name))))
        return _is_taken(lock, kind, tries=_TRIES)

    def _held_one(self, environment: EnvironmentName) -> DeploymentName:
        """A deployment whose lease somebody holds; the environment's own where none is found (any more)."""
        query = sa.select(LEASES.c.deployment).where(LEASES.c.environment == environment)
        with self._database.reading() as connection:
            names = [row.deployment for row in connection.execute(query.order_by(LEASES.c.since.desc())).all()]
        held = (DeploymentName(name) for name in names if self.is_held(environment, DeploymentName(name)))
        return next(held, DeploymentName(""))

    def _deployment_names(self, environment: EnvironmentName) -> tuple[DeploymentName, ...]:
        query = sa.select(DEPLOYMENTS.c.name).where(DEPLOYMENTS.c.environment == environment)
        with self._database.reading() as connection:
            return tuple(DeploymentName(row.name) for row in connection.execute(query).all())

    def _being_removed(self, environment: EnvironmentName) -> LockedError:
        holder = self._locked(environment, DeploymentName(""))
        return LockedError(
            "environment-locked",
            f"Environment '{environment}' is being removed.",
            why=holder.why,
            fix="Wait for it to end; `compleat up` then builds a new environment.",
        )

    def _take(self, environment: EnvironmentName, deployment: DeploymentName, caller: Caller) -> Lease:
        held = {"who": caller.who, "command": caller.command, "since": time.time()}
        statement = insert(LEASES).values(environment=environment, deployment=deployment, token=1, **held)
        update = {"token": LEASES.c.token + 1, **held}
        with self._database.transaction() as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=["environment", "deployment"], set_=update)
            )
            token = connection.execute(_lease_query(environment, deployment)).scalar_one()
        return Lease(environment=environment, deployment=deployment, token=token)

    def _locked(self, environment: EnvironmentName, deployment: DeploymentName) -> LockedError:
        query = sa.select(LEASES).where(LEASES.c.environment == environment, LEASES.c.deployment == deployment)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(row.since)) if row else "just now"
        subject = f"Deployment '{deployment}'" if deployment else f"Environment '{environment}'"
        return LockedError(
            "deployment-locked",
            f"{subject} is locked by another command.",
            why=f"{row.who if row else 'Somebody'} runs '{row.command if row else '?'}' since {since}.",
            fix="Wait for it to end, or stop it; the lock is released with its process.",
        )


def _is_taken(lock: IO[Any], kind: int, *, tries: int) -> bool:
    """Whether the lock is ours now. Whoever only asks has it for a moment, so one refusal does not count."""
    for left in reversed(range(tries)):
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if left:
                time.sleep(_PAUSE_S)
        else:
            return True
    return False


def check_lease(connection: sa.Connection, lease: Lease) -> None:
    """Raise StateError, code `lease-lost`, unless the lease is the newest."""
    token = connection.execute(_lease_query(lease.environment, lease.deployment)).scalar_one_or_none()
    if token != lease.token:
        raise StateError(
            "lease-lost",
            f"The lease on '{lease.deployment or lease.environment}' was lost.",
            why=f"Another command has taken it since (token {token}, this command's {lease.token}).",
            fix="Run the command again: it observes the current state and continues.",
        )


def _environment_place(name: str) -> RowPlace:
    return RowPlace(table="environments", column="document", key=(name,))


def _deployment_place(environment: str, name: str) -> RowPlace:
    return RowPlace(table="deployments", column="document", key=(environment, name))


def _lease_query(environment: EnvironmentName, deployment: DeploymentName) -> sa.Select[int]:
    return sa.select(LEASES.c.token).where(LEASES.c.environment == environment, LEASES.c.deployment == deployment)
