"""A plan on the terminal, as words or as JSON.

Takes a plan with its price, shows it.
"""

from director.app.use_cases.plan import Planned
from director.cli.terminal.terminal import Terminal
from director.report import as_json, bill_text, cloud_text, plan_text


def show_plan(terminal: Terminal, planned: Planned, *, is_verbose: bool = False) -> None:
    """What would be done, and why, and what it costs; `is_verbose` adds the actions."""
    if terminal.is_json:
        terminal.say_json(as_json.plan_json(planned.plan, planned.bill, planned.clouds, stored=planned.stored))
    else:
        places = cloud_text.place_lines(planned.plan.environment, planned.clouds)
        stored = plan_text.stored_lines(planned.stored) if planned.stored else ()
        actions = plan_text.action_lines(planned.plan) if is_verbose else ()
        terminal.say(
            (*places, *plan_text.plan_lines(planned.plan), *actions, *bill_text.bill_lines(planned.bill), *stored)
        )
