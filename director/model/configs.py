"""Configs that an environment keeps: cloud, runtime and CPI configs, each version of them.

Takes nothing, gives frozen values. Source: cloudfoundry/bosh src/bosh-director/lib/bosh/director/models/config.rb.
"""

from collections.abc import Iterable
from dataclasses import field
from enum import Enum, StrEnum

from cpi.contract.value_classes import dataclass
from director.model.documents import Source
from director.model.ids import EnvironmentName

DEFAULT_NAME = "default"
"""The name of a config that is given none, and of the one that the environment's file names."""


class ConfigType(StrEnum):
    """The types that BOSH's director, its health monitor and its command line know; and what templates become."""

    CLOUD = "cloud"
    RUNTIME = "runtime"
    CPI = "cpi"
    RESURRECTION = "resurrection"
    DEPLOY = "deploy"
    TEMPLATE = "template"
    """What a template described when it was deployed, and what it adds to the cloud config: no person writes it."""

    PLACE = "place"
    """Where an environment was created once, with the settings that lead there: no person writes it either."""


WRITTEN = tuple(type_ for type_ in ConfigType if type_ not in {ConfigType.TEMPLATE, ConfigType.PLACE})
"""Those that people write."""
EFFECTIVE = frozenset({ConfigType.CLOUD, ConfigType.RUNTIME, ConfigType.CPI})
"""Those that change what is deployed; the others are kept, with a remark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredConfig:
    """One version of a config. `number` is unique in the home; 0 before it is stored.

    `content` is YAML as it was given, after ops and variables; it may hold secrets.
    """

    environment: EnvironmentName
    type: ConfigType
    name: str
    content: str = field(repr=False)
    number: int = 0
    who: str = ""
    at: float = 0.0

    @property
    def title(self) -> str:
        """The config as messages name it."""
        kind = "CPI" if self.type is ConfigType.CPI else self.type
        return f"{kind} config '{self.name}'"


class LineChange(Enum):
    """How a line of a diff differs, as BOSH's director answers it."""

    ADDED = "added"
    REMOVED = "removed"
    NONE = None


_SIGNS = {LineChange.ADDED: "+", LineChange.REMOVED: "-", LineChange.NONE: " "}


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffLine:
    """A line of YAML, and whether it came, went, or only says where the others are."""

    text: str
    change: LineChange = LineChange.NONE

    def __str__(self) -> str:
        return f"{_SIGNS[self.change]} {self.text}".rstrip()


class KeptConfigs:
    """The current versions of an environment's configs: the newest of each type and name, by their numbers.

    `given` is the document of a config that is about to be stored, under the name that its author knows it by.
    """

    def __init__(self, versions: Iterable[StoredConfig] = (), *, given: Source | None = None) -> None:
        newest: dict[tuple[ConfigType, str], StoredConfig] = {}
        for config in sorted(versions, key=_order):
            newest[config.type, config.name] = config
        self.current = tuple(sorted(newest.values(), key=_order))
        self._given = given

    def of_type(self, type_: ConfigType) -> tuple[StoredConfig, ...]:
        """Those of the type."""
        return tuple(config for config in self.current if config.type is type_)

    def find(self, type_: ConfigType, name: str) -> StoredConfig | None:
        """The one of that type and name, or None."""
        return next((config for config in self.of_type(type_) if config.name == name), None)

    def source_of(self, config: StoredConfig) -> Source:
        """The document; its name tells it from a file."""
        if self._given is not None and not config.number:
            return self._given
        return Source(name=f"{config.type}-config/{config.name}", content=config.content.encode())


def _order(config: StoredConfig) -> tuple[bool, int]:
    """One that is not stored yet will be the newest."""
    return not config.number, config.number
