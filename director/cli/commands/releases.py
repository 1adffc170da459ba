"""`compleat releases`, `inspect-release` and `delete-release`: what was uploaded.

Takes flags, gives output and an exit code.
"""

from collections.abc import Sequence

import click

from director.app.use_cases import uploaded_releases
from director.app.wiring import release_homes
from director.cli import options
from director.cli.terminal import showing
from director.model.releases.uploaded_release import UploadedRelease


@click.command("releases", epilog="Example: `compleat releases`")
@options.listing
@options.of_environment
def releases(shell: options.Shell) -> None:
    """List uploaded releases; of each, the newest version comes first."""
    with release_homes.open_release_home(shell.settings) as home:
        table = uploaded_releases.list_releases(home)
    showing.show_table(shell.terminal, table)


@click.command("inspect-release", epilog="Example: `compleat inspect-release hello/0+dev.1`")
@click.argument("slug", metavar="NAME/VERSION")
@options.listing
@options.of_environment
def inspect(shell: options.Shell, slug: str) -> None:
    """Show the jobs and packages of an uploaded release."""
    with release_homes.open_release_home(shell.settings) as home:
        table = uploaded_releases.inspect_release(home, slug)
    showing.show_table(shell.terminal, table)


@click.command("delete-release", epilog="Example: `compleat delete-release hello/0+dev.1 -n`")
@click.argument("slug", metavar="NAME[/VERSION]")
@click.option("--force", is_flag=True, help="Also delete what a stored plan uses; that plan can no longer be applied.")
@options.of_environment
def delete(shell: options.Shell, slug: str, *, force: bool) -> None:
    """Delete an uploaded release, or all its versions. A release that something uses is not deleted."""

    def confirm(found: Sequence[UploadedRelease]) -> None:
        shell.confirm([f"Release {each.title} will be deleted." for each in found])

    with release_homes.open_release_task(shell.settings, shell.caller) as home:
        count = uploaded_releases.delete_releases(home, slug, confirm, is_forced=force)
    showing.show_deleted_releases(shell.terminal, slug, count)
