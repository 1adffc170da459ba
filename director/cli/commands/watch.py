"""`compleat watch`: the page of a task, until Ctrl-C; the newest task without a number.

Takes flags, gives the page's address.
"""

import contextlib

import click

from director.app.use_cases import show
from director.app.wiring import records
from director.cli import near_end, options, page_process


@click.command("watch", epilog="Example: `compleat watch`")
@click.argument("number", type=int, required=False)
@options.of_environment
def command(shell: options.Shell, number: int | None) -> None:
    """Serve a page of a task on this machine, until Ctrl-C; without NUMBER, of the newest and those after it."""
    with records.open_history(shell.settings) as history:
        near_end.tell(shell, history.store)
        history.require_history()
        task = show.find_task(history, number)
    with page_process.page_process(shell.settings, task.number, is_following=number is None) as page:
        if shell.terminal.is_json:
            shell.terminal.say_json({"schema": "compleat.watch/1", "task": task.number, "url": page.url})
        else:
            shell.terminal.say([f"Watch: {page.url}", "Ctrl-C ends it."])
        try:
            with contextlib.suppress(KeyboardInterrupt):  # the way to end it
                page.process.wait()
        finally:
            page.process.terminate()
