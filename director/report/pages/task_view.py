"""A task as its page shows it.

Takes the task, its plans and its log, gives a TaskView.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from decimal import Decimal

from cpi.contract.value_classes import dataclass
from cpi.contract.values import ENVIRONMENT_ITSELF
from director.model.ids import ActionId
from director.model.report import ReportLine
from director.model.tasks.action_progress import NOT_BEGUN, ProgressState
from director.model.tasks.entries import Failure
from director.model.tasks.plan import Action, Plan
from director.model.tasks.task import Task
from director.report import cleaning
from director.report.pages import estimates
from director.report.pages.task_log import TaskLog
from director.report.pictures import plan_graph
from director.report.pictures.plan_graph import GraphNode, PlanGraph, Progresses

_HOUR_S = 3600
_BEHIND = 12
"""So many of what waits for a failed action are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFacts:
    """What was read of a task: its plans in order, and the failures that its journal knows."""

    task: Task
    is_alive: bool
    plans: tuple[Plan, ...] = ()
    failures: Mapping[ActionId, Failure] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One plan of the task."""

    title: str
    state: ProgressState
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectCard:
    """A node of the graph with the names of what it waits for, those that are over left out."""

    node: GraphNode
    waits_for: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenAction:
    """An action that failed, and what did not begin because of it."""

    subject: str
    doing: str
    code: str
    what: str
    why: str
    fix: str
    behind: tuple[str, ...]
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """`state` is the task's, or "interrupted". `left_s` is None where nothing runs. `next_command` continues it.

    `spent` is about what was spent so far by currency, `hourly` the price of an hour; empty where no price is known.
    """

    number: int
    command: str
    who: str
    state: str
    result: str
    began_at: float
    ended_at: float | None
    left_s: float | None
    legs: tuple[Leg, ...]
    graph: PlanGraph
    graph_title: str
    cards: tuple[SubjectCard, ...]
    broken: tuple[BrokenAction, ...]
    report: tuple[ReportLine, ...]
    hourly: Mapping[str, Decimal]
    spent: Mapping[str, Decimal]
    next_command: str
    lines: tuple[tuple[float, str], ...]

    @property
    def is_over(self) -> bool:
        """Whether nothing of it happens any more."""
        return self.state not in {"processing", "cancelling"}


def view_of(facts: TaskFacts, log: TaskLog, *, now: float) -> TaskView:
    """The task at the time `now`."""
    task, state = facts.task, _state(facts)
    is_over = state not in {"processing", "cancelling"}
    current = _shown_plan(facts.plans, log.progresses, is_over=is_over)
    graph = plan_graph.graph_of(current, log.progresses) if current else PlanGraph(nodes=(), edges=())
    until = (task.ended_at or _last(log, now)) if is_over else now
    return TaskView(
        number=task.number,
        command=cleaning.clean_line(task.caller.command),
        who=cleaning.clean_line(task.caller.who),
        state=state,
        result=cleaning.clean_line(task.result),
        began_at=task.caller.at,
        ended_at=until if is_over else None,
        left_s=estimates.left_s(current, log.progresses, now=now) if current and not is_over else None,
        legs=tuple(_leg(plan, log.progresses) for plan in facts.plans),
        graph=graph,
        graph_title=_title(current) if current else "",
        cards=tuple(_cards(graph)),
        broken=tuple(_broken(facts, log.progresses)),
        report=tuple(log.report),
        hourly=log.hourly,
        spent=_spent(log, until),
        next_command=cleaning.clean_line(task.caller.command) if is_over and state != "done" else "",
        lines=tuple(log.lines),
    )


def _state(facts: TaskFacts) -> str:
    """A task that no process works on any more is interrupted: the next command settles it."""
    is_dead = not facts.task.state.is_over and not facts.is_alive
    return "interrupted" if is_dead else facts.task.state.value


def _shown_plan(plans: Sequence[Plan], progresses: Progresses, *, is_over: bool) -> Plan | None:
    """The plan whose graph is shown: what runs; of a task that is over, what failed or else what was most work."""
    if not is_over or not plans:
        return plans[-1] if plans else None
    failed = [plan for plan in plans if _leg(plan, progresses).state is ProgressState.FAILED]
    return failed[-1] if failed else max(plans, key=lambda plan: len(plan.actions))


def _last(log: TaskLog, now: float) -> float:
    return log.lines[-1][0] if log.lines else now


def _leg(plan: Plan, progresses: Progresses) -> Leg:
    states = [progresses.get(action.id, NOT_BEGUN).state for action in plan.actions]
    done = sum(state is ProgressState.DONE for state in states)
    return Leg(title=_title(plan), state=plan_graph.state_of(states), done=done, total=len(states))


def _title(plan: Plan) -> str:
    is_whole = plan.deployment == ENVIRONMENT_ITSELF
    name = f"Environment '{plan.environment}'" if is_whole else f"Deployment '{plan.deployment}'"
    return cleaning.clean_line(name)


def _cards(graph: PlanGraph) -> Iterable[SubjectCard]:
    for place, node in enumerate(graph.nodes):
        others = [graph.nodes[each] for each in graph.waits_for(place)]
        waited = tuple(other.subject for other in others if other.state is not ProgressState.DONE)
        is_over = node.state in {ProgressState.DONE, ProgressState.FAILED}
        yield SubjectCard(node=node, waits_for=() if is_over else waited)


def _broken(facts: TaskFacts, progresses: Progresses) -> Iterable[BrokenAction]:
    for plan in facts.plans:
        for action in plan.actions:
            failure = facts.failures.get(action.id)
            failed = progresses.get(action.id, NOT_BEGUN)
            if failure is None and failed.state is ProgressState.FAILED:
                code, _, what = failed.text.partition(": ")
                failure = Failure(code=code, what=what)
            if failure is not None and failure.code != "not-begun":
                yield _broken_action(action, failure, behind=_behind(plan, action, progresses))


def _broken_action(action: Action, failure: Failure, *, behind: Sequence[str]) -> BrokenAction:
    what, why, fix = (cleaning.clean_line(text) for text in (failure.what, failure.why, failure.fix))
    return BrokenAction(
        subject=cleaning.clean_line(action.subject),
        doing=action.work.facts.doing,
        code=cleaning.clean_line(failure.code),
        what=what,
        why=why,
        fix=fix,
        behind=tuple(behind[:_BEHIND]),
        more=max(0, len(behind) - _BEHIND),
    )


def _behind(plan: Plan, broken: Action, progresses: Progresses) -> list[str]:
    """The subjects that wait for it, straight or through others, and are not done."""
    reached, names = {broken.id}, dict.fromkeys((broken.subject,))
    for action in plan.actions:  # each comes after what it waits for
        if reached.intersection(action.after):
            reached.add(action.id)
            if progresses.get(action.id, NOT_BEGUN).state is not ProgressState.DONE:
                names[action.subject] = None
    return [cleaning.clean_line(name) for name in list(names)[1:]]


def _spent(log: TaskLog, until: float) -> Mapping[str, Decimal]:
    """The hourly price of what will last, from the first VM on."""
    if log.created_at is None:
        return dict.fromkeys(log.hourly, Decimal(0))
    hours = Decimal(max(0.0, until - log.created_at)) / _HOUR_S
    return {currency: hourly * hours for currency, hourly in log.hourly.items()}
