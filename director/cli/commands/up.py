"""`compleat up`: everything, from nothing to tried logins.

Takes flags, gives the report; the exit code is 1 when a line of it does not work.
"""

import click

from director.app.sessions.ends import EndOptions
from director.app.sessions.environment_files import ReadFile
from director.app.templates.template_request import TemplateRequest
from director.app.use_cases import up
from director.cli import change, cost_option, opening, options, quota_options, span_option, template_options
from director.cli.terminal import showing
from director.model.environments.environment import EndClockPlace

_BUNDLE = "platform"


@click.command("up", epilog="Example: `compleat up`")
@click.argument("template", required=False)
@template_options.parameters
@click.option("--bundle", help="A bundle that ships with compleat, or a folder; by default the platform.")
@click.option("-v", "--var", multiple=True, metavar="NAME=VALUE", help="Set a variable.")
@click.option(
    "--ttl", type=span_option.TimeSpan(), metavar="SPAN", help="End the environment after so long: 90min, 8h, 2d."
)
@click.option(
    "--ttl-clock",
    type=click.Choice(["here", "jumpbox"]),
    help="What ends the environment: a timer of this machine, or beside it the jumpbox, by a login of its own.",
)
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
    bundle: str | None,
    var: tuple[str, ...],
    **flags: object,
) -> None:
    """Build the environment and its jumpbox, deploy the bundle, run its errands, try every login, print them.

    With TEMPLATE deploy what the template describes in place of the bundle, and print its outputs. A template that
    describes an environment needs no -e.

    The same command continues after an interruption, and changes nothing when all is up to date. It asks before it
    changes or deletes what exists.
    """
    shell, described, read = _template(shell, template, flags["given"], is_alone=not (bundle or var))
    values = change.plain_values(var)
    with opening.task(shell, read) as session:
        quota_request = quota_options.read(request_quota=flags["request_quota"], wait_for_quota=flags["wait_for_quota"])
        request = up.UpRequest(
            bundle=bundle or _BUNDLE,
            template=described,
            caller=shell.caller,
            values=values,
            quota_options=quota_request,
            regenerate=frozenset(_texts(flags["regenerate"])),
            max_cost=cost_option.read(flags["max_cost"]),
            end=EndOptions(ttl_s=span_option.read(flags["ttl"]), clock=_clock(flags["ttl_clock"])),
        )
        confirm = change.confirmed_where_changing(shell, session)
        report = up.bring_up(session, request, confirm, agree=change.agreed(shell))
    showing.show_up_or_fail(shell.terminal, report)


def _clock(flag: object) -> EndClockPlace | None:
    match flag:
        case "here" | "jumpbox":
            return flag
        case _:
            return None


def _texts(value: object) -> tuple[str, ...]:
    """The values of an option that may be given several times."""
    return tuple(map(str, value)) if isinstance(value, tuple) else ()


def _template(
    shell: options.Shell, template: str | None, given: object, *, is_alone: bool
) -> tuple[options.Shell, TemplateRequest | None, ReadFile | None]:
    """The template's request, in the environment that it describes, if it does."""
    if template is None:
        if given:
            raise click.UsageError("--parameters belongs to a TEMPLATE")
        return shell, None, None
    if not is_alone:
        raise click.UsageError("A TEMPLATE takes neither --bundle nor --var: it names its bundle and variables itself")
    request = template_options.read_request(shell, template, _texts(given), is_planning=True)
    return template_options.in_its_environment(shell, request)
