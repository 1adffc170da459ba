"""`compleat instances`: list instances as their agents see them now.

Takes flags, gives output and an exit code.
"""

import click

from director.app.use_cases import instances as listing
from director.app.use_cases.instances import InstanceColumns
from director.cli import opening, options
from director.cli.terminal import showing


@click.command("instances", epilog="Example: `compleat instances -d platform --ps`")
@click.option("--ps", "-p", "has_processes", is_flag=True, help="Show processes.")
@click.option("--vitals", "has_vitals", is_flag=True, help="Show uptime, load, CPU, memory, swap and disk.")
@click.option("--details", "-i", "has_details", is_flag=True, help="Show ids and the CIDs of persistent disks.")
@click.option("--failing", "-f", "is_failing", is_flag=True, help="Show only what is not as it should be.")
@options.listing
@options.shared
def command(shell: options.Shell, /, **flags: bool) -> None:
    """List instances and the state that their agents report."""
    wanted = InstanceColumns(**flags)
    with opening.quiet_session(shell) as session:
        table = listing.list_instances(session, shell.deployment, wanted)
    showing.show_table(shell.terminal, table)


@click.command("vms", epilog="Example: `compleat vms -d platform --vitals`")
@click.option("--vitals", "has_vitals", is_flag=True, help="Show uptime, load, CPU, memory, swap and disk.")
@click.option("--cloud-properties", "has_cloud_properties", is_flag=True, help="Show cloud properties.")
@options.listing
@options.shared
def vms(shell: options.Shell, /, **flags: bool) -> None:
    """List instances that have a VM, and the state that their agents report."""
    wanted = InstanceColumns(**flags)
    with opening.quiet_session(shell) as session:
        table = listing.list_vms(session, shell.deployment, wanted)
    showing.show_table(shell.terminal, table)
