"""`compleat task`: show one task, action by action, or its events; the newest without a number.

Takes flags, gives output and an exit code.
"""

import importlib
import time
from functools import partial

import click

from director.app.sessions.records import History
from director.app.use_cases import show, task_events
from director.app.wiring import records
from director.app.wiring.files import open_files
from director.app.wiring.homes import Home
from director.cli import near_end, options
from director.cli.terminal import showing
from director.report import progress

_OBSERVE_LIMIT_S = 0.3


@click.command("task", epilog="Example: `compleat task --event`")
@click.argument("number", type=int, required=False)
@click.option("--event", is_flag=True, help="Show its events, action by action.")
@click.option("-f", "--follow", is_flag=True, help="Show its log as it grows, until it ends or Ctrl-C.")
@click.option("--timeline", "picture", metavar="FILE", help="Draw its actions in time into FILE, as SVG.")
@options.of_environment
def command(shell: options.Shell, number: int | None, *, event: bool, follow: bool, picture: str | None) -> None:
    """Show one task, action by action; without NUMBER, the newest."""
    with records.open_history(shell.settings) as history:
        near_end.tell(shell, history.store)
        if picture is not None:
            _draw_timeline(shell, history, number, path=picture)
        if event or follow:
            _show_events(shell, history, number, is_following=follow, is_of_actions=event)
        else:
            showing.show_table(shell.terminal, show.show_task(history, number))


def _draw_timeline(shell: options.Shell, history: History, number: int | None, *, path: str) -> None:
    drawing = importlib.import_module("director.app.use_cases.pictures")
    Home(shell.settings).part(open_files).write_private(path, drawing.draw_timeline(history, number))


def _show_events(
    shell: options.Shell, history: History, number: int | None, *, is_following: bool, is_of_actions: bool
) -> None:
    pause = partial(time.sleep, _OBSERVE_LIMIT_S) if is_following else None
    events = task_events.follow_task(history, number, pause=pause)
    if shell.terminal.is_json:
        showing.show_table(shell.terminal, task_events.event_table(events))
        return
    in_line = progress.event_line if is_of_actions else progress.log_line
    count = 0
    for each in events:
        line = in_line(each)
        if line:
            count += 1
            shell.terminal.say([f"{time.strftime('%H:%M:%S', time.localtime(each.at))}  {line}"])
    if not count:
        shell.terminal.say(["No events."])
