"""The options that all commands share, and what they parse into.

Takes a command function, gives it with the options added and a `Shell` as first argument.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Concatenate, ParamSpec

import click

from cpi.contract.value_classes import dataclass
from director.app.sessions.settings import Settings
from director.cli import callers, home, program, typed_command
from director.cli.attached_values import AttachedText
from director.cli.interrupts import Interrupts
from director.cli.terminal.terminal import LogForm, Terminal
from director.errors import InputError
from director.model.ids import EnvironmentName
from director.model.tasks.caller import Caller

P = ParamSpec("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """What every command gets: the settings, the terminal, whether it may ask, who asks for what, and the signals."""

    settings: Settings
    terminal: Terminal
    is_asking: bool
    deployment: str | None
    caller: Caller
    interrupts: Interrupts
    is_watched: bool | None = None
    """Whether a page of its task is offered; None for wherever there is a terminal."""

    def needed_deployment(self) -> str:
        """The deployment of -d. Raises InputError without it."""
        if self.deployment is None:
            raise InputError(
                "deployment-not-named",
                "This command needs the name of a deployment.",
                why="Neither -d nor COMPLEAT_DEPLOYMENT is set.",
                fix="Add `-d NAME`; `compleat deployments` lists them.",
            )
        return self.deployment

    def confirm(self, lines: Sequence[str], question: str = "Continue?") -> None:
        """Show the lines and ask, unless -n. Raises DeclinedError on a no, WrongUseError without a terminal."""
        if self.is_asking:
            self.terminal.confirm(lines, question)


def shared(command: Callable[Concatenate[Shell, P], None]) -> Callable[P, None]:
    """Add -e, -d, -n, --json, --no-color and --tty."""
    return _with_options(command, (*_OF_ALL[:1], _DEPLOYMENT, *_OF_ALL[1:]))


def of_environment(command: Callable[Concatenate[Shell, P], None]) -> Callable[P, None]:
    """The same without -d: the command is about the whole environment."""
    return _with_options(command, _OF_ALL)


def listing(command: Callable[P, None]) -> Callable[P, None]:
    """Add --column, for commands that list."""
    return click.option("--column", multiple=True, metavar="NAME", help="Show only this column.")(command)


def watched(command: Callable[P, None]) -> Callable[P, None]:
    """Add --watch, --no-watch, --verbose and --events, for commands that are tasks."""
    for option in reversed(_OF_LOGS):
        command = option(command)
    return click.option(
        "--watch/--no-watch",
        default=None,
        envvar="COMPLEAT_WATCH",
        help="Offer a page that shows the task; by default on a terminal.",
    )(command)


def _with_options(
    command: Callable[Concatenate[Shell, P], None], options: Sequence[Callable[[Callable[P, None]], Callable[P, None]]]
) -> Callable[P, None]:
    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        command(_shell(kwargs), *args, **kwargs)

    decorated: Callable[P, None] = wrapped
    for option in reversed(options):
        decorated = option(decorated)
    return decorated


_OF_LOGS = (
    click.option("--verbose", is_flag=True, envvar="COMPLEAT_VERBOSE", help="Log each action."),
    click.option("--events", is_flag=True, help="Print events as JSON, one in each line, then the result."),
)
_OF_ALL = (
    click.option(
        "-e",
        "--environment",
        type=AttachedText(),
        default="local",
        show_default=True,
        envvar="COMPLEAT_ENVIRONMENT",
        help="Environment name.",
    ),
    click.option(
        "-n", "--non-interactive", is_flag=True, envvar="COMPLEAT_NON_INTERACTIVE", help="Do not ask for user input."
    ),
    click.option("--json", "as_json", is_flag=True, envvar="COMPLEAT_JSON", help="Print JSON."),
    click.option("--no-color", is_flag=True, envvar=["COMPLEAT_NO_COLOR", "NO_COLOR"], help="Print without colours."),
    click.option("--tty", is_flag=True, envvar="COMPLEAT_TTY", help="Behave as on a terminal."),
)
_DEPLOYMENT = click.option(
    "-d",
    "--deployment",
    type=AttachedText(),
    default="",
    envvar="COMPLEAT_DEPLOYMENT",
    help="Deployment name.",
)


def _shell(options: dict[str, object]) -> Shell:
    is_verbose, is_of_events = bool(options.pop("verbose", False)), bool(options.pop("events", False))
    terminal = Terminal(
        is_json=bool(options.pop("as_json")),
        log_form=LogForm.EVENTS if is_of_events else LogForm.ACTIONS if is_verbose else LogForm.SUMMARY,
        has_color=not options.pop("no_color"),
        is_tty=bool(options.pop("tty")),
        columns=_texts(options.pop("column", ())),
    )
    context = click.get_current_context()
    command = typed_command.note(context, is_json=terminal.is_json)
    settings = Settings(
        home=str(home.find_home()),
        environment=EnvironmentName(str(options.pop("environment"))),
        program=program.find_program(),
    )
    return Shell(
        settings=settings,
        terminal=terminal,
        is_asking=not options.pop("non_interactive"),
        deployment=str(options.pop("deployment", "")) or None,
        caller=callers.calling(command),
        interrupts=typed_command.interrupts_of(context),
        is_watched=_flag(options.pop("watch", None)),
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, tuple) else ()


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None
