"""`compleat plan`: what deploy would do; writes nothing, unless the plan is to be stored.

Takes flags, gives the plan.
"""

import importlib
from collections.abc import Sequence

import click

from director.app.use_cases import deploy as deploying
from director.app.use_cases import plan as planning
from director.app.use_cases import plan_files
from director.cli import change, cost_option, opening, options, template_options
from director.cli.optional_values import OptionalValues
from director.cli.terminal import plan_showing

_OF_BUNDLE = "The plan of a bundle takes --var, --verbose and --max-cost alone"
_OF_TEMPLATE = "The plan of a template takes --parameters, --verbose and --max-cost alone"


@click.command("plan", cls=OptionalValues, epilog="Example: `compleat plan manifests/examples/hello/hello.yml`")
@change.manifest_options
@change.revision_option
@template_options.parameters
@click.option("--bundle", help="Plan a bundle, as `up --bundle` would deploy it.")
@click.option(
    "--save",
    is_flag=False,
    flag_value="",
    metavar="[FILE]",
    help="Store the plan, for `deploy --plan ID`; write it into FILE, for `deploy FILE`.",
)
@cost_option.shared
@click.option("--verbose", is_flag=True, help="List the actions, too.")
@click.option("--graph", "picture", metavar="FILE", help="Draw what waits for what into FILE, as SVG.")
@options.shared
def command(
    shell: options.Shell,
    /,
    manifest: str | None,
    *,
    revision: int | None,
    picture: str | None,
    **flags: tuple[str, ...],
) -> None:
    """Show what `deploy MANIFEST`, or `up MANIFEST` of a template, would do, and why. Nothing is created; only --save
    writes, and only the plan, and --graph its picture. With --bundle show where its releases come from, too.
    """
    bundle: object = flags.pop("bundle")
    save = str(flags["save"]) if flags["save"] is not None else None
    if sum(given is not None for given in (manifest, bundle, revision)) != 1:
        raise click.UsageError("Name a MANIFEST, a --bundle or a --revision; the FILE of --save comes after MANIFEST.")
    if bundle is not None:
        if picture:
            raise click.UsageError(_OF_BUNDLE)
        _plan_bundle(shell, str(bundle), flags)
        return
    if manifest is not None and template_options.is_template(change.read_manifest(shell, manifest)):
        if picture:
            raise click.UsageError(_OF_TEMPLATE)
        _plan_template(shell, manifest, flags)
        return
    if flags["given"]:
        raise click.UsageError("--parameters belongs to a template")
    with opening.remarking_session(shell) as session:
        request = deploying.DeployRequest(
            files=change.named_files(shell, session, flags, manifest=manifest, revision=revision),
            caller=shell.caller,
            deployment=shell.deployment,
            options=change.plan_options(flags),
            max_cost=cost_option.read(flags["max_cost"]),
        )
        planned = planning.plan_deployment(session, request, is_storing=save is not None)
        if save and planned.stored:
            session.files.write_private(save, plan_files.write_plan_file(planned.stored))
        if picture is not None:
            drawing = importlib.import_module("director.app.use_cases.pictures")
            session.files.write_private(picture, drawing.draw_plan(planned.plan))
    plan_showing.show_plan(shell.terminal, planned, save or "")


def _plan_bundle(shell: options.Shell, bundle: str, flags: change.Flags) -> None:
    if _is_any_given(flags, ("var", "max_cost")):
        raise click.UsageError(_OF_BUNDLE)
    bundles = importlib.import_module("director.app.use_cases.bundle_plan")
    max_cost = cost_option.read(flags["max_cost"])
    with opening.remarking_session(shell) as session:
        request = bundles.UpRequest(bundle=bundle, caller=shell.caller, values=change.plain_values(flags["var"]))
        planned = bundles.plan_bundle(session, request, max_cost=max_cost)
    shown = plan_showing.ShownPlans(plans=planned.plans, bill=planned.bill, clouds=planned.clouds)
    plan_showing.show_bundle(shell.terminal, shown, planned.downloads)


def _plan_template(shell: options.Shell, template: str, flags: change.Flags) -> None:
    if _is_any_given(flags, ("given", "max_cost")):
        raise click.UsageError(_OF_TEMPLATE)
    templates = importlib.import_module("director.app.use_cases.template_plan")
    max_cost = cost_option.read(flags["max_cost"])
    written = template_options.read_request(shell, template, flags["given"], is_planning=True)
    shell, request, read = template_options.in_its_environment(shell, written)
    with opening.remarking_session(shell, read) as session:
        planned = templates.plan_template(session, request, caller=shell.caller, max_cost=max_cost)
    shown = plan_showing.ShownPlans(plans=planned.shown, bill=planned.bill, clouds=planned.clouds)
    plan_showing.show_plans(shell.terminal, shown)


def _is_any_given(flags: change.Flags, taken: Sequence[str]) -> bool:
    """Whether an option that is not taken was given; `--save` without FILE is an empty text."""
    given = {name for name, value in flags.items() if value or (name == "save" and value is not None)}
    return bool(given - {*taken})
