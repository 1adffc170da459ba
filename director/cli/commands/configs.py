"""`compleat configs`, `config`, `diff-config` and `delete-config`: what was stored.

Takes flags, gives output and an exit code.
"""

from collections.abc import Sequence

import click

from director.app.sessions.config_home import ConfigHome
from director.app.use_cases import stored_configs
from director.app.use_cases.stored_configs import ConfigChoice, ShownConfig
from director.app.wiring import config_homes
from director.cli import options
from director.cli.attached_values import AttachedCount
from director.cli.options import Shell
from director.cli.terminal import config_showing, showing
from director.cli.terminal.watching import Prompts
from director.errors import WrongUseError
from director.model.configs import DEFAULT_NAME, ConfigType, StoredConfig
from director.model.documents import Source

_TYPES = click.Choice([type_.value for type_ in ConfigType])
_NAMED = click.option("--name", default=DEFAULT_NAME, show_default=True, help="The config's name.")


@click.command("configs", epilog="Example: `compleat configs`")
@click.option("--type", "type_", type=_TYPES, help="Only configs of this type.")
@click.option("--name", help="Only configs of this name.")
@click.option(
    "-r",
    "--recent",
    type=AttachedCount(),
    is_flag=False,
    flag_value=1,
    metavar="N",
    help="The newest N versions of each.",
)
@options.listing
@options.of_environment
def configs(shell: Shell, *, type_: str | None, name: str | None, recent: int | None) -> None:
    """List the configs that deploys use: the current version of each, and files of the environment."""
    choice = ConfigChoice(type=_type(type_), name=name)
    with config_homes.open_config_home(shell.settings) as home:
        table = stored_configs.list_configs(home, choice, recent=recent)
    showing.show_table(shell.terminal, table)


@click.command("config", epilog="Example: `compleat config --type cloud --name default`")
@click.argument("number", metavar="[ID]", type=int, required=False)
@click.option("--type", "type_", type=_TYPES, help="The config's type.")
@click.option("--name", help="The config's name.")
@options.of_environment
def config(shell: Shell, *, number: int | None, type_: str | None, name: str | None) -> None:
    """Print a config: version ID, or the current version of a type and name."""
    _show(shell, _choice(number, type_, name))


@click.command("cloud-config", epilog="Example: `compleat cloud-config`")
@_NAMED
@options.of_environment
def cloud_config(shell: Shell, *, name: str) -> None:
    """Print the current cloud config."""
    _show(shell, ConfigChoice(type=ConfigType.CLOUD, name=name))


@click.command("runtime-config", epilog="Example: `compleat runtime-config`")
@_NAMED
@options.of_environment
def runtime_config(shell: Shell, *, name: str) -> None:
    """Print the current runtime config."""
    _show(shell, ConfigChoice(type=ConfigType.RUNTIME, name=name))


@click.command("cpi-config", epilog="Example: `compleat cpi-config`")
@_NAMED
@options.of_environment
def cpi_config(shell: Shell, *, name: str) -> None:
    """Print the current CPI config, with its credentials."""
    _show(shell, ConfigChoice(type=ConfigType.CPI, name=name))


_CONFIGS = "manifests/cloud-configs"
_DIFF = f"compleat diff-config --from-content {_CONFIGS}/local.yml --to-content {_CONFIGS}/aws.yml"


@click.command("diff-config", epilog=f"Example: `{_DIFF}`")
@click.option("--from-id", type=int, metavar="ID", help="The version to compare.")
@click.option("--from-content", metavar="PATH", help="The file to compare.")
@click.option("--to-id", type=int, metavar="ID", help="The version to compare with.")
@click.option("--to-content", metavar="PATH", help="The file to compare with.")
@options.of_environment
def diff(
    shell: Shell, *, from_id: int | None, from_content: str | None, to_id: int | None, to_content: str | None
) -> None:
    """Show what differs between two versions of a config, each of them stored or a file."""
    _require_one("from", number=from_id, path=from_content)
    _require_one("to", number=to_id, path=to_content)
    with config_homes.open_config_home(shell.settings) as home:
        before = _side(home, number=from_id, path=from_content)
        after = _side(home, number=to_id, path=to_content)
        lines = stored_configs.diff_configs(before, after)
    config_showing.show_diff(shell.terminal, lines)


@click.command("delete-config", epilog="Example: `compleat delete-config --type cloud --name more -n`")
@click.argument("number", metavar="[ID]", type=int, required=False)
@click.option("--type", "type_", type=_TYPES, help="The config's type.")
@click.option("--name", help="The config's name.")
@options.of_environment
def delete(shell: Shell, *, number: int | None, type_: str | None, name: str | None) -> None:
    """Delete version ID, or all versions of a type and name. A version in use is not deleted.

    Deleting the newest version makes the one before it current again.
    """
    choice = _choice(number, type_, name)

    def confirm(found: Sequence[StoredConfig]) -> None:
        shell.confirm([f"Version {each.number} of the {each.title} will be deleted." for each in found])

    watcher = Prompts(shell.terminal)
    with config_homes.open_config_task(shell.settings, shell.caller, watcher) as home:
        found = stored_configs.delete_configs(home, choice, confirm)
    config_showing.show_deleted(shell.terminal, found)


def _show(shell: Shell, choice: ConfigChoice) -> None:
    with config_homes.open_config_home(shell.settings) as home:
        shown: ShownConfig = stored_configs.show_config(home, choice)
    config_showing.show_config(shell.terminal, shown, type_=shown.stored.type if shown.stored else choice.type)


def _choice(number: int | None, type_: str | None, name: str | None) -> ConfigChoice:
    """BOSH's rule: an id alone, or a type and a name. Raises WrongUseError, code `config-not-named`."""
    is_whole = (number is None and type_ is not None and name is not None) or (
        number is not None and type_ is None and name is None
    )
    if not is_whole:
        raise WrongUseError(
            "config-not-named",
            "The command does not name a config.",
            why="Given were an id beside other options, or a type without a name." if number or type_ or name else "",
            fix="Give an ID, or both --type and --name; `compleat configs` lists them.",
        )
    return ConfigChoice(number=number, type=_type(type_), name=name)


def _type(text: str | None) -> ConfigType | None:
    return ConfigType(text) if text is not None else None


def _require_one(side: str, *, number: int | None, path: str | None) -> None:
    if (number is None) == (path is None):
        raise WrongUseError(
            "config-not-named",
            f"The command does not name what to compare: `{side}` is missing or double.",
            why="Exactly one of an id and a file is needed on each side.",
            fix=f"Give --{side}-id or --{side}-content.",
        )


def _side(home: ConfigHome, *, number: int | None, path: str | None) -> Source:
    if path is not None:
        return home.files.read_source(path)
    return stored_configs.show_config(home, ConfigChoice(number=number)).source
