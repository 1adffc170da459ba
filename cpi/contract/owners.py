"""The owner of a cloud resource: an environment, a deployment of it or the environment itself, and an action.

Takes nothing, gives frozen values.
"""

from enum import Enum
from typing import Final

from cpi.contract.value_classes import dataclass


class EnvironmentItself(Enum):
    """In place of a deployment's name where the environment itself is meant: landing zone, stemcells, record.

    Its value is its text in tags, saved states, journals and leases; no deployment can have it as its name.
    """

    ENVIRONMENT_ITSELF = ""

    def __str__(self) -> str:
        return self.value


ENVIRONMENT_ITSELF: Final = EnvironmentItself.ENVIRONMENT_ITSELF


def deployment_text(deployment: str | EnvironmentItself) -> str:
    """As tags and states have it."""
    return deployment.value if isinstance(deployment, EnvironmentItself) else deployment


def deployment_of(text: str) -> str | EnvironmentItself:
    """The other way of `deployment_text`."""
    return text or ENVIRONMENT_ITSELF


def _check_deployment(deployment: str | EnvironmentItself | None) -> None:
    if deployment == "":
        raise ValueError("a deployment has a name; the environment itself is ENVIRONMENT_ITSELF")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerKey:
    """The owner of a cloud resource: set when it is created, so that compleat always finds it again.

    `deployment` is ENVIRONMENT_ITSELF for what belongs to no deployment (landing zone, stemcells).
    `action` is the id of the planned action that made it; unique for ever, so it is also the idempotency token.
    """

    environment: str
    deployment: str | EnvironmentItself
    action: str

    def __post_init__(self) -> None:
        _check_deployment(self.deployment)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerQuery:
    """Which of our resources to find; `deployment` None means all of the environment."""

    environment: str
    deployment: str | EnvironmentItself | None = None

    def __post_init__(self) -> None:
        _check_deployment(self.deployment)
