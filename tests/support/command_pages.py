"""The commands as the command line itself describes them.

Takes click's commands, gives Markdown.
"""

import importlib
import inspect
import re
from collections.abc import Iterator

import click

from director.cli import command_table as table
from director.cli import main
from director.cli.commands import cloud_commands

_EXAMPLE = re.compile(r"Example: `([^`]+)`")
_SHARED = frozenset({"environment", "non_interactive", "as_json", "no_color", "tty"})


def commands() -> tuple[tuple[str, click.Command], ...]:
    """Every command that --help lists, in its order; those of a group ("azure create-principal") where it stands."""
    return tuple(_commands(table.compleat, ()))


def _commands(group: click.Command, above: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    assert isinstance(group, click.Group)
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _commands(command, (*above, name))
        else:
            yield " ".join((*above, name)), command


def example(command: click.Command) -> str:
    """The command line of its example, "" without one."""
    found = _EXAMPLE.search(command.epilog or "")
    return found[1] if found else ""


def pages() -> str:
    """The whole of docs/reference/commands.md."""
    return "\n".join(_pages()) + "\n"


def _pages() -> Iterator[str]:
    yield "# Commands"
    yield ""
    yield "<!-- Made from the command line's own help by `make docs`. Do not edit. -->"
    yield ""
    yield "`compleat COMMAND --help` says the same. Options stand behind the command: `compleat up -e demo`."
    yield ""
    yield "| exit code | means |"
    yield "| --- | --- |"
    yield from (f"| {number} | {words} |" for number, words in exit_codes())
    yield ""
    yield "Options that every command takes but `interpolate`, which takes what `bosh interpolate` takes:"
    yield ""
    yield from _options(commands()[0][1], is_shared=True)
    for name, command in commands():
        yield from _page(name, command)


def exit_codes() -> list[tuple[str, str]]:
    """Number and meaning, out of the door's own docstring."""
    words = " ".join((inspect.getdoc(main) or "").partition("exit code:")[2].split()).rstrip(".")
    return [tuple(part.strip().split(" ", 1)) for part in words.split(",")]  # type: ignore[misc]


def _page(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=f"compleat {name}")
    usage = " ".join(["compleat", name, *command.collect_usage_pieces(context)])
    yield ""
    yield f"## {name}"
    yield ""
    yield inspect.cleandoc(command.help or table.COMMANDS[name][1])
    yield ""
    yield f"Usage: `{usage}`"
    own = list(_options(command, is_shared=False))
    yield from ["", *own] if len(own) > 2 else []
    ending = _ending(name)
    yield from ["", ending] if ending else []
    yield ""
    yield f"Example: `{example(command)}`"


def _options(command: click.Command, *, is_shared: bool) -> Iterator[str]:
    context = click.Context(command)
    yield "| option | |"
    yield "| --- | --- |"
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record and isinstance(parameter, click.Option) and (parameter.name in _SHARED) is is_shared:
            name = record[0].replace("|", "\\|")
            yield f"| `{name}` | {_help(parameter, record[1])} |"


def _help(parameter: click.Option, text: str) -> str:
    names = [parameter.envvar] if isinstance(parameter.envvar, str) else list(parameter.envvar or ())
    said = f" Variable: {', '.join(f'`{name}`' for name in names)}." if names else ""
    return f"{' '.join(text.split())}{said}"


def _ending(name: str) -> str:
    """What the command's module says of its exit code."""
    module = importlib.import_module(table.COMMANDS.get(name, (cloud_commands.__name__,))[0].partition(":")[0])
    text = " ".join((inspect.getdoc(module) or "").split())
    found = re.search(r"(the exit code is [^.;]*)\.", text)
    return f"{found[1][0].upper()}{found[1][1:]}." if found else ""
