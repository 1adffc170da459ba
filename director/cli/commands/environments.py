"""`compleat environments` and `locks`: what this home has, and what is being changed.

Takes flags, gives tables.
"""

import importlib

import click
from click.core import ParameterSource

from director.app.use_cases import environments as listing
from director.app.wiring import records
from director.cli import options
from director.cli.terminal import showing
from director.model.ids import EnvironmentName
from director.model.report import Bill


@click.command("environments", epilog="Example: `compleat environments`")
@options.listing
@options.of_environment
def environments(shell: options.Shell) -> None:
    """List the environments of this home: cloud, region, since when, what runs there, and what 30 days of it cost.

    With -e, one. Prices are those of the lists that ship with the clouds; `compleat cost` has what was spent.
    """
    source = click.get_current_context().get_parameter_source("environment")
    only = shell.settings.environment if source is ParameterSource.COMMANDLINE else None
    with records.open_history(shell.settings) as history:
        table = listing.list_environments(history, lambda name: _bill(shell, name), only=only)
    showing.show_table(shell.terminal, table)


@click.command("locks", epilog="Example: `compleat locks`")
@options.listing
@options.of_environment
def locks(shell: options.Shell) -> None:
    """List what running commands have locked: deployments, or the whole environment."""
    with records.open_history(shell.settings) as history:
        table = listing.list_locks(history)
    showing.show_table(shell.terminal, table)


def _bill(shell: options.Shell, name: EnvironmentName) -> Bill:
    """Its module is imported with the first environment: a session needs much that a list does not."""
    bills = importlib.import_module("director.cli.environment_bills")
    bill: Bill = bills.read_bill(shell, name)
    return bill
