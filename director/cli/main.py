"""The command line's door: the table of commands, and how every error ends.

Takes arguments, gives an exit code: 0 done, 1 failed, 2 wrong use, 3 refused before anything was created,
4 interrupted and resumable, 5 lock held.
"""

import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from cpi.commands import WITH_COMMANDS
from cpi.errors import ExplainedError
from director.errors import Bug, Failures, InputError, LockedError, Problems
from director.text import nearest

COMMANDS: Mapping[str, tuple[str, str]] = {
    "up": ("director.cli.up", "Build an environment, deploy a bundle, try every login, print them."),
    "down": ("director.cli.down", "Remove an environment and prove that nothing is left."),
    "plan": ("director.cli.plan", "Show what deploy would do; writes nothing."),
    "deploy": ("director.cli.deploy", "Make a deployment be as its manifest says."),
    "delete-deployment": ("director.cli.delete_deployment", "Delete a deployment."),
    "deployments": ("director.cli.deployments", "List deployments."),
    "instances": ("director.cli.instances", "List instances, their processes and vitals."),
    "ssh": ("director.cli.ssh", "Open a shell, or run a command, on an instance."),
    "scp": ("director.cli.scp", "Copy files to or from an instance."),
    "logs": ("director.cli.logs", "Fetch or follow an instance's logs."),
    "tasks": ("director.cli.tasks", "List what was run."),
    "task": ("director.cli.task", "Show one task, action by action."),
    "cancel-task": ("director.cli.cancel_task", "Close an interrupted task by hand."),
    "events": ("director.cli.events", "List what was created, changed and deleted."),
    "errands": ("director.cli.errands", "List a deployment's errands."),
    "run-errand": ("director.cli.run_errand", "Run an errand."),
    "start": ("director.cli.start", "Start instances."),
    "stop": ("director.cli.stop", "Stop instances."),
    "restart": ("director.cli.restart", "Restart instances."),
    "recreate": ("director.cli.recreate", "Recreate the VMs of instances."),
    "creds": ("director.cli.creds", "List secrets, or show one."),
    "variables": ("director.cli.variables", "List a deployment's variables."),
    "interpolate": ("director.cli.interpolate", "Apply ops files and variables to a manifest."),
    "int": ("director.cli.interpolate", "The same as interpolate."),
    "interpolate-with-store": ("director.cli.interpolate_store", "The same, for --vars-store."),
    "cpi": ("director.cli.cpi", "Serve a cloud as a BOSH CPI executable."),
    "doctor": ("director.cli.doctor", "Check this machine and the environment's cloud."),
}
"""Name to module (which holds the click command `command`) and its one-line help: nothing is imported to list them."""


_SHARED_VALUES = ("-e", "--environment", "-d", "--deployment")
_SHARED_FLAGS = ("-n", "--non-interactive", "--json", "--no-color", "--tty")
_HIDDEN = frozenset({"int", "interpolate-with-store"})


class LazyCommands(click.Group):
    """Commands by name from the table, each imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names but aliases; clouds that have commands of their own stand last."""
        return [*(name for name in COMMANDS if name not in _HIDDEN), *WITH_COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module."""
        if cmd_name in WITH_COMMANDS:
            group: click.Command = importlib.import_module("director.cli.cloud_commands").make_group(cmd_name)
            return group
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in --help, out of the table alone."""
        with formatter.section("Commands"):
            helps = {**COMMANDS, **WITH_COMMANDS}
            formatter.write_dl([(name, helps[name][1]) for name in self.list_commands(ctx)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """A variables store may want values made: that module takes longer to import."""
        if args and args[0] not in COMMANDS and args[0] not in WITH_COMMANDS and not args[0].startswith("-"):
            near = nearest.nearest_word(args[0], self.list_commands(ctx))
            hint = f" Did you mean '{near}'?" if near else ""
            raise click.UsageError(f"There is no command '{args[0]}'.{hint}", ctx)
        if args and args[0] in {"int", "interpolate"} and any(word.startswith("--vars-store") for word in args):
            args = ["interpolate-with-store", *args[1:]]
        return super().resolve_command(ctx, args)


@click.command(
    cls=LazyCommands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: `compleat up` builds everything on this machine; `compleat down` removes it.",
)
@click.version_option(package_name="compleat", message="%(version)s")
def compleat() -> None:
    """One manifest, every cloud: a BOSH-compatible director."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code. A user never sees a traceback."""
    words = _command_first(sys.argv[1:] if arguments is None else arguments)
    try:
        code = compleat.main(args=words, prog_name="compleat", standalone_mode=False, auto_envvar_prefix="COMPLEAT")
    except click.ClickException as error:
        _refused(_misused(error), words)
        code = 2
    except click.Abort as error:
        # click turns Ctrl-C into an Abort of its own; one without that cause is somebody's no to a question.
        code = _interrupted(words) if isinstance(error.__cause__, KeyboardInterrupt) else _declined()
    except KeyboardInterrupt:
        code = _interrupted(words)
    except ExplainedError as error:
        code = _refused(_with_report(error), words)
    except BrokenPipeError:
        code = 1
    except Exception as error:
        code = _refused(_bug(error), words)
    sys.stdout.flush()
    # Threads may still wait for a call that nobody needs any more: leave without them.
    os._exit(code if isinstance(code, int) else 0)


def _command_first(words: Sequence[str]) -> list[str]:
    """`-e lab -d web deploy m.yml` as BOSH's users type it: what all commands share goes behind the command."""
    at = 0
    while at < len(words) and words[at] in (*_SHARED_VALUES, *_SHARED_FLAGS):
        at += 2 if words[at] in _SHARED_VALUES else 1
    end = at + (2 if words[at : at + 1] and words[at] in WITH_COMMANDS else 1)
    return [*words[at:end], *words[:at], *words[end:]]


def _refused(error: ExplainedError, words: Sequence[str]) -> int:
    errors = importlib.import_module("director.report.error_text")
    print("\n".join(errors.error_lines(error)), file=sys.stderr)
    if "--json" in words or os.environ.get("COMPLEAT_JSON"):
        print(json.dumps(importlib.import_module("director.report.as_json").error_json(error), indent=2))
    match error:
        case LockedError():
            return 5
        case InputError() | Problems():
            return 3
    return 4 if error.code == "interrupted" else 1


def _misused(error: click.ClickException) -> ExplainedError:
    """Wrong words on the command line, in our form."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = context.command_path if context else "compleat"
    usage = context.get_usage().removeprefix("Usage: ") if context else ""
    return ExplainedError(
        "wrong-usage",
        error.format_message().rstrip(".?") + ("?" if error.format_message().endswith("?") else "."),
        why=f"It is used so: {' '.join(usage.split())}" if usage else "",
        fix=f"`{path} --help` shows what it takes.",
    )


def _declined() -> int:
    print("Aborted; nothing was changed.", file=sys.stderr)
    return 2


def _interrupted(words: Sequence[str]) -> int:
    print(
        f"Interrupted. Nothing is lost. Run the same command again, it goes on:\n  compleat {' '.join(words)}",
        file=sys.stderr,
    )
    return 4


def _with_report(error: ExplainedError) -> ExplainedError:
    """The error; a Bug in it, found beside other work, gets the report that it asks to send."""
    for bug in error.failures if isinstance(error, Failures) else (error,):
        if isinstance(bug, Bug):
            found = _bug(bug.__cause__ or bug)
            bug.why, bug.fix = bug.why or found.why, found.fix
    return error


def _bug(error: BaseException) -> Bug:
    folder = Path(os.environ.get("COMPLEAT_HOME") or Path.home() / ".compleat") / "bugs"
    path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        # No values of variables: a traceback of names and lines holds no secret.
        path.write_text("".join(traceback.format_exception(error, chain=True)))
    except OSError as problem:
        return Bug("bug", f"compleat broke: {type(error).__name__}.", why=f"No report could be written: {problem}.")
    return Bug(
        "bug",
        f"compleat broke: {type(error).__name__}.",
        why=f"It happened where the file {path} says.",
        fix=f"Please report it with {path}. State and clouds are as the journal says; the same command goes on.",
    )


if __name__ == "__main__":
    main()
