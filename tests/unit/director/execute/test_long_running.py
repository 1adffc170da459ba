"""Calls that the cloud carries out for a while: what the engine remembers of them, and that they hold no thread."""

import threading
import time
from functools import partial

from director.edge.machine.system_clock import SystemClock
from director.edge.machine.threads import ThreadRunner
from director.execute import resume
from director.execute.engine import Engine
from director.execute.retry import Again
from director.model.ids import ActionId
from director.model.tasks.entries import Accepted, Begun, Done, Entry, Failure
from director.ports.runner import Answer, NotYet
from tests.unit.director.execute.plans import act, creating_vm, plan_of, vm_made

VM = act(creating_vm(), "vm")
PENDING = NotYet(after_s=2.0, text="making it", handle="operation 1")
THROTTLED = Failure(code="throttled", what="Slower.", retry="safe", after_s=2.0)
LOST = Failure(code="reply-lost", what="No answer.", retry="unknown")


def test_what_the_cloud_accepted_is_written_down_once_and_handed_to_the_next_call() -> None:
    engine = Engine(plan_of(VM))
    assert [call.handle for call in engine.start_due(0.0)] == [""]
    assert engine.take(VM.id, PENDING, 1.0) == Accepted(action=VM.id, at=1.0, handle="operation 1")
    assert engine.start_due(2.9) == ()
    assert [call.handle for call in engine.start_due(3.0)] == ["operation 1"]
    assert engine.take(VM.id, PENDING, 3.0) is None


def test_a_look_that_failed_looks_again_and_a_lost_call_is_looked_for_without_a_handle() -> None:
    engine = Engine(plan_of(VM))
    engine.start_due(0.0)
    engine.take(VM.id, PENDING, 0.0)
    engine.start_due(2.0)
    assert isinstance(engine.take(VM.id, THROTTLED, 2.0), Again)
    (call,) = engine.start_due(10.0)
    assert (call.handle, call.is_looking) == ("operation 1", False)
    engine.take(VM.id, LOST, 10.0)
    (call,) = engine.start_due(100.0)
    assert (call.handle, call.is_looking) == ("", True)


def test_looks_that_fail_now_and_then_are_not_counted_together() -> None:
    engine, now = Engine(plan_of(VM)), 0.0
    hiccup = Failure(code="busy", what="Later.", retry="safe")
    engine.start_due(now)
    for _ in range(30):
        for answer in (PENDING, hiccup):
            taken = engine.take(VM.id, answer, now)
            assert taken is None or isinstance(taken, Again | Accepted)
            now += 60.0
            assert [call.action.id for call in engine.start_due(now)] == [VM.id]


def test_a_later_process_looks_at_what_was_accepted_last() -> None:
    entries: list[Entry] = [
        Begun(action=VM.id, at=0.0),
        Accepted(action=VM.id, at=1.0, handle="operation 1"),
        Accepted(action=VM.id, at=2.0, handle="operation 2"),
    ]
    assert resume.open_actions(plan_of(VM), entries) == (VM,)
    handles = resume.handles_of(entries)
    engine = Engine(plan_of(VM), is_looking=True, handles=handles)
    assert [(call.handle, call.is_looking) for call in engine.start_due(0.0)] == [("operation 2", True)]


def test_sixty_four_pending_creates_hold_no_thread() -> None:
    """Four threads; each VM takes a second. Were a thread held while the cloud is at it, all would take 16 s."""
    actions = [act(creating_vm(), f"vm-{number}") for number in range(64)]
    engine, runner = Engine(plan_of(*actions)), ThreadRunner(SystemClock(), width=4)
    busy, most, lock = [0], [0], threading.Lock()
    accepted: dict[ActionId, float] = {}

    def ask(action: ActionId) -> Answer:
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        try:
            began = accepted.setdefault(action, time.monotonic())
            left_s = began + 1.0 - time.monotonic()
            return NotYet(after_s=left_s, text="making it", handle=str(action)) if left_s > 0 else vm_made()
        finally:
            with lock:
                busy[0] -= 1

    began, done = time.monotonic(), 0
    try:
        while not engine.is_over:
            for call in engine.start_due(runner.now()):
                runner.start(call.action.id, partial(ask, call.action.id))
            for finished in runner.wait(engine.wake_at()) if not engine.is_over else ():
                assert isinstance(finished.answer, Answer)
                done += isinstance(engine.take(finished.action, finished.answer, runner.now()), Done)
    finally:
        runner.close()
    assert (done, most[0] <= 4) == (64, True)
    assert max(accepted.values()) - began < 1.0, "the last one was accepted before the first one was done"
    assert time.monotonic() - began < 8.0
