"""`compleat update-config` and its fellows for one type: a new version of a config.

Takes flags, gives output and an exit code.
"""

from collections.abc import Callable, Sequence

import click

from director.app.use_cases import update_config as updating
from director.app.wiring import config_homes
from director.cli import change, options
from director.cli.options import Shell
from director.cli.terminal import config_showing
from director.cli.terminal.watching import Prompts
from director.model.configs import DEFAULT_NAME, WRITTEN, ConfigType, DiffLine

_Command = Callable[..., None]
_FILES = "manifests/examples/configs"
_EXAMPLE = f"Example: `compleat update-config --type cloud --name more {_FILES}/vm-types.yml`"
_EXAMPLES = {
    ConfigType.CLOUD: f"compleat update-cloud-config --name more {_FILES}/vm-types.yml",
    ConfigType.RUNTIME: f"compleat update-runtime-config {_FILES}/tags.yml",
    ConfigType.CPI: "compleat update-cpi-config cpis.yml",
}
_TYPES = click.Choice([type_.value for type_ in WRITTEN])


@click.command("update-config", epilog=_EXAMPLE)
@click.argument("path")
@click.option("--type", "type_", required=True, type=_TYPES, help="The config's type.")
@click.option("--name", required=True, help="The config's name.")
@change.document_options
@options.of_environment
def command(shell: Shell, /, path: str, *, type_: str, name: str, **flags: tuple[str, ...]) -> None:
    """Store PATH as the current version of a config, after the checks that a plan makes.

    The differences are shown first. A deployment uses it from its next deploy on.
    """
    _update(shell, ConfigType(type_), path, name=name, flags=flags)


def _command_of(type_: ConfigType, title: str) -> click.Command:
    def run(shell: Shell, /, path: str, *, name: str, **flags: tuple[str, ...]) -> None:
        _update(shell, type_, path, name=name, flags=flags)

    run.__doc__ = f"Store PATH as the current {title}, after the checks that a plan makes."
    found: _Command = change.document_options(options.of_environment(run))
    found = click.option("--name", default=DEFAULT_NAME, show_default=True, help="The config's name.")(found)
    found = click.argument("path")(found)
    name = f"update-{type_}-config"
    return click.command(name, help=run.__doc__, epilog=f"Example: `{_EXAMPLES[type_]}`")(found)


cloud = _command_of(ConfigType.CLOUD, "cloud config")
runtime = _command_of(ConfigType.RUNTIME, "runtime config")
cpi = _command_of(ConfigType.CPI, "CPI config")


def _update(shell: Shell, type_: ConfigType, path: str, *, name: str, flags: change.Flags) -> None:
    def confirm(lines: Sequence[DiffLine]) -> None:
        shell.confirm([str(line) for line in lines])

    with config_homes.open_config_task(shell.settings, shell.caller, Prompts(shell.terminal)) as home:
        given = change.given_documents(home.files, flags)
        update = updating.ConfigUpdate(
            type=type_,
            name=name,
            document=home.files.read_source(path),
            caller=shell.caller,
            ops=given.ops,
            variables=given.variables,
        )
        updated = updating.update_config(home, update, confirm)
    config_showing.show_update(shell.terminal, updated)
