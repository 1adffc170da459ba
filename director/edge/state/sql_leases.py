"""Leases: a lock says that somebody has one, a row who, since when, and under which token.

Takes a database and locks, gives leases.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Protocol

from cpi.contract.values import ENVIRONMENT_ITSELF, deployment_text
from director.edge.state import sql_database
from director.edge.state.sql_database import Connection, Database
from director.errors import LockedError, StateError
from director.model.ids import DeploymentName, EnvironmentName, OwnerName, owner_name
from director.model.tasks.caller import Caller
from director.ports.state_store import Lease

_ALL = ".all"
"""The environment's lock: shared by holders of leases, exclusive while the environment is removed."""


_LEASE = "SELECT token, who, command, since FROM leases WHERE environment = :environment AND deployment = :deployment"
_NEWEST = "SELECT deployment FROM leases WHERE environment = :environment ORDER BY since DESC"
_DEPLOYMENTS = "SELECT name FROM deployments WHERE environment = :environment AND name <> '' ORDER BY name"


class Locks(Protocol):
    """Locks by environment and name that fall when their holder dies: of the kernel, or of a database."""

    def lock(self, held: ExitStack, environment: str, name: str, *, is_shared: bool) -> bool:
        """Lock it until `held` ends, alone or with all others who share it; False when somebody else has it."""

    def is_locked(self, environment: str, name: str) -> bool:
        """Whether somebody has it alone. Asking takes nothing."""


class SqlLeases:
    """The leases of one database."""

    def __init__(self, database: Database, locks: Locks) -> None:
        self._database = database
        self._locks = locks

    @contextmanager
    def hold(self, environment: EnvironmentName, deployment: OwnerName, *, caller: Caller) -> Iterator[Lease]:
        """Be the one writer. Raises LockedError: deployment-locked, environment-locked."""
        with ExitStack() as held:
            if not self._locks.lock(held, environment, _ALL, is_shared=True):
                raise self._being_removed(environment)
            yield self._hold(held, environment, deployment, caller=caller)

    @contextmanager
    def hold_all(self, environment: EnvironmentName, *, caller: Caller) -> Iterator[Mapping[OwnerName, Lease]]:
        """Every other holder shares one lock, which this takes alone. Raises LockedError, code `deployment-locked`."""
        with ExitStack() as held:
            if not self._locks.lock(held, environment, _ALL, is_shared=False):
                raise self._locked(environment, self._held_one(environment))
            names: tuple[OwnerName, ...] = (ENVIRONMENT_ITSELF, *self._deployment_names(environment))
            yield {name: self._hold(held, environment, name, caller=caller) for name in names}

    def is_held(self, environment: EnvironmentName, deployment: OwnerName) -> bool:
        """Whether a living process has the lease. Asking takes nothing."""
        return self._locks.is_locked(environment, deployment_text(deployment))

    def _hold(self, held: ExitStack, environment: EnvironmentName, deployment: OwnerName, *, caller: Caller) -> Lease:
        if not self._locks.lock(held, environment, deployment_text(deployment), is_shared=False):
            raise self._locked(environment, deployment)
        return self._take(environment, deployment, caller)

    def _held_one(self, environment: EnvironmentName) -> OwnerName:
        """A deployment whose lease somebody holds; the environment's own where none is found (any more)."""
        with self._database.reading() as connection:
            names = [owner_name(row["deployment"]) for row in connection.execute(_NEWEST, {"environment": environment})]
        return next((name for name in names if self.is_held(environment, name)), ENVIRONMENT_ITSELF)

    def _deployment_names(self, environment: EnvironmentName) -> tuple[DeploymentName, ...]:
        with self._database.reading() as connection:
            rows = connection.execute(_DEPLOYMENTS, {"environment": environment}).fetchall()
        return tuple(DeploymentName(row["name"]) for row in rows)

    def _being_removed(self, environment: EnvironmentName) -> LockedError:
        holder = self._locked(environment, ENVIRONMENT_ITSELF)
        return LockedError(
            "environment-locked",
            f"Environment '{environment}' is being removed.",
            why=holder.why,
            fix="Wait for it to end; `compleat up` then builds a new environment.",
        )

    def _take(self, environment: EnvironmentName, deployment: OwnerName, caller: Caller) -> Lease:
        held = {"who": caller.who, "command": caller.command, "since": time.time()}
        key = {"environment": environment, "deployment": deployment}
        with self._database.transaction() as connection:
            token = (_token(connection, environment, deployment) or 0) + 1
            sql_database.upsert(connection, "leases", key, values={"token": token, **held})
        return Lease(environment=environment, deployment=deployment, token=token)

    def _locked(self, environment: EnvironmentName, deployment: OwnerName) -> LockedError:
        with self._database.reading() as connection:
            row = connection.execute(_LEASE, {"environment": environment, "deployment": deployment}).fetchone()
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(row["since"])) if row else "just now"
        is_whole = deployment is ENVIRONMENT_ITSELF
        subject = f"Environment '{environment}'" if is_whole else f"Deployment '{deployment}'"
        return LockedError(
            "deployment-locked",
            f"{subject} is locked by another command.",
            why=f"{row['who'] if row else 'Somebody'} runs '{row['command'] if row else '?'}' since {since}.",
            fix="Wait for it to end, or stop it; the lock is released with its process.",
        )


def check_lease(connection: Connection, lease: Lease) -> None:
    """Raise StateError, code `lease-lost`, unless the lease is the newest."""
    token = _token(connection, lease.environment, lease.deployment)
    if token != lease.token:
        is_whole = lease.deployment is ENVIRONMENT_ITSELF
        raise StateError(
            "lease-lost",
            f"The lease on '{lease.environment if is_whole else lease.deployment}' was lost.",
            why=f"Another command has taken it since (token {token}, this command's {lease.token}).",
            fix="Run the command again: it observes the current state and continues.",
        )


def _token(connection: Connection, environment: EnvironmentName, deployment: OwnerName) -> int | None:
    row = connection.execute(_LEASE, {"environment": environment, "deployment": deployment}).fetchone()
    return int(row["token"]) if row else None
