"""`compleat manifest`: the manifest that a deployment was deployed with, last or in an earlier revision.

Takes flags, gives the document.
"""

import click

from director.app.use_cases import revisions
from director.app.wiring import records
from director.cli import options


@click.command("manifest", epilog="Example: `compleat manifest -d hello`")
@click.option("--revision", type=int, metavar="N", help="Print this revision instead; `history` lists them.")
@options.shared
def command(shell: options.Shell, revision: int | None) -> None:
    """Print the manifest of the last successful deploy, generated secrets as ((names)), values of flags as text."""
    name = shell.needed_deployment()
    with records.open_history(shell.settings) as history:
        found = revisions.records_of_history(history, name)
        manifest = revisions.deployed_manifest(found) if revision is None else None
        text = manifest or revisions.revision_manifest(found, revision or 0)
    if shell.terminal.is_json:
        shell.terminal.say_json({"schema": "compleat.manifest/1", "deployment": name, "manifest": text})
    else:
        shell.terminal.say_raw(text.encode())
