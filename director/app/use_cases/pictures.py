"""Use cases that draw: a plan's graph, a task's timeline. Imported by the commands that are asked to draw.

Takes a plan or a History, gives SVG.
"""

from cpi.contract.values import ENVIRONMENT_ITSELF
from director.app.sessions.records import History
from director.app.use_cases import show
from director.model.tasks.plan import Plan
from director.report.pictures import graph_svg, plan_graph, timeline_svg, timelines


def draw_plan(plan: Plan) -> str:
    """What the plan would do, and what waits for what."""
    return graph_svg.graph_file(plan_graph.graph_of(plan, {}), title=plan_title(plan))


def draw_timeline(history: History, number: int | None) -> str:
    """When each action of the task (the newest when None) began and ended. Raises InputError, code `task-missing`."""
    history.require_history()
    task = show.find_task(history, number)
    runs = [
        (run.plan, timelines.progresses_of(history.journal.read_entries(run.id)))
        for run in show.whole_runs(history, task)
    ]
    title = f"Task {task.number}: {task.caller.command}"
    return timeline_svg.timeline_file(timelines.timeline_of(runs), title=title)


def plan_title(plan: Plan) -> str:
    """What the plan is about, for people."""
    is_whole = plan.deployment == ENVIRONMENT_ITSELF
    return f"Plan of environment '{plan.environment}'" if is_whole else f"Plan of deployment '{plan.deployment}'"
