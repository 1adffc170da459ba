"""`compleat interpolate`: what `bosh interpolate` takes, and what it prints.

Takes flags, gives a document on standard output.
"""

import os
from collections.abc import Callable

import click

from director.app.sessions.settings import Settings
from director.app.use_cases import interpolate as interpolating
from director.app.wiring.files import open_files
from director.app.wiring.homes import Home
from director.cli import home, interpolation
from director.cli.interpolation import InterpolateFlags
from director.cli.terminal.terminal import Terminal
from director.model.ids import EnvironmentName
from director.text.variables.lookup import Mint

_Flag = tuple[str, ...] | str | bool | None
_Command = Callable[..., None]

_NO_MATTER = EnvironmentName("local")
"""Which environment: the command is about none."""


def make_command(mint: Mint | None) -> click.Command:
    """The command, with what generates values for a variables store."""

    def run(**flags: _Flag) -> None:
        """Print MANIFEST with ops files and variables applied."""
        files = Home(Settings(home=str(home.find_home()), environment=_NO_MATTER)).part(open_files)
        read = read_flags(**flags)
        request = interpolation.read_request(read, files, environ=os.environ, mint=mint)
        result = interpolating.run_interpolate(request)
        if result.vars_store is not None and read.vars_store:
            files.write_private(read.vars_store, result.vars_store)
        terminal = Terminal()
        terminal.note(interpolation.remark_lines(result))
        terminal.say_raw(result.output.encode())

    command: _Command = run
    for option in reversed(_OPTIONS):
        command = option(command)
    return click.command("interpolate", epilog=_EXAMPLE)(command)


def read_flags(**flags: _Flag) -> InterpolateFlags:
    """What click parsed. Raises click.BadParameter."""
    return InterpolateFlags(
        manifest=_text(flags["manifest"]) or "",
        ops_files=_texts(flags["ops_file"]),
        kvs=_texts(flags["var"]),
        vars_files=_texts(flags["vars_file"]),
        var_files=tuple(map(_named_file, _texts(flags["var_file"]))),
        env_prefixes=_texts(flags["vars_env"]),
        vars_store=_text(flags["vars_store"]),
        path=_text(flags["path"]),
        is_missing_an_error=bool(flags["var_errs"]),
        is_unused_an_error=bool(flags["var_errs_unused"]),
    )


_EXAMPLE = (
    "Example: `compleat interpolate manifests/platform/platform.yml -v console_public_ip=203.0.113.2 "
    "--path /instance_groups/name=console/networks`"
)
_OPTIONS = (
    click.argument("manifest"),
    click.option("-o", "--ops-file", multiple=True, metavar="PATH", help="Apply an ops file."),
    click.option("-v", "--var", multiple=True, metavar="NAME=VALUE", help="Set a variable."),
    click.option("-l", "--vars-file", multiple=True, metavar="PATH", help="Load variables from a YAML file."),
    click.option("--var-file", multiple=True, metavar="NAME=PATH", help="Set a variable to a file's text."),
    click.option("--vars-env", multiple=True, metavar="PREFIX", help="Load variables from the environment."),
    click.option("--vars-store", metavar="PATH", help="Load variables from a file, and save generated ones there."),
    click.option("--path", metavar="OP-PATH", help="Print only the value at this path."),
    click.option("--var-errs", is_flag=True, help="Expect all variables to be found."),
    click.option("--var-errs-unused", is_flag=True, help="Expect all variables to be used."),
)


def _named_file(text: str) -> tuple[str, str]:
    found = interpolation.named_path(text)
    if found is None:
        raise click.BadParameter(f"'{text}' is not NAME=PATH", param_hint="--var-file")
    return found


def _texts(value: _Flag) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _text(value: _Flag) -> str | None:
    return value if isinstance(value, str) else None


command = make_command(None)
