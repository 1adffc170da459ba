"""Configs that environments keep, version by version.

Takes and gives values of director.model.configs.
"""

from collections.abc import Iterable
from typing import Protocol

from director.model.configs import StoredConfig
from director.model.ids import EnvironmentName


class Configs(Protocol):
    """Safe to call from many threads and processes. A version is never changed, and its number never given again."""

    def list_configs(self, environment: EnvironmentName) -> tuple[StoredConfig, ...]:
        """Every version that was not deleted, the oldest first."""

    def list_environments(self) -> tuple[EnvironmentName, ...]:
        """Those that have a version which was not deleted, by name."""

    def save_config(self, config: StoredConfig, *, replaces: int) -> StoredConfig | None:
        """Store it, sealed, as the current version of its type and name; gives it with its number once it is on disk.

        `replaces` is the number of the version that it was compared with, 0 for none; None, with nothing stored, where
        another version is current.
        """

    def delete_configs(self, configs: Iterable[StoredConfig]) -> None:
        """After: these versions are not listed; the version before a deleted one is current. Twice is once."""
