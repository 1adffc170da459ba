"""`compleat cancel-task`: a task stopped from another shell, or an interrupted one closed by hand.

Takes a number, gives one line.
"""

import click

from director.app.use_cases import cancel
from director.cli import opening, options
from director.model.tasks.task import TaskState


@click.command("cancel-task", epilog="Example: `compleat cancel-task 3`")
@click.argument("number", type=int)
@options.of_environment
def command(shell: options.Shell, number: int) -> None:
    """Stop task NUMBER, which another process runs: after 2 seconds at most it starts no new action.

    The stopped task can be continued. An interrupted task is closed, and its last calls are not looked for: do this
    only on a cloud that cannot find resources by their owner. On others the next command settles the task by itself.
    """
    with opening.quiet_session(shell) as session:
        task = cancel.cancel_task(session, number, caller=shell.caller, confirm=lambda words: shell.confirm([words]))
    if shell.terminal.is_json:
        shell.terminal.say_json({"schema": "compleat.task/1", "task": task.number, "state": task.state.value})
        return
    verb = "is being cancelled" if task.state is TaskState.CANCELLING else "is cancelled"
    shell.terminal.say([f"Task {task.number} of '{', '.join(task.deployments) or task.environment}' {verb}."])
