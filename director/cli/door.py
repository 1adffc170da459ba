"""How a command ends: done, refused, interrupted or broken, each with its words and its exit code.

Takes words and the signals of the process, gives an exit code.
"""

import importlib
import os
import sys
import time
from collections.abc import Sequence

import click

from cpi.contract.commands import WITH_COMMANDS
from cpi.contract.errors import ExplainedError
from director import errors
from director.cli import command_table, machine_faults
from director.cli.bosh_commands import BOSH_GLOBAL_OPTIONS, BOSH_OPTIONS
from director.cli.interrupts import Interrupts
from director.cli.typed_command import TypedCommand
from director.errors import Bug, DeclinedError, Failures, InputError, LockedError, Problems, WrongUseError
from director.text import nearest

_SHARED_VALUES = ("-e", "--environment", "-d", "--deployment")
_SHARED_FLAGS = ("-n", "--non-interactive", "--json", "--no-color", "--tty")
_REFUSALS = "director.cli.terminal.refusals"
_SHORTEST = 4
"""A shorter value is left in a bug report: it would blot out half of it."""


class Door:
    """One command of one process."""

    def __init__(self, words: Sequence[str], interrupts: Interrupts) -> None:
        self._words = _command_first(words)
        self._interrupts = interrupts
        is_json = "--json" in words or bool(os.environ.get("COMPLEAT_JSON"))
        self._typed = TypedCommand(is_json=is_json, interrupts=interrupts)

    def run(self) -> int:
        """Run the command to its end. Raises KeyboardInterrupt and unexpected exceptions."""
        try:
            code = command_table.compleat.main(
                args=self._words,
                prog_name="compleat",
                standalone_mode=False,
                auto_envvar_prefix="COMPLEAT",
                obj=self._typed,
            )
            sys.stdout.flush()  # what click itself printed
        except click.Abort as error:  # what click makes of Ctrl-C
            raise KeyboardInterrupt from error
        except DeclinedError as error:
            importlib.import_module(_REFUSALS).show_words([error.what])
            return 2
        except click.ClickException as error:
            return self._refused(_misused(error))
        except ExplainedError as error:
            return self.end_refused(error)
        return code if isinstance(code, int) else 0

    def end_refused(self, error: ExplainedError) -> int:
        """Describe what stopped the command."""
        return self._refused(self._with_report(error))

    def end_interrupted(self) -> int:
        """Somebody stopped it between two calls of a run, or where nothing ran."""
        noted = self._interrupts.noted
        cause = f"The process was sent {noted.name if noted else 'SIGINT'}"
        return self._refused(errors.interrupted(self._typed.line, cause=cause))

    def end_broken(self, error: Exception) -> int:
        """Describe an unexpected exception; after a signal, as an interruption by that signal.

        What is of this machine is no bug.
        """
        if self._interrupts.noted is not None:
            return self.end_interrupted()
        of_machine = machine_faults.explain(error)
        if of_machine is not None:
            return self._refused(of_machine)
        return self._refused(_bug(error, self._typed.hidden))

    def _with_report(self, error: ExplainedError) -> ExplainedError:
        """The error; a Bug in it, found beside other work, gets the report that it asks to send."""
        for bug in error.failures if isinstance(error, Failures) else (error,):
            if isinstance(bug, Bug):
                found = _bug(bug.__cause__ or bug, self._typed.hidden)
                bug.why, bug.fix = bug.why or found.why, found.fix
        return error

    def _refused(self, error: ExplainedError) -> int:
        self._interrupts.ignore()
        importlib.import_module(_REFUSALS).show_error(error, is_json=self._typed.is_json)
        return _code_of(error)


def _code_of(error: ExplainedError) -> int:
    match error:
        case LockedError():
            return 5
        case WrongUseError():
            return 2
        case InputError() | Problems():
            return 3
    return {"wrong-usage": 2, "interrupted": 4, "task-cancelled": 4}.get(error.code, 1)


def _command_first(words: Sequence[str]) -> list[str]:
    """`-e lab -d web deploy m.yml` as BOSH's users type it: what all commands share goes behind the command."""
    at = 0
    while at < len(words) and words[at].partition("=")[0] in (*_SHARED_VALUES, *_SHARED_FLAGS):
        at += 2 if words[at] in _SHARED_VALUES else 1
    end = at + (2 if words[at : at + 1] and words[at] in WITH_COMMANDS else 1)
    return [*words[at:end], *words[:at], *words[end:]]


def _misused(error: click.ClickException) -> ExplainedError:
    """Wrong words on the command line, in our form."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = context.command_path if context else "compleat"
    usage = context.get_usage().removeprefix("Usage: ") if context else ""
    instead = _bosh_option(error)
    text = " ".join(error.format_message().split())
    if isinstance(error, click.NoSuchOption):
        near = "" if instead else nearest.nearest_word(error.option_name, error.possibilities or ())
        text = f"No such option '{error.option_name}'." + (f" Did you mean '{near}'?" if near else "")
    return ExplainedError(
        "wrong-usage",
        text.rstrip(".?") + ("?" if text.endswith("?") else "."),
        why=f"Usage: {' '.join(usage.split())}" if usage else "",
        fix=instead or f"`{path} --help` shows its arguments.",
    )


def _bosh_option(error: click.ClickException) -> str:
    """What to type in place of an option that the BOSH CLI's command of this name has."""
    if not isinstance(error, click.NoSuchOption) or error.ctx is None:
        return ""
    of_all = BOSH_GLOBAL_OPTIONS.get(error.option_name, "")
    return BOSH_OPTIONS.get(f"{error.ctx.info_name} {error.option_name}", of_all)


def _bug(error: BaseException, hidden: tuple[str, ...]) -> Bug:
    text = "".join(importlib.import_module("traceback").format_exception(error, chain=True))
    for value in hidden:
        text = text.replace(value, "...") if len(value) >= _SHORTEST else text
    try:
        path = (
            importlib.import_module("director.cli.home").find_home()
            / "bugs"
            / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
        )
        for folder in (path.parents[1], path.parent):  # each by itself: parents would get the umask's mode
            folder.mkdir(mode=0o700, parents=folder != path.parent, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(text)
    except (OSError, WrongUseError) as problem:
        return Bug("bug", f"compleat crashed: {type(error).__name__}.", why=f"No crash report was written: {problem}.")
    return Bug(
        "bug",
        f"compleat crashed: {type(error).__name__}.",
        why=f"The file {path} has the details.",
        fix=f"Please report it with {path}. The journal matches state and clouds; the same command continues.",
    )
