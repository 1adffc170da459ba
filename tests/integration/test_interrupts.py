"""Ctrl-C ends a program that swallows it, and leaves one alone that ends by itself or does not want it."""

import signal
import subprocess
import sys
import time

import pytest

from tests.support.command import ROOT

BOUND = """
import threading, time
from director.cli import interrupts
interrupts.bound(lambda: 4, grace_s=0.3)
print("ready", flush=True)
"""
SWALLOWS = BOUND + "try:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    time.sleep(60)\n"
HANGS = BOUND + "lock = threading.Lock()\nlock.acquire()\ntry:\n    time.sleep(60)\nfinally:\n    lock.acquire()\n"
ENDS = BOUND + "try:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    raise SystemExit(7)\n"


def _interrupted(code: str) -> int:
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        return process.wait(timeout=30)


@pytest.mark.parametrize(("code", "status"), [(SWALLOWS, 4), (HANGS, 4), (ENDS, 7)], ids=["swallows", "hangs", "ends"])
def test_whoever_is_interrupted_ends(code: str, status: int) -> None:
    assert _interrupted(code) == status


def test_whoever_was_told_to_ignore_it_goes_on() -> None:
    """As a shell tells what it starts in the background."""
    code = f"import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n{BOUND}time.sleep(1)\n"
    began = time.monotonic()
    assert _interrupted(code) == 0
    assert time.monotonic() - began >= 1
