"""The page's view of a task, out of its events alone and what its plans say."""

from dataclasses import replace
from decimal import Decimal

from director.model.ids import ActionId, EnvironmentName
from director.model.report import ReportLine
from director.model.tasks.caller import Caller
from director.model.tasks.entries import Failure
from director.model.tasks.events import Event, Happening
from director.model.tasks.plan import Plan
from director.model.tasks.task import Task, TaskState
from director.report.pages import task_view
from director.report.pages.task_log import TaskLog
from director.report.pages.task_view import TaskFacts, TaskView
from tests.unit.director.report.pictures.plans import action, plan

_CALLER = Caller(who="me@here", command="compleat deploy hello.yml", at=100.0)
_TASK = Task(environment=EnvironmentName("e"), caller=_CALLER, number=7)
_PLAN = plan(action("db/0"), action("web/0", "db/0"), action("edge/0", "web/0"))


def _event(happening: Happening, at: float, subject: str = "", **more: str) -> Event:
    named = ActionId(subject) if subject else None
    return Event(at=at, happening=happening, subject=subject, action=named, **more)  # type: ignore[arg-type]


def _view(*events: Event, task: Task = _TASK, plans: tuple[Plan, ...] = (_PLAN,), now: float = 110.0) -> TaskView:
    log = TaskLog()
    log.read(events)
    return task_view.view_of(TaskFacts(task=task, is_alive=not task.state.is_over, plans=plans), log, now=now)


def test_a_card_has_the_last_line_and_what_is_still_waited_for() -> None:
    events = (_event(Happening.STARTED, 101, "db/0"), _event(Happening.PROGRESS, 103, "db/0", text="unpacking"))
    cards = _view(*events).cards
    assert [(card.node.subject, card.node.state.value, card.node.last, card.waits_for) for card in cards] == [
        ("db/0", "running", "unpacking", ()),
        ("web/0", "waiting", "", ("db/0",)),
        ("edge/0", "waiting", "", ("web/0",)),
    ]


def test_what_is_done_is_waited_for_no_more() -> None:
    view = _view(_event(Happening.STARTED, 101, "db/0"), _event(Happening.FINISHED, 104, "db/0"))
    assert [card.waits_for for card in view.cards] == [(), (), ("web/0",)]
    assert (view.legs[0].done, view.legs[0].total) == (1, 3)


def test_the_estimate_is_the_longest_chain_less_what_has_passed() -> None:
    assert _view(now=110.0).left_s == 3.0
    assert _view(_event(Happening.STARTED, 109.5, "db/0"), now=110.0).left_s == 2.5


def test_a_failure_names_what_is_behind_it_and_the_command_that_continues() -> None:
    events = (
        _event(Happening.STARTED, 101, "db/0"),
        _event(Happening.FAILED, 104, "db/0", text="no-capacity: Zone is full."),
    )
    ended = replace(_TASK, state=TaskState.ERROR, ended_at=105.0)
    view = _view(*events, task=ended)
    assert [(one.subject, one.code, one.what, one.behind) for one in view.broken] == [
        ("db/0", "no-capacity", "Zone is full.", ("web/0", "edge/0"))
    ]
    assert (view.next_command, view.ended_at, view.left_s) == ("compleat deploy hello.yml", 105.0, None)


def test_the_journal_knows_why_and_what_to_do() -> None:
    failure = Failure(code="no-capacity", what="Zone is full.", why="5 of 5", fix="Use z2.")
    facts = TaskFacts(task=_TASK, is_alive=True, plans=(_PLAN,), failures={ActionId("db/0"): failure})
    broken = task_view.view_of(facts, TaskLog(), now=1.0).broken
    assert [(one.why, one.fix) for one in broken] == [("5 of 5", "Use z2.")]


def test_a_task_that_no_process_works_on_is_interrupted() -> None:
    view = task_view.view_of(TaskFacts(task=_TASK, is_alive=False), TaskLog(), now=110.0)
    assert (view.state, view.is_over, view.next_command) == ("interrupted", True, "compleat deploy hello.yml")


def test_a_task_that_is_done_has_nothing_to_continue() -> None:
    assert _view(task=replace(_TASK, state=TaskState.DONE, ended_at=108.0)).next_command == ""


def test_what_is_spent_counts_from_the_first_vm() -> None:
    price = _event(Happening.PRICE, 100, text="0.36")
    price = replace(price, subject="USD", action=None)
    made = replace(_event(Happening.FINISHED, 100, "db/0"), kind="create_vm")
    assert _view(price).spent == {"USD": Decimal(0)}
    assert _view(price, made, now=1900.0).spent == {"USD": Decimal("0.18")}
    assert _view().hourly == {}


def test_a_secret_of_the_report_is_a_name_without_a_value() -> None:
    line = Event(at=1, happening=Happening.REPORT, subject="admin_password", kind="secret")
    assert _view(line).report == (ReportLine(name="admin_password", value="", is_secret=True),)


def test_a_task_that_is_over_shows_its_largest_plan_and_one_that_runs_its_last() -> None:
    small = plan(action("jumpbox/0", name="put"))
    ended = replace(_TASK, state=TaskState.DONE, ended_at=108.0)
    assert len(_view(task=ended, plans=(_PLAN, small)).cards) == 3
    assert len(_view(plans=(_PLAN, small)).cards) == 1


def test_texts_of_clouds_and_guests_are_cleaned() -> None:
    progress = _event(Happening.PROGRESS, 103, "db/0", text="\x1b]0;title\x07bad\x00 line")
    view = _view(_event(Happening.STARTED, 101, "db/0"), progress)
    assert view.cards[0].node.last == "bad\\x00 line"
