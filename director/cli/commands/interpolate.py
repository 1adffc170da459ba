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
from director.cli import home
from director.cli.terminal.terminal import Terminal
from director.model.documents import Source
from director.model.ids import EnvironmentName
from director.ports.files import Files
from director.text.variables.lookup import Mint
from director.text.variables.variables import VariableSources

_Command = Callable[..., None]

_NO_MATTER = EnvironmentName("local")
"""Which environment: the command is about none."""


def make_command(mint: Mint | None) -> click.Command:
    """The command, with what generates values for a variables store."""

    def run(manifest: str, vars_store: str | None, **flags: tuple[str, ...] | str | bool | None) -> None:
        """Print MANIFEST with ops files and variables applied."""
        files = Home(Settings(home=str(home.find_home()), environment=_NO_MATTER)).part(open_files)
        store = _store(files, vars_store)
        result = interpolating.run_interpolate(
            interpolating.InterpolateRequest(
                manifest=files.read_source(manifest),
                ops_files=_sources(files, flags["ops_file"]),
                sources=_variables(files, flags),
                vars_store=store,
                path=_text(flags["path"]),
                is_missing_an_error=bool(flags["var_errs"]),
                is_unused_an_error=bool(flags["var_errs_unused"]),
                mint=mint,
            )
        )
        if result.vars_store is not None and vars_store:
            files.write_private(vars_store, result.vars_store)
        terminal = Terminal()
        terminal.note(f"remark: {one.where}: {one.text} ({one.code})" for one in result.remarks)
        terminal.say_raw(result.output.encode())

    command: _Command = run
    for option in reversed(_OPTIONS):
        command = option(command)
    return click.command("interpolate", epilog=_EXAMPLE)(command)


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


def _variables(files: Files, flags: dict[str, tuple[str, ...] | str | bool | None]) -> VariableSources:
    prefixes = _texts(flags["vars_env"])
    return VariableSources(
        kvs=_texts(flags["var"]),
        var_files=tuple(_named_file(files, text) for text in _texts(flags["var_file"])),
        vars_files=_sources(files, flags["vars_file"]),
        env_prefixes=prefixes,
        env=dict(os.environ) if prefixes else {},
    )


def _named_file(files: Files, text: str) -> tuple[str, bytes]:
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise click.BadParameter(f"'{text}' is not NAME=PATH", param_hint="--var-file")
    return name, files.read_source(path).content


def _store(files: Files, path: str | None) -> Source | None:
    if path is None:
        return None
    return files.read_source(path) if files.is_there(path) else Source(name=path, content=b"")


def _sources(files: Files, paths: tuple[str, ...] | str | bool | None) -> tuple[Source, ...]:
    return tuple(files.read_source(path) for path in _texts(paths))


def _texts(value: tuple[str, ...] | str | bool | None) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _text(value: tuple[str, ...] | str | bool | None) -> str | None:
    return value if isinstance(value, str) else None


command = make_command(None)
