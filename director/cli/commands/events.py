"""`compleat events`: list what was created, changed and deleted, the newest first.

Takes flags, gives output and an exit code.
"""

import click

from director.app.use_cases import show
from director.app.wiring import records
from director.cli import moment_option, near_end, options
from director.cli.terminal import showing


@click.command("events", epilog="Example: `compleat events --recent 100`")
@click.option("--recent", type=click.IntRange(min=1), default=200, show_default=True, help="Maximum number of events.")
@click.option("--task", type=int, metavar="NUMBER", help="Only those of this task.")
@click.option("--instance", default="", metavar="GROUP/INDEX", help="Only those of this instance.")
@click.option("--event-user", "user", default="", metavar="NAME", help="Only those that this user caused.")
@click.option("--action", default="", metavar="WORDS", help="Only this action: create, 'create vm'.")
@click.option("--object-type", default="", metavar="WORDS", help="Only of this type: vm, disk, instance, package ...")
@click.option("--object-name", default="", metavar="TEXT", help="Only those whose subject has this text.")
@moment_option.shared
@options.listing
@options.shared
def command(shell: options.Shell, /, recent: int, **flags: str | float | None) -> None:
    """List what was created, changed and deleted, the newest first."""
    task, before, after = (_number(flags[name]) for name in ("task", "before", "after"))
    wanted = show.EventFilter(
        deployment=shell.deployment,
        limit=recent,
        before=before,
        after=after,
        task=None if task is None else int(task),
        **{name: str(flags[name]) for name in ("instance", "user", "action", "object_type", "object_name")},
    )
    with records.open_history(shell.settings) as history:
        near_end.tell(shell, history.store)
        table = show.list_events(history, wanted)
    showing.show_table(shell.terminal, table)


def _number(value: str | float | None) -> float | None:
    return None if value is None else float(value)
