"""Configs in memory."""

from collections.abc import Iterable
from dataclasses import replace

from director.model.configs import StoredConfig
from director.model.ids import EnvironmentName


class MemoryConfigs:
    """Implements Configs."""

    def __init__(self) -> None:
        self._versions: list[StoredConfig] = []
        self._deleted: set[int] = set()

    def list_configs(self, environment: EnvironmentName) -> tuple[StoredConfig, ...]:
        return tuple(config for config in self._left() if config.environment == environment)

    def list_environments(self) -> tuple[EnvironmentName, ...]:
        return tuple(sorted({config.environment for config in self._left()}))

    def save_config(self, config: StoredConfig, *, replaces: int) -> StoredConfig | None:
        same = [each.number for each in self._left() if _key(each) == _key(config)]
        if max(same, default=0) != replaces:
            return None
        saved = replace(config, number=len(self._versions) + 1)
        self._versions.append(saved)
        return saved

    def delete_configs(self, configs: Iterable[StoredConfig]) -> None:
        self._deleted.update(config.number for config in configs)

    def _left(self) -> list[StoredConfig]:
        return [config for config in self._versions if config.number not in self._deleted]


def _key(config: StoredConfig) -> tuple[str, str, str]:
    return config.environment, config.type, config.name
