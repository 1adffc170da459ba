"""`compleat instances`: list instances as their agents see them now.

Takes flags, gives output and an exit code.
"""

import click

from director.app.use_cases import instances as listing
from director.cli import opening, options
from director.cli.terminal import showing


@click.command("instances", epilog="Example: `compleat instances -d platform --ps`")
@click.option("--ps", "has_processes", is_flag=True, help="Show processes.")
@click.option("--vitals", "has_vitals", is_flag=True, help="Show uptime, load, CPU, memory, swap and disk.")
@options.shared
def command(shell: options.Shell, has_processes: bool, has_vitals: bool) -> None:
    """List instances and the state that their agents report."""
    with opening.quiet_session(shell) as session:
        table = listing.list_instances(session, shell.deployment, has_processes=has_processes, has_vitals=has_vitals)
    showing.show_table(shell.terminal, table)
