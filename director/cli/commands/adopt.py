"""`compleat adopt`: a lost or older state rebuilt from the clouds.

Takes flags, gives what was recorded and what else there is.
"""

import click

from director.app.sessions.reading import ManifestFiles
from director.app.sessions.session import Session
from director.app.use_cases import adopt, bundle_files
from director.cli import change, opening, options
from director.cli.terminal import showing
from director.model.report import Table
from director.report import tables


@click.command("adopt", epilog="Example: `compleat adopt manifests/examples/hello/hello.yml`")
@click.argument("manifests", nargs=-1, metavar="[MANIFEST]...")
@click.option("--bundle", help="A bundle whose deployments were deployed, as in `up --bundle`.")
@change.document_options
@options.watched
@options.of_environment
def command(
    shell: options.Shell, /, manifests: tuple[str, ...], *, bundle: str | None, **flags: tuple[str, ...]
) -> None:
    """Record in the state what the clouds have of an environment whose state was lost, or is older than they are.

    Each MANIFEST is the one that was deployed last. Nothing is created, changed or deleted. The same command continues
    after an interruption.
    """
    if any(flags.values()) and len(manifests) > 1:
        raise click.UsageError("Ops files and variables belong to one MANIFEST: adopt the others apart")
    with opening.task(shell) as session:
        files = (
            *(_of_bundle(session, bundle, flags) if bundle is not None else ()),
            *(change.manifest_files(session, manifest, flags) for manifest in manifests),
        )
        table = adopt.adopt(session, adopt.AdoptRequest(manifests=files, caller=shell.caller), _confirmed(shell))
    showing.show_table(shell.terminal, table)


def _of_bundle(session: Session, bundle: str, flags: change.Flags) -> tuple[ManifestFiles, ...]:
    _, requested = bundle_files.read_bundle(session, bundle, change.plain_values(flags["var"]))
    return tuple(each.files for each in requested)


def _confirmed(shell: options.Shell) -> adopt.Confirm:
    def confirm(table: Table) -> None:
        with shell.terminal.pausing():
            shell.confirm(tables.table_lines(table), "Record this?")

    return confirm
