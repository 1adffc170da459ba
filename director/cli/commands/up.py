"""`compleat up`: everything, from nothing to tried logins.

Takes flags, gives the report; the exit code is 1 when a line of it does not work.
"""

import click

from director.app.use_cases import up
from director.cli import change, cost_option, opening, options, quota_options
from director.cli.terminal import showing
from director.errors import ActionFailedError, InputError


@click.command("up", epilog="Example: `compleat up`")
@click.argument("template", required=False)
@click.option("--bundle", default="platform", show_default=True, help="A bundle that ships with compleat, or a folder.")
@click.option("-v", "--var", multiple=True, metavar="NAME=VALUE", help="Set a variable.")
@change.regenerate_option
@cost_option.shared
@quota_options.shared
@options.watched
@options.of_environment
def command(
    shell: options.Shell,
    /,
    *,
    template: str | None,
    bundle: str,
    var: tuple[str, ...],
    regenerate: tuple[str, ...],
    **quota: object,
) -> None:
    """Build the environment and its jumpbox, deploy the bundle, run its errands, try every login, print them.

    The same command continues after an interruption, and changes nothing when all is up to date. It asks before it
    changes or deletes what exists.
    """
    _refuse_template(template)
    values = change.plain_values(var)
    with opening.task(shell) as session:
        quota_request = quota_options.read(request_quota=quota["request_quota"], wait_for_quota=quota["wait_for_quota"])
        request = up.UpRequest(
            bundle=bundle,
            caller=shell.caller,
            values=values,
            quota_options=quota_request,
            regenerate=frozenset(regenerate),
            max_cost=cost_option.read(quota["max_cost"]),
        )
        report = up.bring_up(session, request, change.confirmed_where_changing(shell))
    showing.show_up(shell.terminal, report)
    failed = [line.name for line in report.lines if line.problem]
    if failed:
        error = ActionFailedError(
            "login-failed",
            f"Checks failed: {', '.join(failed)}.",
            why="The report above shows the result of each check.",
            fix="Check `compleat instances --ps` and the logs it names; then run the same command again.",
        )
        showing.fail_after_report(shell.terminal, error)


def _refuse_template(template: str | None) -> None:
    if template is not None:
        raise InputError(
            "template-unsupported",
            f"Environment templates are not supported yet: '{template}'.",
            why="This version builds environments only from their environment file.",
            fix="Run `compleat up` without it, or with `--bundle FOLDER`. `compleat template validate` checks it.",
        )
