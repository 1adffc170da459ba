"""`compleat history`: the manifests that were deployed, and what each changed.

Takes flags, gives output and an exit code.
"""

import click

from director.app.use_cases import revisions
from director.app.wiring import records
from director.cli import options
from director.cli.terminal import showing


@click.command("history", epilog="Example: `compleat history -d hello`")
@click.option(
    "--recent", type=click.IntRange(min=1), default=30, show_default=True, help="Maximum number of revisions."
)
@options.listing
@options.shared
def command(shell: options.Shell, recent: int) -> None:
    """List the revisions of a deployment, the newest first: manifests that were deployed successfully.

    A revision has the number of its task; `deploy --revision N` deploys it again.
    """
    name = shell.needed_deployment()
    with records.open_history(shell.settings) as history:
        table = revisions.list_revisions(revisions.records_of_history(history, name), limit=recent)
    showing.show_table(shell.terminal, table)
