"""`compleat stemcells` and `delete-stemcell`: the stemcells of an environment.

Takes flags, gives output and an exit code.
"""

from collections.abc import Sequence

import click

from director.app.use_cases import delete_stemcell
from director.app.use_cases import stemcells as listing
from director.app.use_cases.delete_stemcell import StemcellDeletion
from director.cli import opening, options
from director.cli.terminal import showing, stemcell_showing
from director.errors import InputError
from director.model import cloud_names
from director.model.environments.uploaded_stemcell import UploadedStemcell


@click.command("stemcells", epilog="Example: `compleat stemcells`")
@options.listing
@options.of_environment
def stemcells(shell: options.Shell) -> None:
    """List the stemcells that the environment's clouds have, and the deployments that use them."""
    with opening.quiet_session(shell) as session:
        table = listing.list_stemcells(session)
    showing.show_table(shell.terminal, table)


@click.command("delete-stemcell", epilog="Example: `compleat delete-stemcell my-debian/12.1 -n`")
@click.argument("slug", metavar="NAME/VERSION")
@click.option("--force", is_flag=True, help="Also delete what a stored plan uses; that plan can no longer be applied.")
@options.of_environment
def delete(shell: options.Shell, slug: str, *, force: bool) -> None:
    """Delete an uploaded stemcell from every cloud that has it. A stemcell that something uses is not deleted."""
    name, slash, version = slug.partition("/")
    if not slash or not name or not version:
        raise InputError(
            "stemcell-not-named",
            f"'{slug}' does not name a version of a stemcell.",
            why="A stemcell is deleted by name and version.",
            fix="Write NAME/VERSION; `compleat stemcells` lists them.",
        )
    request = StemcellDeletion(name=name, version=version, caller=shell.caller, is_forced=force)

    def confirm(found: Sequence[UploadedStemcell]) -> None:
        shell.confirm([f"Stemcell {one.title} will be deleted{_on(one)}." for one in found])

    with opening.task(shell) as session:
        deleted = delete_stemcell.delete_stemcell(session, request, confirm)
    stemcell_showing.show_deleted(shell.terminal, deleted)


def _on(one: UploadedStemcell) -> str:
    cloud = cloud_names.shown_name(one.cloud)
    return f" from cloud '{cloud}'" if cloud else ""
