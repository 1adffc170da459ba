"""The command as typed, for records, locks and messages: rebuilt from what click parsed, without secret values.

Takes a click context, gives one line and the values it left out.
"""

import shlex
from collections.abc import Iterator
from dataclasses import field

import click
from click.core import ParameterSource

from cpi.contract.value_classes import dataclass
from director.cli import optional_values
from director.cli.interrupts import Interrupts

OPEN = frozenset(
    {
        "environment",
        "column",
        "deployment",
        "manifest",
        "manifests",
        "ops_file",
        "vars_file",
        "var_file",
        "vars_env",
        "vars_store",
        "path",
        "picture",
        "bundle",
        "template",
        "instance",
        "name",
        "names",
        "number",
        "receipt",
        "save",
        "source",
        "target",
        "folder",
        "canaries",
        "max_cost",
        "max_in_flight",
        "skip_drain",
        "cid",
        "cloud",
        "config",
        "file",
        "slug",
    }
)
"""Parameters whose text may be shown: names, paths and numbers. The text of any other one may be a secret."""

HIDDEN = "..."
_OPEN_KINDS = (click.Choice, click.types.IntParamType, click.types.FloatParamType, click.types.BoolParamType)


@dataclass(slots=True)
class TypedCommand:
    """The command line of a process, if it is known: `line` may be shown, `hidden` may not."""

    line: str = "compleat"
    hidden: tuple[str, ...] = ()
    is_json: bool = False
    interrupts: Interrupts = field(default_factory=Interrupts)


def note(context: click.Context, *, is_json: bool) -> str:
    """Tell the process what was parsed, for messages about its end; gives the line."""
    line = command_line(context)
    typed = context.find_object(TypedCommand)
    if typed is not None:
        typed.line, typed.hidden, typed.is_json = line, tuple(_hidden(context)), is_json
    return line


def interrupts_of(context: click.Context) -> Interrupts:
    """The process's signals."""
    typed = context.find_object(TypedCommand)
    return typed.interrupts if typed is not None else Interrupts()


def command_line(context: click.Context) -> str:
    """The command with the options and arguments that were typed; values that are not known to be open are left out."""
    words = [word for parameter in _typed(context) for word in _words(parameter, context.params[parameter.name or ""])]
    return " ".join((context.command_path, shlex.join(words))).rstrip()


def _typed(context: click.Context) -> Iterator[click.Parameter]:
    for parameter in context.command.params:
        name = parameter.name or ""
        if name in context.params and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            yield parameter


def _words(parameter: click.Parameter, value: object) -> Iterator[str]:
    if isinstance(parameter, click.Option) and parameter.is_flag:
        yield max(parameter.opts if value or not parameter.secondary_opts else parameter.secondary_opts, key=len)
        return
    for text in _texts(value):
        shown = text if _is_open(parameter) else _shown(parameter, text)
        if not isinstance(parameter, click.Option):
            yield shown
        elif str(parameter.metavar or "").startswith("[="):
            yield max(parameter.opts, key=len) + ("" if text == optional_values.ALL else f"={shown}")
        else:
            yield from (max(parameter.opts, key=len), shown)


def _is_open(parameter: click.Parameter) -> bool:
    return parameter.name in OPEN or isinstance(parameter.type, _OPEN_KINDS)


def _shown(parameter: click.Parameter, text: str) -> str:
    """NAME=... where the option is a name with a value."""
    name, equals, _ = text.partition("=")
    is_named = equals and str(parameter.metavar or "").startswith("NAME=")
    return f"{name}={HIDDEN}" if is_named else HIDDEN


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, tuple | list) else (str(value),)


def _hidden(context: click.Context) -> Iterator[str]:
    for parameter in context.command.params:
        is_flag = isinstance(parameter, click.Option) and parameter.is_flag
        if is_flag or _is_open(parameter) or context.params.get(parameter.name or "") is None:
            continue
        for text in _texts(context.params[parameter.name or ""]):
            yield text.partition("=")[2] or text
