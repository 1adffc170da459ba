"""The engine alone: which calls start when, told only by answers and the time."""

import pytest

from director.actions.await_agent import AwaitAgent
from director.actions.compile_package import CompilePackage
from director.actions.start import Start
from director.errors import Bug
from director.execute.engine import NOT_THERE, Engine, StepCall
from director.execute.retry import Again
from director.model.ids import ActionId, DeploymentName, EnvironmentName, InstanceId, RunId
from director.model.tasks.entries import Done, Failed, Failure
from director.model.tasks.plan import Action, Gate, Plan
from director.model.tasks.work import Result, Work
from director.ports.runner import NotYet
from tests.support import wants
from tests.unit.director.execute.plans import creating_disk, creating_vm, deleting_vm

DENIED = Failure(code="denied", what="No.")
LOST = Failure(code="reply-lost", what="No answer.", retry="unknown")
THROTTLED = Failure(code="throttled", what="Slower.", retry="safe", after_s=2.0)


def action(name: str, *after: str, work: Work | None = None, **more: object) -> Action:
    work = work or Start(instance=InstanceId(name))
    ids = tuple(ActionId(one) for one in after)
    return Action(id=ActionId(name), work=work, subject=name, reason="", after=ids, **more)  # type: ignore[arg-type]


def engine_of(*actions: Action, gates: tuple[Gate, ...] = ()) -> Engine:
    names = (EnvironmentName("e"), DeploymentName("d"))
    return Engine(Plan(run=RunId("r"), environment=names[0], deployment=names[1], actions=actions, gates=gates))


def names_of(calls: tuple[StepCall, ...]) -> list[str]:
    return [str(call.action.id) for call in calls]


def end(engine: Engine, *names: str, now: float = 0.0) -> None:
    for name in names:
        assert isinstance(engine.take(ActionId(name), Result(), now), Done)


def test_an_action_starts_once_all_it_waits_for_is_done() -> None:
    engine = engine_of(action("a"), action("b"), action("c", "a", "b"))
    assert names_of(engine.start_due(0.0)) == ["a", "b"]
    end(engine, "a")
    assert engine.start_due(0.0) == ()
    end(engine, "b")
    assert names_of(engine.start_due(0.0)) == ["c"]
    end(engine, "c")
    assert engine.is_over


def test_the_longest_remaining_path_starts_first() -> None:
    engine = engine_of(
        action("short"),
        action("long", estimate_s=5.0),
        action("leads to much"),
        action("much", "leads to much", estimate_s=9.0),
    )
    assert names_of(engine.start_due(0.0)) == ["leads to much", "long", "short"]


def test_a_gate_lets_so_many_sequences_in_and_the_next_when_one_leaves() -> None:
    def sequence(name: str) -> tuple[Action, Action]:
        return (
            action(f"{name}-in", is_entering=True, gate="g", sequence=name),
            action(f"{name}-out", f"{name}-in", is_leaving=True, gate="g", sequence=name),
        )

    engine = engine_of(*sequence("1"), *sequence("2"), *sequence("3"), gates=(Gate(name="g", width=2),))
    assert names_of(engine.start_due(0.0)) == ["1-in", "2-in"]
    end(engine, "1-in")
    assert names_of(engine.start_due(0.0)) == ["1-out"]
    end(engine, "1-out")
    assert names_of(engine.start_due(0.0)) == ["3-in"]


def test_a_pool_lends_each_member_to_one_action_at_a_time() -> None:
    work = CompilePackage(package=wants.RUNTIME)
    engine = engine_of(
        action("vm", work=AwaitAgent(compiler="compiler-1"), pool="p", is_joining_pool=True),
        action("x", work=work, pool="p", is_using_pool=True),
        action("y", work=work, pool="p", is_using_pool=True),
    )
    assert names_of(engine.start_due(0.0)) == ["vm"]
    end(engine, "vm")
    assert [(str(call.action.id), call.member) for call in engine.start_due(0.0)] == [("x", "compiler-1")]
    end(engine, "x")
    assert [(str(call.action.id), call.member) for call in engine.start_due(0.0)] == [("y", "compiler-1")]


def test_not_yet_is_asked_again_when_it_said() -> None:
    engine = engine_of(action("a"))
    engine.start_due(10.0)
    assert engine.take(ActionId("a"), NotYet(after_s=5.0), 12.0) is None
    assert (engine.start_due(16.9), engine.wake_at()) == ((), 17.0)
    (again,) = engine.start_due(17.0)
    assert (again.asked, again.attempt, again.began_at) == (1, 1, 10.0)


def test_after_a_failure_nothing_new_starts_but_what_runs_ends() -> None:
    engine = engine_of(action("a"), action("b"), action("after a", "a"), action("after b", "b"))
    engine.start_due(0.0)
    assert isinstance(engine.take(ActionId("a"), DENIED, 0.0), Failed)
    end(engine, "b")
    assert engine.start_due(0.0) == ()
    assert engine.is_over
    assert set(engine.skipped()) == {"after a", "after b"}


def test_after_a_failure_sequences_inside_their_gate_go_on_and_others_stay_out() -> None:
    gate = Gate(name="g", width=1)
    engine = engine_of(
        action("in", gate="g", sequence="1", is_entering=True),
        action("out", "in", gate="g", sequence="1", is_leaving=True),
        action("late", gate="g", sequence="2", is_entering=True),
        action("bad"),
        gates=(gate,),
    )
    assert names_of(engine.start_due(0.0)) == ["in", "bad"]
    engine.take(ActionId("bad"), DENIED, 0.0)
    end(engine, "in")
    assert names_of(engine.start_due(0.0)) == ["out"]
    end(engine, "out")
    assert (engine.start_due(0.0), engine.is_over) == ((), True)


def test_cleaning_up_waits_until_what_it_follows_has_ended_in_any_way() -> None:
    engine = engine_of(
        action("bad"), action("never", "bad"), action("runs"), action("clean", "never", "runs", is_cleanup=True)
    )
    engine.start_due(0.0)
    engine.take(ActionId("bad"), DENIED, 0.0)
    assert engine.start_due(0.0) == ()
    end(engine, "runs")
    assert names_of(engine.start_due(0.0)) == ["clean"]


def test_a_lost_reply_is_looked_for_and_done_again_only_if_nothing_is_there() -> None:
    engine = engine_of(action("vm", work=creating_vm()))
    engine.start_due(0.0)
    verdict = engine.take(ActionId("vm"), LOST, 0.0)
    assert isinstance(verdict, Again)
    (look,) = engine.start_due(verdict.after_s)
    assert (look.is_looking, look.attempt) == (True, 2)
    again = engine.take(ActionId("vm"), NOT_THERE, 100.0)
    assert isinstance(again, Again)
    (redo,) = engine.start_due(200.0)
    assert (redo.is_looking, redo.attempt) == (False, 3)


def test_a_call_whose_answers_are_all_lost_fails_with_the_clouds_error_and_is_safe_to_repeat() -> None:
    engine = engine_of(action("vm", work=creating_vm()))
    engine.start_due(0.0)
    engine.take(ActionId("vm"), Failure(code="hiccup", what="Later.", retry="safe"), 0.0)  # so that a look is last
    now, ended = 0.0, None
    while ended is None:
        now += 1000.0
        (call,) = engine.start_due(now)
        answer = engine.take(ActionId("vm"), NOT_THERE if call.is_looking else LOST, now)
        ended = answer if isinstance(answer, Failed) else None
    assert (ended.failure.code, ended.failure.retry) == ("reply-lost", "safe")


def test_throttling_spaces_the_calls_of_its_family_and_of_no_other() -> None:
    engine = engine_of(
        action("first", work=creating_vm()),
        action("go"),
        action("second", "go", work=deleting_vm()),
        action("third", "go", work=deleting_vm()),
        action("disk", "go", work=creating_disk()),
    )
    engine.start_due(0.0)
    assert isinstance(engine.take(ActionId("first"), THROTTLED, 1.0), Again)
    end(engine, "go", now=1.0)
    assert names_of(engine.start_due(1.0)) == ["second", "disk"]
    assert engine.wake_at() == pytest.approx(1.1)
    assert names_of(engine.start_due(1.1)) == ["third"]
    assert names_of(engine.start_due(10.0)) == ["first"]


def test_a_plan_that_waits_for_what_never_comes_is_a_bug() -> None:
    engine = engine_of(action("x", work=CompilePackage(package=wants.RUNTIME), pool="nobody", is_using_pool=True))
    engine.start_due(0.0)
    with pytest.raises(Bug) as raised:
        engine.wake_at()
    assert raised.value.code == "engine-stuck"


def test_a_chain_of_thousands_that_fails_at_its_head_is_skipped_whole() -> None:
    chain = [action("0"), *(action(str(number), str(number - 1)) for number in range(1, 5000))]
    engine = engine_of(*chain)
    engine.start_due(0.0)
    engine.take(ActionId("0"), DENIED, 0.0)
    assert engine.is_over
