"""Saved state, under a lease.

Takes and gives values of director.model.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from cpi.contract.value_classes import dataclass
from director.model.environments.deployment_dns import PublishedDns, StoredDns
from director.model.environments.environment import Environment
from director.model.environments.state import DeploymentState
from director.model.ids import EnvironmentName, OwnerName
from director.model.tasks.caller import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to change one deployment. `token` grows with each lease: a stale holder's writes are refused."""

    environment: EnvironmentName
    deployment: OwnerName
    token: int


class StateStore(Protocol):
    """Safe to call from many threads and processes."""

    def hold_lease(
        self, environment: EnvironmentName, deployment: OwnerName, *, caller: Caller
    ) -> AbstractContextManager[Lease]:
        """Be the one writer; freed at exit, and by the kernel when the process dies.

        Raises LockedError: who holds it, since when, doing what; code `deployment-locked`, or `environment-locked`
        while all leases are held.
        """

    def hold_all_leases(
        self, environment: EnvironmentName, *, caller: Caller
    ) -> AbstractContextManager[Mapping[OwnerName, Lease]]:
        """Be the one writer of the environment and of every deployment in it, the environment's own first.

        While it is held `hold_lease` raises LockedError, code `environment-locked`, for deployments that do not exist
        yet too. Raises LockedError, code `deployment-locked`, when anybody holds a lease of the environment.
        """

    def is_held(self, environment: EnvironmentName, deployment: OwnerName) -> bool:
        """Whether a living process has the lease. Asking takes nothing."""

    def load_environment(self, name: EnvironmentName) -> Environment | None:
        """The environment as saved, or None."""

    def save_environment(self, lease: Lease, environment: Environment) -> None: ...

    def delete_environment(self, lease: Lease) -> None: ...

    def list_environments(self) -> tuple[EnvironmentName, ...]: ...

    def load_deployment(self, environment: EnvironmentName, deployment: OwnerName) -> DeploymentState | None:
        """The state as saved, or None. Raises StateError, code `state-version`, for one of a later version."""

    def list_deployments(self, environment: EnvironmentName) -> tuple[DeploymentState, ...]:
        """All of the environment, by name."""

    def save_deployment(self, lease: Lease, state: DeploymentState) -> DeploymentState:
        """Save it whole; gives it with its serial grown by one. Raises StateError, code `lease-lost`."""

    def delete_deployment(self, lease: Lease) -> None:
        """After: the deployment is unknown; its runs stay readable."""

    def publish_dns(self, environment: EnvironmentName, dns: StoredDns | None, *, at: float) -> PublishedDns:
        """Put one deployment's records in the place of its former ones, and give all of the environment.

        The version grows when, and only when, a record differs; it is later than any of a store that was lost, for it
        is never below the milliseconds of `at`. What was sent stays so until it differs. None changes nothing.
        """

    def load_dns(self, environment: EnvironmentName, deployment: OwnerName) -> StoredDns | None:
        """What was last published of a deployment, None if nothing was."""

    def load_compile_times(self) -> Mapping[str, float]:
        """Seconds by package name, of all environments: the last time of each."""

    def save_compile_times(self, took_s: Mapping[str, float]) -> None:
        """Set those of these packages; others stay."""
