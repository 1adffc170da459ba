"""The own commands of a cloud's plugin: `compleat CLOUD COMMAND`, made from what the plugin says of them.

Takes a plugin's name, gives a group. Nothing of the plugin but these words is imported before a command runs.
"""

import functools
from collections.abc import Callable
from typing import cast

import click

from cpi import plugins
from cpi.contract.commands import WITH_COMMANDS, CloudCommand, CommandOption
from director.app.sessions.environment_files import ReadFile
from director.app.use_cases import cloud_command
from director.app.use_cases.cloud_command import CommandRequest
from director.app.wiring.homes import Home
from director.cli import options
from director.cli.options import Shell
from director.report import as_json

_Command = Callable[..., None]


def make_group(plugin: str) -> click.Group:
    """All commands of the plugin, which must be one of WITH_COMMANDS."""
    found = {each.name: make_command(plugin, each) for each in plugins.find_commands(plugin)}
    return click.Group(plugin, commands=dict[str, click.Command](found), help=WITH_COMMANDS[plugin][1])


def make_command(plugin: str, described: CloudCommand) -> click.Command:
    """One of them; the exit code is 3 when it was refused before anything was made."""
    command: _Command = options.of_environment(functools.partial(_run, plugin=plugin, described=described))
    for option in reversed((*described.options, _CLOUD)):
        command = _option(option)(command)
    name = described.name
    return click.command(name, help=described.help, epilog=f"Example: `{described.example}`")(command)


_CLOUD = CommandOption(name="cloud", help="The cloud of the environment, if it has several of this kind.")


def _run(shell: Shell, /, *, plugin: str, described: CloudCommand, **given: str) -> None:
    cloud = given.pop(_CLOUD.name)
    with Home(shell.settings) as home:
        result = cloud_command.run_command(
            cast(ReadFile, home.part_named("environments", "read_environment")),
            shell.settings,
            CommandRequest(plugin=plugin, command=described, cloud=cloud, options=given),
            report=lambda line: shell.terminal.note([line]),
        )
    if shell.terminal.is_json:
        shell.terminal.say_json(as_json.cloud_command_json(plugin, described.name, result))
    else:
        shell.terminal.say(result.lines)


def _option(option: CommandOption) -> Callable[[_Command], _Command]:
    kind = click.Choice(option.choices) if option.choices else click.STRING
    metavar = None if option.choices else option.metavar
    return click.option(
        f"--{option.name}",
        type=kind,
        metavar=metavar,
        default=option.default,
        show_default=bool(option.default),
        help=option.help,
    )
