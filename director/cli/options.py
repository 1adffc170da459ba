"""The options that all commands share, and what they parse into.

Takes a command function, gives it with the options added and a `Shell` as first argument.
"""

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Concatenate, ParamSpec

import click

from director.app.settings import Settings
from director.cli.terminal import Terminal
from director.errors import InputError
from director.model.ids import EnvironmentName

P = ParamSpec("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """What every command gets: the settings, the terminal, and whether it may ask."""

    settings: Settings
    terminal: Terminal
    is_asking: bool
    deployment: str

    def needed_deployment(self) -> str:
        """The deployment of -d. Raises InputError without it."""
        if not self.deployment:
            raise InputError(
                "deployment-not-named",
                "This command needs the name of a deployment.",
                why="Neither -d nor COMPLEAT_DEPLOYMENT says which.",
                fix="Add `-d NAME`; `compleat deployments` lists them.",
            )
        return self.deployment

    def confirm(self, question: str) -> None:
        """Ask, unless -n; raise click.Abort on a no."""
        if self.is_asking and self.terminal.is_interactive:
            click.confirm(question, abort=True, err=True)


def shared(command: Callable[Concatenate[Shell, P], None]) -> Callable[P, None]:
    """Add -e, -d, -n, --json, --no-color and --tty."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        command(_shell(kwargs), *args, **kwargs)

    options: Callable[P, None] = wrapped
    for option in reversed(_OPTIONS):
        options = option(options)
    return options


_OPTIONS = (
    click.option(
        "-e",
        "--environment",
        default="local",
        show_default=True,
        envvar="COMPLEAT_ENVIRONMENT",
        help="Environment name.",
    ),
    click.option("-d", "--deployment", default="", envvar="COMPLEAT_DEPLOYMENT", help="Deployment name."),
    click.option("-n", "--non-interactive", is_flag=True, envvar="COMPLEAT_NON_INTERACTIVE", help="Ask nothing."),
    click.option("--json", "as_json", is_flag=True, envvar="COMPLEAT_JSON", help="Print JSON."),
    click.option("--no-color", is_flag=True, envvar=["COMPLEAT_NO_COLOR", "NO_COLOR"], help="No colours."),
    click.option("--tty", is_flag=True, envvar="COMPLEAT_TTY", help="Behave as on a terminal."),
)


def _shell(options: dict[str, object]) -> Shell:
    terminal = Terminal(
        is_json=bool(options.pop("as_json")),
        has_color=not options.pop("no_color"),
        is_tty=bool(options.pop("tty")),
    )
    settings = Settings(home=str(find_home()), environment=EnvironmentName(str(options.pop("environment"))))
    return Shell(
        settings=settings,
        terminal=terminal,
        is_asking=not options.pop("non_interactive"),
        deployment=str(options.pop("deployment")),
    )


def find_home() -> Path:
    """COMPLEAT_HOME, or ~/.compleat."""
    return Path(os.environ.get("COMPLEAT_HOME") or Path.home() / ".compleat").absolute()
