"""A StateStore in memory: what is saved survives the process, leases do not."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from cpi.contract.values import ENVIRONMENT_ITSELF
from director.errors import LockedError, StateError
from director.model.environments.deployment_dns import PublishedDns, StoredDns
from director.model.environments.environment import Environment
from director.model.environments.state import STATE_VERSION, DeploymentState
from director.model.ids import EnvironmentName, OwnerName
from director.model.tasks.caller import Caller
from director.ports.state_store import Lease
from tests.support.deaths import Deaths

_Key = tuple[EnvironmentName, OwnerName]


@dataclass(slots=True)
class StoreDisk:
    """What is on disk."""

    environments: dict[EnvironmentName, Environment] = field(default_factory=dict)
    deployments: dict[_Key, DeploymentState] = field(default_factory=dict)
    tokens: dict[_Key, int] = field(default_factory=dict)
    compile_times_s: dict[str, float] = field(default_factory=dict)
    dns: dict[EnvironmentName, dict[OwnerName, StoredDns]] = field(default_factory=dict)
    dns_versions: dict[EnvironmentName, int] = field(default_factory=dict)
    held: dict[_Key, str] = field(default_factory=dict)
    removers: dict[EnvironmentName, str] = field(default_factory=dict)

    def let_go(self) -> None:
        """What the kernel does when a process dies."""
        self.held.clear()
        self.removers.clear()


class MemoryStore:
    """Implements StateStore."""

    def __init__(self, disk: StoreDisk | None = None, deaths: Deaths | None = None) -> None:
        self.disk = disk or StoreDisk()
        self._deaths = deaths or Deaths()

    @contextmanager
    def hold_lease(self, environment: EnvironmentName, deployment: OwnerName, *, caller: Caller) -> Iterator[Lease]:
        key = (environment, deployment)
        remover = self.disk.removers.get(environment)
        if remover is not None:
            raise LockedError(
                "environment-locked", f"'{environment}' is being removed.", why=f"It is held by '{remover}'."
            )
        if key in self.disk.held:
            raise _locked(key, self.disk.held[key])
        try:
            yield self._take(key, caller.command)
        finally:
            del self.disk.held[key]

    def is_held(self, environment: EnvironmentName, deployment: OwnerName) -> bool:
        return (environment, deployment) in self.disk.held

    @contextmanager
    def hold_all_leases(self, environment: EnvironmentName, *, caller: Caller) -> Iterator[Mapping[OwnerName, Lease]]:
        taken = [(key, by) for key, by in self.disk.held.items() if key[0] == environment]
        if taken:
            raise _locked(*taken[0])
        own: OwnerName = ENVIRONMENT_ITSELF
        names = {own, *(name for of, name in self.disk.deployments if of == environment)}
        self.disk.removers[environment] = caller.command
        try:
            yield {name: self._take((environment, name), caller.command) for name in sorted(names, key=str)}
        finally:
            self.disk.removers.pop(environment, None)
            for name in names:
                self.disk.held.pop((environment, name), None)

    def _take(self, key: _Key, command: str) -> Lease:
        self.disk.tokens[key] = self.disk.tokens.get(key, 0) + 1
        self.disk.held[key] = command
        return Lease(environment=key[0], deployment=key[1], token=self.disk.tokens[key])

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

    def load_deployment(self, environment: EnvironmentName, deployment: OwnerName) -> DeploymentState | None:
        state = self.disk.deployments.get((environment, deployment))
        if state and state.version > STATE_VERSION:
            raise StateError(
                "state-version", f"The state of '{deployment}' was written by a newer version of compleat."
            )
        return state

    def list_deployments(self, environment: EnvironmentName) -> tuple[DeploymentState, ...]:
        names = sorted((name for of, name in self.disk.deployments if of == environment), key=str)
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

    def publish_dns(self, environment: EnvironmentName, dns: StoredDns | None, *, at: float) -> PublishedDns:
        self._deaths.passing("store: before publish_dns")
        known = self.disk.dns.setdefault(environment, {})
        if dns is not None:
            before = known.get(dns.dns.deployment)
            if before is None or before.dns != dns.dns:
                last = self.disk.dns_versions.get(environment, 0)
                self.disk.dns_versions[environment] = max(last + 1, int(at * 1000))
            elif before.is_sent:
                dns = before
            known[dns.dns.deployment] = dns
        deployments = tuple(known[name].dns for name in sorted(known, key=str))
        return PublishedDns(version=self.disk.dns_versions.get(environment, 0), deployments=deployments)

    def load_dns(self, environment: EnvironmentName, deployment: OwnerName) -> StoredDns | None:
        return self.disk.dns.get(environment, {}).get(deployment)

    def load_compile_times(self) -> Mapping[str, float]:
        return dict(self.disk.compile_times_s)

    def save_compile_times(self, took_s: Mapping[str, float]) -> None:
        self._deaths.passing("store: before compile times")
        self.disk.compile_times_s.update(took_s)


def _locked(key: _Key, by: str) -> LockedError:
    return LockedError("deployment-locked", f"'{key[1]}' is locked.", why=f"It is held by '{by}'.")
