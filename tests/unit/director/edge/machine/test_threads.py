"""Calls in parallel, in real threads."""

import queue
import threading
import time

import pytest

from director.edge.machine.system_clock import SystemClock
from director.edge.machine.threads import ThreadRunner, deadline, start_thread, ticking
from director.model.ids import ActionId
from director.model.tasks.work import CidResult, Result
from director.ports.runner import Answer, Broken, Finished, Interrupted


def _runner() -> ThreadRunner:
    return ThreadRunner(SystemClock(), width=4)


def test_calls_run_beside_each_other_and_come_back_as_they_end() -> None:
    runner, gate = _runner(), threading.Event()

    def slow() -> Answer:
        gate.wait(10)
        return CidResult(cid="slow")

    runner.start(ActionId("slow"), slow)
    runner.start(ActionId("quick"), lambda: CidResult(cid="quick"))
    first = runner.wait(None)
    gate.set()
    assert first == (Finished(action=ActionId("quick"), answer=CidResult(cid="quick")),)
    assert runner.wait(None) == (Finished(action=ActionId("slow"), answer=CidResult(cid="slow")),)


def test_a_wait_ends_when_its_time_has_come() -> None:
    runner = _runner()
    until = runner.now() + 0.05
    assert runner.wait(until) == ()
    assert runner.now() >= until


def test_a_run_is_cancelled_from_another_thread_within_two_seconds_although_a_call_hangs() -> None:
    runner, gate = _runner(), threading.Event()
    noticed: list[bool] = []

    def hang() -> Answer:
        gate.wait(30)
        return Result()

    runner.start(ActionId("hangs"), hang)
    threading.Timer(0.1, lambda: noticed.append(runner.cancel())).start()
    began = time.monotonic()
    with pytest.raises(Interrupted):
        runner.wait(None)
    gate.set()
    assert (noticed, time.monotonic() - began < 2) == ([True], True)


def test_who_cancels_is_told_that_nothing_is_under_way_and_the_next_wait_is_interrupted() -> None:
    runner = _runner()
    assert not runner.cancel()
    with pytest.raises(Interrupted):
        runner.wait(None)


def test_a_tick_comes_again_and_again_and_ends() -> None:
    ticks: list[int] = []
    twice = threading.Event()

    def tick() -> None:
        ticks.append(1)
        if len(ticks) == 2:
            twice.set()

    with ticking(tick, every_s=0.01):
        assert twice.wait(10)
    assert "tick" not in [thread.name for thread in threading.enumerate()]


@pytest.mark.parametrize("error", [ValueError("x"), RecursionError(), SystemExit(3)], ids=lambda e: type(e).__name__)
def test_whatever_a_call_raises_comes_back_as_its_end(error: BaseException) -> None:
    runner = _runner()

    def breaks() -> Answer:
        raise error

    runner.start(ActionId("breaks"), breaks)
    assert runner.wait(runner.now() + 10) == (Finished(action=ActionId("breaks"), answer=Broken(error=error)),)


def test_a_tick_that_breaks_is_told_when_the_work_has_ended() -> None:
    ticked, done = threading.Event(), False

    def tick() -> None:
        ticked.set()
        raise ValueError("the line broke")

    with pytest.raises(ValueError, match="the line broke"), ticking(tick, every_s=0.01):
        done = ticked.wait(10)
    assert done


def test_what_breaks_the_work_is_not_hidden_by_a_tick_that_breaks_too() -> None:
    def tick() -> None:
        raise ValueError("the line broke")

    with pytest.raises(KeyError), ticking(tick, every_s=0.01):
        time.sleep(0.05)
        raise KeyError("the work")


def test_a_deadline_acts_once_when_the_work_takes_longer_and_never_else() -> None:
    acted: list[str] = []
    with deadline(lambda: acted.append("early"), after_s=10):
        pass
    with deadline(lambda: acted.append("late"), after_s=0.01):
        time.sleep(0.2)
    assert acted == ["late"]


def test_what_ends_a_thread_reaches_whoever_started_it() -> None:
    ends: queue.SimpleQueue[BaseException] = queue.SimpleQueue()

    def breaks() -> None:
        raise SystemExit(3)

    start_thread(breaks, name="breaks", on_broken=ends.put)
    assert isinstance(ends.get(timeout=10), SystemExit)
