"""`compleat diff`: what a manifest or a revision would change in the deployed manifest.

Takes flags, gives output and an exit code.
"""

import click

from director.app.sessions import fingerprints
from director.app.use_cases import deploy as deploying
from director.app.use_cases import revisions
from director.app.wiring import records
from director.cli import change, opening, options
from director.report import revision_rows
from director.text import manifest_differences


@click.command("diff", epilog="Example: `compleat diff manifests/examples/hello/hello.yml`")
@click.argument("manifest", required=False)
@change.document_options
@click.option("--revision", type=int, metavar="N", help="Compare with this revision instead of a file.")
@options.shared
def command(shell: options.Shell, /, manifest: str | None, *, revision: int | None, **flags: tuple[str, ...]) -> None:
    """Show what differs from the deployed manifest, value by value: deployed -> MANIFEST. Nothing is changed.

    Of secrets the names are shown. `plan` shows what a deploy would do about it.
    """
    if (manifest is None) == (revision is None):
        raise click.UsageError("Name a MANIFEST, or a --revision.")
    if revision is not None and any(flags.values()):
        raise click.UsageError("--revision is compared as it was deployed: leave out ops files and variables.")
    name, before, after = _of_manifest(shell, manifest, flags) if manifest else _of_revision(shell, revision or 0)
    differences = manifest_differences.text_differences(before, after)
    if shell.terminal.is_json:
        document = revision_rows.difference_json(name, differences, before=None, after=revision)
        shell.terminal.say_json(document)
    else:
        shell.terminal.say(revision_rows.difference_lines(differences))


def _of_manifest(shell: options.Shell, manifest: str, flags: change.Flags) -> tuple[str, str, str]:
    """The deployment's name, its deployed manifest and the one given, both as they are saved."""
    with opening.quiet_session(shell) as session:
        environment = fingerprints.known_environment(session)
        request = deploying.DeployRequest(
            files=change.manifest_files(session, manifest, flags), caller=shell.caller, deployment=shell.deployment
        )
        desired = deploying.read(session, environment, request)
        name = str(desired.deployment)
        before = revisions.deployed_manifest(revisions.records_of_session(session, name))
    return name, before, desired.manifest


def _of_revision(shell: options.Shell, revision: int) -> tuple[str, str, str]:
    name = shell.needed_deployment()
    with records.open_history(shell.settings) as history:
        found = revisions.records_of_history(history, name)
        return name, revisions.deployed_manifest(found), revisions.revision_manifest(found, revision)
