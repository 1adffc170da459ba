"""Streams that are closed, full, narrow or left by their reader, and questions without a terminal."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import ROOT

_SAYING = """
from director.cli.terminal import streams
streams.prepare()
from director.cli.terminal.terminal import Terminal
terminal = Terminal()
terminal.note(["a note \\u2713"])
terminal.say(["a result \\u2713 \\u20ac"] * 2000)
"""
_ASKING = """
from cpi.contract.errors import ExplainedError
from director.errors import DeclinedError
from director.cli.terminal import streams
streams.prepare()
from director.cli.terminal.terminal import Terminal
try:
    Terminal().confirm(["the plan"], "Continue?")
    print("yes")
except DeclinedError:
    print("no")
except ExplainedError as error:
    print(error.code)
"""


@pytest.mark.parametrize(
    "streams", [">&-", "2>&-", "<&-", ">&- 2>&- <&-", "2>/dev/full", "| head -1", "2>&1 | head -1"]
)
def test_whoever_does_not_listen_stops_nothing(streams: str) -> None:
    done = _shell(_SAYING, f'set -o pipefail; "$PYTHON" -c "$CODE" {streams}')
    assert (done.returncode, "Traceback" in done.stdout + done.stderr) == (0, False), done.stderr


def test_a_result_that_finds_no_room_is_an_error_with_words() -> None:
    done = _shell("", '"$PYTHON" -m director.cli.main --help >/dev/full')
    assert (done.returncode, done.stderr.partition(":")[0]) == (1, "result-not-written")


@pytest.mark.parametrize("environment", ["PYTHONIOENCODING=ascii", "PYTHONIOENCODING=iso-8859-1:strict"])
def test_a_narrow_encoding_escapes_what_it_lacks(environment: str) -> None:
    done = _shell(_SAYING, f'{environment} "$PYTHON" -c "$CODE"')
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "a result \\u2713 \\u20ac")


def test_a_closed_descriptor_is_nobody_elses_next_file() -> None:
    code = "from director.cli.terminal import streams; streams.prepare(); "
    code += "print(open('/dev/zero').fileno() > 2, file=sys.stderr)"
    assert _shell(f"import sys; {code}", '"$PYTHON" -c "$CODE" <&- >&-').stderr == "True\n"


@pytest.mark.parametrize(
    ("typed", "outcome"), [("y\n", "yes"), ("YES\n", "yes"), ("n\n", "no"), ("\n", "no"), ("", "not-confirmed")]
)
def test_without_a_terminal_the_answer_is_read_from_standard_input(typed: str, outcome: str) -> None:
    done = _shell(_ASKING, '"$PYTHON" -c "$CODE"', typed=typed)
    assert done.stdout == f"{outcome}\n"
    assert done.stderr.startswith("the plan\nContinue? [y/N]: ")


@pytest.mark.parametrize(("typed", "outcome"), [("y\n", "yes"), ("n\n", "no")])
def test_with_a_terminal_it_is_asked_there_whatever_the_streams_are(typed: str, outcome: str, tmp_path: Path) -> None:
    command = f'exec {sys.executable} -c "$CODE" 3<&0 </dev/null >"$OUT" 2>&1'  # 3 keeps the terminal open
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(ROOT)
        os.execve("/bin/sh", ["sh", "-c", command], {**os.environ, "CODE": _ASKING, "OUT": str(tmp_path / "out")})
    shown = b""
    while b"[y/N]" not in shown:
        shown += os.read(terminal, 1024)
    os.write(terminal, typed.encode())
    os.waitpid(pid, 0)
    os.close(terminal)
    assert ((tmp_path / "out").read_text().splitlines()[-1], b"the plan" in shown) == (outcome, True)


def _shell(code: str, command: str, *, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command],
        cwd=ROOT,
        env={**os.environ, "PYTHON": sys.executable, "CODE": code},
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
