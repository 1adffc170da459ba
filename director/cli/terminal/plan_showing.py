"""A plan on the terminal, as words or as JSON.

Takes a plan with its price, shows it.
"""

from cpi.contract.value_classes import dataclass
from director.app.use_cases.plan import Planned
from director.cli.terminal.terminal import LogForm, Terminal
from director.model.report import Bill, CloudPlace, Table
from director.model.tasks.plan import Plan
from director.report import as_json, bill_text, cloud_text, download_text, overview_text, plan_text


def show_plan(terminal: Terminal, planned: Planned, file: str = "") -> None:
    """What would be done, and why, and what it costs; `--verbose` adds the actions. `file` has the stored plan, too."""
    if terminal.is_json:
        terminal.say_json(as_json.plan_json(planned.plan, planned.overview, planned.clouds, stored=planned.stored))
    else:
        places = cloud_text.place_lines(planned.plan.environment, planned.clouds)
        stored = plan_text.stored_lines(planned.stored, file) if planned.stored else ()
        actions = plan_text.action_lines(planned.plan) if terminal.log_form is LogForm.ACTIONS else ()
        size = overview_text.overview_lines(planned.overview)
        bill = bill_text.bill_lines(planned.overview.bill)
        terminal.say((*places, *plan_text.plan_lines(planned.plan), *actions, *size, *bill, *stored))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPlans:
    """The plans of a template's deployments, in order, with their price."""

    plans: tuple[Plan, ...]
    bill: Bill
    clouds: tuple[CloudPlace, ...]


def show_downloads(terminal: Terminal, downloads: Table) -> None:
    """Where the releases of a bundle come from."""
    if terminal.is_json:
        terminal.say_json(as_json.table_json(downloads))
    else:
        terminal.say(download_text.download_lines(downloads.rows))


def show_bundle(terminal: Terminal, shown: ShownPlans, downloads: Table) -> None:
    """The plans of a bundle's deployments, after where its releases come from."""
    if terminal.is_json:
        terminal.say_json(as_json.bundle_plan_json(shown.plans, shown.bill, shown.clouds, downloads=downloads.rows))
        return
    terminal.say((*download_text.download_lines(downloads.rows), ""))
    show_plans(terminal, shown)


def show_plans(terminal: Terminal, shown: ShownPlans) -> None:
    """The same for all deployments of a template, one after the other."""
    if terminal.is_json:
        terminal.say_json(as_json.template_plan_json(shown.plans, shown.bill, shown.clouds))
        return
    places = cloud_text.place_lines(shown.plans[0].environment, shown.clouds) if shown.plans else ()
    lines = [line for plan in shown.plans for line in plan_text.plan_lines(plan)]
    is_verbose = terminal.log_form is LogForm.ACTIONS
    actions = [line for plan in shown.plans for line in plan_text.action_lines(plan)] if is_verbose else ()
    terminal.say((*places, *lines, *actions, *bill_text.bill_lines(shown.bill)))
