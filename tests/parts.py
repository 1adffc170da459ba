"""Tests in several processes that share nothing: each one collects its own files and no others.

pytest-xdist has each process collect all tests, and its first process takes three reports of each; of six thousand
small tests that is more than a quarter of the time. It remains where units of tests are long, for it hands them out one
by one; here they are shared out before, by the seconds recorded of them (tests/scheduling.py).

    python -m tests.parts 2 tests/unit
"""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from types import FrameType

import pytest

_NO_TESTS = int(pytest.ExitCode.NO_TESTS_COLLECTED)


def main(parts: int, arguments: Sequence[str]) -> int:
    """Run all parts at the same time, print each at its end, in order. The highest exit code; a part may be empty."""
    signal.signal(signal.SIGTERM, _stop)
    commands = [
        [sys.executable, "-m", "pytest", "--part", f"{number}/{parts}", *arguments] for number in range(1, parts + 1)
    ]
    with ExitStack() as stack:
        outputs = [stack.enter_context(tempfile.TemporaryFile()) for _ in commands[1:]]
        running = []
        for command, output in zip(commands, [None, *outputs], strict=True):
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
            stack.callback(_end, process)
            running.append(process)
        codes = [running[0].wait()]
        for process, written in zip(running[1:], outputs, strict=True):
            codes.append(process.wait())
            written.seek(0)
            sys.stdout.buffer.write(written.read())
            sys.stdout.flush()
    ran = [code for code in codes if code != _NO_TESTS] or [_NO_TESTS]
    return max(code if code >= 0 else 128 - code for code in ran)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait()


def _stop(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
