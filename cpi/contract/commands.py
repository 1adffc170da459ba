"""A cloud's own commands: what a plugin offers beside its cloud, told without importing what it takes to run it.

Takes nothing, gives descriptions. A command is prepared first (looks, refuses; makes nothing), then run.
"""

from collections.abc import Callable, Mapping
from dataclasses import field

from cpi.contract.json_value import JsonValue
from cpi.contract.value_classes import dataclass

WITH_COMMANDS: Mapping[str, tuple[str, str]] = {"azure": ("cpi.clouds.azure.commands", "Azure's own commands.")}
"""Plugins that have commands: the module that describes them (under the name COMMANDS), and a line of help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandOption:
    """`--name VALUE`. `choices` empty: any text."""

    name: str
    help: str
    metavar: str = "TEXT"
    default: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudCommand:
    """`compleat CLOUD NAME`. `module` holds `prepare`, a Prepare; it is imported when the command runs."""

    name: str
    help: str
    example: str
    options: tuple[CommandOption, ...]
    module: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandCall:
    """How it was called: the environment with its own tags, its cloud's properties as written, options by name.

    `tell` shows a line to a person at once, beside the result.
    """

    environment: str
    properties: Mapping[str, JsonValue]
    options: Mapping[str, str]
    report: Callable[[str], None]
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """The same as text and as JSON; no secrets."""

    lines: tuple[str, ...]
    data: Mapping[str, JsonValue]


Run = Callable[[], CommandResult]
Prepare = Callable[[CommandCall], Run]
"""Check and look up; create nothing. The returned function does the work; calling both again continues."""
