"""`compleat instances`: list instances as their agents see them now.

Takes flags, gives output and an exit code.
"""

import click

from director.app.use_cases import instances as listing
from director.app.use_cases.instances import InstanceColumns
from director.cli import opening, options
from director.cli.terminal import showing


@click.command("instances", epilog="Example: `compleat instances -d platform --ps`")
@click.option("--ps", "has_processes", is_flag=True, help="Show processes.")
@click.option("--vitals", "has_vitals", is_flag=True, help="Show uptime, load, CPU, memory, swap and disk.")
@click.option("--details", "-i", "has_details", is_flag=True, help="Show ids and the CIDs of persistent disks.")
@options.shared
def command(shell: options.Shell, *, has_processes: bool, has_vitals: bool, has_details: bool) -> None:
    """List instances and the state that their agents report."""
    with opening.quiet_session(shell) as session:
        wanted = InstanceColumns(has_processes=has_processes, has_vitals=has_vitals, has_details=has_details)
        table = listing.list_instances(session, shell.deployment, wanted)
    showing.show_table(shell.terminal, table)
