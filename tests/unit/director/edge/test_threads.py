"""Calls beside each other, for real."""

import os
import signal
import threading
import time

import pytest

from director.edge.system_clock import SystemClock
from director.edge.threads import ThreadRunner, ticking
from director.model.entries import Outcome
from director.model.ids import ActionId
from director.ports.runner import Answer, Finished, Interrupted


def _runner() -> ThreadRunner:
    return ThreadRunner(SystemClock(), width=4)


def test_calls_run_beside_each_other_and_come_back_as_they_end() -> None:
    runner, gate = _runner(), threading.Event()

    def slow() -> Answer:
        gate.wait(10)
        return Outcome(facts={"which": "slow"})

    runner.start(ActionId("slow"), slow)
    runner.start(ActionId("quick"), lambda: Outcome(facts={"which": "quick"}))
    first = runner.wait(None)
    gate.set()
    assert first == (Finished(action=ActionId("quick"), answer=Outcome(facts={"which": "quick"})),)
    assert runner.wait(None) == (Finished(action=ActionId("slow"), answer=Outcome(facts={"which": "slow"})),)


def test_a_wait_ends_when_its_time_has_come() -> None:
    runner = _runner()
    until = runner.now() + 0.05
    assert runner.wait(until) == ()
    assert runner.now() >= until


def test_ctrl_c_ends_a_wait_within_two_seconds_although_a_call_hangs() -> None:
    runner, gate = _runner(), threading.Event()

    def hang() -> Answer:
        gate.wait(30)
        return Outcome()

    runner.start(ActionId("hangs"), hang)
    with runner.interrupted_by_signals():
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
        began = time.monotonic()
        with pytest.raises(Interrupted):
            runner.wait(None)
    gate.set()
    assert time.monotonic() - began < 2


def test_ctrl_c_interrupts_whatever_runs_when_no_call_is_in_flight() -> None:
    runner = _runner()
    with runner.interrupted_by_signals(), pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)


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
