"""A StateStore in memory: what is saved survives the process, leases do not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from director.errors import LockedError, StateError
from director.model.environment import Environment
from director.model.ids import DeploymentName, EnvironmentName
from director.model.state import STATE_VERSION, DeploymentState
from director.ports.state_store import Lease
from tests.support.deaths import Deaths

_Key = tuple[EnvironmentName, DeploymentName]


@dataclass(slots=True)
class StoreDisk:
    """What is on disk."""

    environments: dict[EnvironmentName, Environment] = field(default_factory=dict)
    deployments: dict[_Key, DeploymentState] = field(default_factory=dict)
    tokens: dict[_Key, int] = field(default_factory=dict)
    held: dict[_Key, str] = field(default_factory=dict)


class MemoryStore:
    """Implements StateStore."""

    def __init__(self, disk: StoreDisk | None = None, deaths: Deaths | None = None) -> None:
        self.disk = disk or StoreDisk()
        self._deaths = deaths or Deaths()

    @contextmanager
    def hold_lease(self, environment: EnvironmentName, deployment: DeploymentName, *, command: str) -> Iterator[Lease]:
        key = (environment, deployment)
        if key in self.disk.held:
            raise LockedError(
                "deployment-locked", f"'{deployment}' is locked.", why=f"It is held by '{self.disk.held[key]}'."
            )
        self.disk.tokens[key] = self.disk.tokens.get(key, 0) + 1
        self.disk.held[key] = command
        try:
            yield Lease(environment=environment, deployment=deployment, token=self.disk.tokens[key])
        finally:
            del self.disk.held[key]

    def is_held(self, environment: EnvironmentName, deployment: DeploymentName) -> bool:
        return (environment, deployment) in self.disk.held

    def check_lease(self, lease: Lease) -> None:
        """Raises StateError, code `lease-lost`, for a holder that was followed by another."""
        key = (lease.environment, lease.deployment)
        if key not in self.disk.held or self.disk.tokens.get(key) != lease.token:
            raise StateError("lease-lost", f"The lease of '{lease.deployment}' is not ours any more.")

    def load_environment(self, name: EnvironmentName) -> Environment | None:
        return self.disk.environments.get(name)

    def save_environment(self, lease: Lease, environment: Environment) -> None:
        self.check_lease(lease)
        self.disk.environments[environment.name] = environment

    def delete_environment(self, lease: Lease) -> None:
        self.check_lease(lease)
        self.disk.environments.pop(lease.environment, None)

    def list_environments(self) -> tuple[EnvironmentName, ...]:
        return tuple(sorted(self.disk.environments))

    def load_deployment(self, environment: EnvironmentName, deployment: DeploymentName) -> DeploymentState | None:
        state = self.disk.deployments.get((environment, deployment))
        if state and state.version > STATE_VERSION:
            raise StateError("state-version", f"The state of '{deployment}' is of a later version.")
        return state

    def list_deployments(self, environment: EnvironmentName) -> tuple[DeploymentState, ...]:
        names = sorted(name for of, name in self.disk.deployments if of == environment)
        return tuple(self.disk.deployments[environment, name] for name in names)

    def save_deployment(self, lease: Lease, state: DeploymentState) -> DeploymentState:
        self.check_lease(lease)
        self._deaths.passing("store: before save")
        known = self.disk.deployments.get((state.environment, state.deployment))
        saved = replace(state, serial=(known.serial if known else 0) + 1)
        self.disk.deployments[state.environment, state.deployment] = saved
        self._deaths.passing("store: after save")
        return saved

    def delete_deployment(self, lease: Lease) -> None:
        self.check_lease(lease)
        self._deaths.passing("store: before delete")
        self.disk.deployments.pop((lease.environment, lease.deployment), None)
        self._deaths.passing("store: after delete")
