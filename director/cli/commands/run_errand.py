"""`compleat run-errand`: a job that runs once.

Takes flags, gives what it said; the exit code is 1 when it failed.
"""

import click

from director.app.use_cases import errand
from director.cli import opening, options
from director.cli.terminal import showing
from director.errors import ActionFailedError
from director.plan.request import ErrandRequest


@click.command("run-errand", epilog="Example: `compleat run-errand -d platform smoke-tests`")
@click.argument("name")
@click.option("--instance", multiple=True, metavar="GROUP/INDEX", help="Run it on this instance only.")
@click.option("--keep-alive", is_flag=True, help="Keep the errand's VM for the next run.")
@click.option("--when-changed", is_flag=True, help="Only if an instance changed since the errand last succeeded there.")
@options.watched
@options.shared
def command(
    shell: options.Shell, /, *, name: str, instance: tuple[str, ...], keep_alive: bool, when_changed: bool
) -> None:
    """Run the errand NAME."""
    asked = ErrandRequest(name=name, instances=instance, is_keeping_alive=keep_alive, is_when_changed=when_changed)
    with opening.task(shell) as session:
        results = errand.run_errand(session, shell.needed_deployment(), errand=asked, caller=shell.caller)
    if not results and not shell.terminal.is_json:
        shell.terminal.say([f"Errand '{name}' was skipped: nothing has changed since it last succeeded."])
    showing.show_errand(shell.terminal, results)
    failed = [result.instance for result in results if result.exit_code]
    if failed:
        error = ActionFailedError("errand-failed", f"Errand '{name}' failed on {', '.join(failed)}.")
        showing.fail_after_report(shell.terminal, error)
