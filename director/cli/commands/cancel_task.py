"""`compleat cancel-task`: an interrupted task closed by hand.

Takes a number, gives one line.
"""

import click

from director.app.use_cases import cancel
from director.cli import opening, options


@click.command("cancel-task", epilog="Example: `compleat cancel-task 3`")
@click.argument("number", type=int)
@options.of_environment
def command(shell: options.Shell, number: int) -> None:
    """Close task NUMBER, which was interrupted, without looking at what became of its calls.

    Only for clouds that cannot say: elsewhere the next command settles an interrupted task by itself.
    A task that still runs is stopped with Ctrl-C where it runs.
    """
    shell.confirm([f"Task {number} will be marked as cancelled, whatever the outcome of its calls."])
    with opening.quiet_session(shell) as session:
        task = cancel.cancel_task(session, number, caller=shell.caller)
    if shell.terminal.is_json:
        shell.terminal.say_json({"schema": "compleat.task/1", "task": task.number, "state": task.state.value})
    else:
        shell.terminal.say([f"Task {task.number} of '{', '.join(task.deployments) or task.environment}' is cancelled."])
