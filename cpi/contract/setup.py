"""What a cloud knows before an environment is written: logins found on this machine, choices that its account has.

Takes nothing, gives values. A plugin's module says it by sources ("login", "location"), which templates name.
"""

from collections.abc import Callable, Mapping
from dataclasses import field

from cpi.contract.json_value import JsonValue
from cpi.contract.value_classes import dataclass

WITH_SETUP: Mapping[str, str] = {
    "aws": "cpi.clouds.aws.setup",
    "azure": "cpi.clouds.azure.setup",
    "openstack": "cpi.clouds.openstack.setup",
}
"""Plugins that suggest answers: the module that does (under the name SOURCES: a Suggest by source)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerChoice:
    """One possible answer. `label` describes it; "" where the value needs no description."""

    value: JsonValue
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """What is known of a question's answers before it is asked.

    `is_closed` means that no other answer can be right. `note` is what a person must know, such as why something is
    not known.
    """

    choices: tuple[AnswerChoice, ...] = ()
    default: JsonValue = None
    is_closed: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupCall:
    """`properties` are the plugin's settings that are answered so far; `user_home` is the user's folder."""

    environment: str
    properties: Mapping[str, JsonValue]
    user_home: str
    hints: Mapping[str, JsonValue] = field(default_factory=dict)
    """Other answers by their names, for sources that depend on one."""


Suggest = Callable[[SetupCall], Suggestions]
"""Raises CloudError: what the cloud answers. Creates nothing."""
