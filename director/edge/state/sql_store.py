"""The StateStore port for real: documents in a database, each under its lease.

Takes and gives values of director.model.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace

from cpi.contract.values import deployment_text
from director.edge.secrets.sealing import RowPlace
from director.edge.state import sql_database, sql_dns, sql_refusals, state_document
from director.edge.state.sql_database import Database
from director.edge.state.sql_leases import Locks, SqlLeases, check_lease
from director.model import as_data
from director.model.environments.deployment_dns import PublishedDns, StoredDns
from director.model.environments.environment import Environment
from director.model.environments.state import STATE_VERSION, DeploymentState
from director.model.ids import EnvironmentName, OwnerName, owner_name
from director.model.tasks.caller import Caller
from director.ports.state_store import Lease

_DOCUMENTS = "SELECT name, document FROM deployments WHERE environment = ?"


class SqlStore:
    """Implements ports.state_store.StateStore: each document is saved whole, by the holder of its lease alone."""

    def __init__(self, database: Database, locks: Locks) -> None:
        self._database = database
        self._leases = SqlLeases(database, locks)
        self._known: dict[tuple[EnvironmentName, OwnerName], tuple[bytes, DeploymentState]] = {}
        """The last document of each deployment and what it says: a command reads the same ones again and again."""

    def hold_lease(
        self, environment: EnvironmentName, deployment: OwnerName, *, caller: Caller
    ) -> AbstractContextManager[Lease]:
        """Be the one writer. Raises LockedError: deployment-locked, environment-locked."""
        return self._leases.hold(environment, deployment, caller=caller)

    def hold_all_leases(
        self, environment: EnvironmentName, *, caller: Caller
    ) -> AbstractContextManager[Mapping[OwnerName, Lease]]:
        """Be the one writer of all. Raises LockedError, code `deployment-locked`."""
        return self._leases.hold_all(environment, caller=caller)

    def is_held(self, environment: EnvironmentName, deployment: OwnerName) -> bool:
        """Whether a living process has the lease."""
        return self._leases.is_held(environment, deployment)

    def load_environment(self, name: EnvironmentName) -> Environment | None:
        """The environment as saved, or None."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT document FROM environments WHERE name = ?", (name,)).fetchone()
        if row is None:
            return None
        place, whose = _environment_place(name), f"environment '{name}'"
        return self._database.documents.open_value(Environment, row["document"], place, whose=whose)

    def save_environment(self, lease: Lease, environment: Environment) -> None:
        """Save it whole."""
        place = _environment_place(environment.name)
        row = {"document": self._database.documents.seal(as_data.encode(environment), place)}
        with self._database.transaction() as connection:
            check_lease(connection, lease)
            sql_database.upsert(connection, "environments", {"name": environment.name}, values=row)

    def delete_environment(self, lease: Lease) -> None:
        """After: unknown."""
        with self._database.transaction() as connection:
            check_lease(connection, lease)
            connection.execute("DELETE FROM environments WHERE name = ?", (lease.environment,))

    def list_environments(self) -> tuple[EnvironmentName, ...]:
        """Their names, sorted."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT name FROM environments ORDER BY name").fetchall()
        return tuple(EnvironmentName(row["name"]) for row in rows)

    def load_deployment(self, environment: EnvironmentName, deployment: OwnerName) -> DeploymentState | None:
        """The state as saved, or None. Raises StateError, code `state-version`."""
        with self._database.reading() as connection:
            row = connection.execute(f"{_DOCUMENTS} AND name = ?", (environment, deployment)).fetchone()
        return self._read(row["document"], environment, deployment) if row else None

    def list_deployments(self, environment: EnvironmentName) -> tuple[DeploymentState, ...]:
        """All of the environment, by name."""
        with self._database.reading() as connection:
            rows = connection.execute(f"{_DOCUMENTS} ORDER BY name", (environment,)).fetchall()
        return tuple(self._read(row["document"], environment, owner_name(row["name"])) for row in rows)

    def save_deployment(self, lease: Lease, state: DeploymentState) -> DeploymentState:
        """Save it whole; its serial grows by one."""
        saved = replace(state, serial=state.serial + 1)
        place = _deployment_place(saved.environment, saved.deployment)
        values = {"serial": saved.serial, "document": self._database.documents.seal(as_data.encode(saved), place)}
        key = {"environment": saved.environment, "name": saved.deployment}
        with self._database.transaction() as connection:
            check_lease(connection, lease)
            sql_database.upsert(connection, "deployments", key, values=values)
        return saved

    def delete_deployment(self, lease: Lease) -> None:
        """After: the deployment is unknown."""
        statement = "DELETE FROM deployments WHERE environment = ? AND name = ?"
        with self._database.transaction() as connection:
            check_lease(connection, lease)
            connection.execute(statement, (lease.environment, lease.deployment))

    def publish_dns(self, environment: EnvironmentName, dns: StoredDns | None, *, at: float) -> PublishedDns:
        """Replace one deployment's records; give all."""
        return sql_dns.publish(self._database, environment, dns, at=at)

    def load_dns(self, environment: EnvironmentName, deployment: OwnerName) -> StoredDns | None:
        """What was last published of a deployment."""
        return sql_dns.load(self._database, environment, deployment)

    def load_compile_times(self) -> Mapping[str, float]:
        """Seconds by package name."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT package, took_s FROM compile_times").fetchall()
        return {row["package"]: row["took_s"] for row in rows}

    def save_compile_times(self, took_s: Mapping[str, float]) -> None:
        """Set those of these packages."""
        with self._database.transaction() as connection:
            for package, seconds in took_s.items():
                sql_database.upsert(connection, "compile_times", {"package": package}, values={"took_s": seconds})

    def _read(self, document: bytes, environment: EnvironmentName, name: OwnerName) -> DeploymentState:
        known = self._known.get((environment, name))
        if known is None or known[0] != document:
            known = document, self._opened(document, environment, name)
            self._known[environment, name] = known
        return known[1]

    def _opened(self, document: bytes, environment: EnvironmentName, name: OwnerName) -> DeploymentState:
        path, whose = self._database.path, f"deployment '{name}'"
        data = self._database.documents.open_map(document, _deployment_place(environment, name), whose=whose)
        version = data.get("version")
        if isinstance(version, int) and version > STATE_VERSION:
            raise sql_refusals.newer_record(path, whose, f"its version is {version}, and {STATE_VERSION} is known")
        with sql_refusals.refusing_damage(path, whose):
            return state_document.decode(data)


def _environment_place(name: str) -> RowPlace:
    return RowPlace(table="environments", column="document", key=(name,))


def _deployment_place(environment: str, name: OwnerName) -> RowPlace:
    return RowPlace(table="deployments", column="document", key=(environment, deployment_text(name)))
