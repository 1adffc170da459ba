"""`compleat version`, `help` and `completion`: about the program itself.

Takes words, gives text.
"""

import click
from click.shell_completion import get_completion_class

_SHELLS = ("bash", "zsh", "fish")
_VARIABLE = "_COMPLEAT_COMPLETE"


@click.command("version", epilog="Example: `compleat version`")
@click.pass_context
def version(context: click.Context) -> None:
    """Print the version, as `--version` does."""
    context.find_root().command.main(["--version"], prog_name="compleat", standalone_mode=False)


@click.command("help", epilog="Example: `compleat help deploy`")
@click.argument("command", nargs=-1)
@click.pass_context
def help_(context: click.Context, command: tuple[str, ...]) -> None:
    """Show the help of COMMAND, as `compleat COMMAND --help` does; without it, the list of commands."""
    context.find_root().command.main([*command, "--help"], prog_name="compleat", standalone_mode=False)


@click.command("completion", epilog="Example: `compleat completion fish`")
@click.argument("shell_name", metavar="SHELL", type=click.Choice(_SHELLS))
@click.pass_context
def completion(context: click.Context, shell_name: str) -> None:
    """Print a script for SHELL (bash, zsh or fish) that completes commands and options."""
    found = get_completion_class(shell_name)
    assert found is not None, "click completes in these shells"
    click.echo(found(context.find_root().command, {}, "compleat", _VARIABLE).source())
