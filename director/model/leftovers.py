"""What clouds still have of environments and no state knows: where it was looked for, and what was found.

Takes nothing, gives frozen values.
"""

from collections.abc import Mapping
from dataclasses import field

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.model.cloud_names import CloudName
from director.model.environments.environment import Fingerprint
from director.model.ids import EnvironmentName


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedPlace:
    """A place where an environment was created once: the cloud's facts then, and the settings that led there.

    Secrets are not among `properties`.
    """

    environment: EnvironmentName
    cloud: CloudName
    plugin: str
    title: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, JsonValue] = field(default_factory=dict)

    @property
    def fingerprint(self) -> Fingerprint:
        """The same without the settings."""
        return Fingerprint(cloud=self.cloud, plugin=self.plugin, facts=self.facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """A resource with the environment's owner key that no state knows. `deployment` "": the environment's own.

    `deleted_by` has the command that deletes it.
    """

    kind: str
    cid: str
    name: str
    deployment: str = ""
    deleted_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceLeftovers:
    """What one place listed: `known` counts what a state knows. With `error` it was not listed."""

    place: UsedPlace
    at: float = 0.0
    known: int = 0
    left: tuple[Leftover, ...] = ()
    error: ExplainedError | None = None
