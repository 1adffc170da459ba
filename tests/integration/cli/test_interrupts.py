"""Signals end a command with words, whenever they come."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from director.cli import main
from director.cli.door import Door
from director.cli.interrupts import Interrupts
from tests.support.command import ROOT

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def interrupts() -> Iterator[Interrupts]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    own = Interrupts()
    own.install()
    yield own
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_while_modules_load_waits_until_they_are(interrupts: Interrupts, number: signal.Signals) -> None:
    steps = []
    with pytest.raises(KeyboardInterrupt), interrupts.deferred():
        os.kill(os.getpid(), number)
        steps.append("loaded")
    assert (steps, interrupts.noted) == (["loaded"], number)


def test_nothing_is_deferred_twice(interrupts: Interrupts) -> None:
    steps = []
    with pytest.raises(KeyboardInterrupt), interrupts.deferred():
        with interrupts.deferred():
            os.kill(os.getpid(), signal.SIGINT)
        steps.append("the outer one goes on")
    assert len(steps) == 1


def test_a_hangup_that_is_ignored_stays_so(interrupts: Interrupts) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    interrupts.install()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_cancels_a_run_that_is_under_way_and_interrupts_nothing(
    interrupts: Interrupts, number: signal.Signals
) -> None:
    cancelled: list[signal.Signals | None] = []

    def cancel() -> bool:
        cancelled.append(interrupts.noted)
        return True

    with interrupts.cancelling(cancel):
        os.kill(os.getpid(), number)
    assert cancelled == [number]
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)


def test_a_signal_interrupts_where_no_run_stops_by_itself(interrupts: Interrupts) -> None:
    with pytest.raises(KeyboardInterrupt), interrupts.cancelling(lambda: False):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)


def test_an_error_after_a_signal_is_that_signals(interrupts: Interrupts, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGTERM)
    code = Door(["recreate", "-d", "web"], interrupts).end_broken(RuntimeError("a library wrapped it"))
    assert (code, capfd.readouterr().err.splitlines()[0]) == (4, "interrupted: 'compleat' was interrupted.")


@pytest.mark.parametrize("words", [["-vpw=c4n4ry"], ["-v", "pw=c4n4ry"]])  # read by click, and without it
@pytest.mark.parametrize("number", SIGNALS)
def test_every_signal_ends_with_words_and_as_json(tmp_path: Path, number: signal.Signals, words: list[str]) -> None:
    fifo = tmp_path / "manifest.yml"
    os.mkfifo(fifo)
    process = subprocess.Popen(
        [sys.executable, "-m", main.__name__, "interpolate", str(fifo), *words],
        cwd=ROOT,
        env={**os.environ, "COMPLEAT_JSON": "1", "COMPLEAT_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with fifo.open("w"):  # opens when the command does: it reads now, and waits
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, json.loads(out)["errors"][0]["code"]) == (4, "interrupted")
    assert (number.name in err, "c4n4ry" in out + err, "Traceback" in err) == (True, False, False)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_in_the_first_moments_ends_with_words(tmp_path: Path, number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", main.__name__, "tasks"],
        cwd=ROOT,
        env={**os.environ, "COMPLEAT_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not _is_caught(process.pid, number):
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.splitlines()[0]) == (4, "", "interrupted: 'compleat' was interrupted.")
    assert number.name in err


def _is_caught(pid: int, number: signal.Signals) -> bool:
    """Python catches SIGINT from the start; SIGTERM only our handler catches."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    wanted = signal.SIGHUP if number is signal.SIGHUP else signal.SIGTERM
    return bool(caught >> (wanted - 1) & 1)
