"""`compleat bundle`: what a bundle consists of.

Takes flags, gives output and an exit code.
"""

import click

from director.app.use_cases import bundle_plan, up
from director.cli import change, opening, options
from director.cli.options import Shell
from director.cli.terminal import plan_showing

_PLATFORM = "platform"


@click.group("bundle")
def command() -> None:
    """See what a bundle downloads."""


@command.command("downloads", epilog=f"Example: `compleat bundle downloads {_PLATFORM}`")
@click.argument("bundle", default=_PLATFORM)
@click.option("-v", "--var", multiple=True, metavar="NAME=VALUE", help="Set a variable.")
@options.of_environment
def downloads(shell: Shell, /, *, bundle: str, var: tuple[str, ...]) -> None:
    """List the releases of BUNDLE with size, digest and where each comes from; nothing is downloaded.

    BUNDLE is a folder with an index.yml, or a bundle that ships with compleat.
    """
    with opening.quiet_session(shell) as session:
        request = up.UpRequest(bundle=bundle, caller=shell.caller, values=change.plain_values(var))
        table = bundle_plan.list_downloads(session, request)
    plan_showing.show_downloads(shell.terminal, table)
