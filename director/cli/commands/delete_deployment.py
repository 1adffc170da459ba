"""`compleat delete-deployment`: a deployment deleted, its disks kept as orphans until `down`.

Takes flags, gives how it ended.
"""

import click

from director.app.sessions import fingerprints
from director.app.use_cases import delete
from director.app.use_cases.deploy import Deployed
from director.cli import change, opening, options
from director.report import as_json


@click.command("delete-deployment", epilog="Example: `compleat delete-deployment -d hello`")
@click.option("--force", is_flag=True, help="Skip the agents, for VMs that do not answer.")
@options.watched
@options.shared
def command(shell: options.Shell, force: bool) -> None:
    """Delete the deployment's instances, VMs and secrets. Its disks stay, as orphans, until `down`."""
    name = shell.needed_deployment()
    with opening.task(shell) as session:
        if delete.is_already_deleted(session, name):
            _say_deleted(shell, name)
            return
        places = fingerprints.report_clouds(session)
        report = delete.delete_deployment(
            session, name, caller=shell.caller, is_forcing=force, confirm=change.confirmed(shell, session)
        )
    change.show_deployed(shell, Deployed(name=name, report=report), places)


def _say_deleted(shell: options.Shell, name: str) -> None:
    if shell.terminal.is_json:
        shell.terminal.say_json(as_json.unchanged_json(name, ()))
    else:
        shell.terminal.say([f"Deployment '{name}' is already deleted."])
