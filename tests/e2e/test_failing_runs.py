"""Runs that fail on the way: the exit code, last lines and the broken leg are reported, and the next deploy heals."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from cpi.contract.values import VmState
from tests.support import local_inventory
from tests.support.command import ROOT, Compleat, Ran

pytestmark = pytest.mark.slow

MANIFEST = str((ROOT / "tests" / "cases" / "failing-runs" / "manifest.yml").relative_to(ROOT))
NAME = "fragile"
OLD_PYTHON = (
    "rm -f /usr/local/bin/python3; printf '#!/bin/sh\\necho too-old 3.6\\n' > /usr/local/bin/python3; "
    "chmod 755 /usr/local/bin/python3"
)
"""What a VM says whose image brings an old Python."""


class Fragile:
    """A deployment of one VM whose scripts a test chooses."""

    def __init__(self, compleat: Compleat) -> None:
        self.compleat = compleat

    def words(self, *, job: str = "fragile", pre_start: str = "exit 0", post_start: str = "exit 0") -> tuple[str, ...]:
        """The words of a deploy."""
        given = {"name": NAME, "job": job, "pre_start": pre_start, "post_start": post_start}
        return ("deploy", "-n", MANIFEST, *(word for name, text in given.items() for word in ("-v", f"{name}={text}")))

    def deploy(self, **scripts: str) -> Ran:
        """Deploy to the end."""
        return self.compleat.run(*self.words(**scripts))

    def on_vm(self, command: str) -> Ran:
        """Run a command on the VM."""
        return self.compleat.run("ssh", "-d", NAME, "fragile/0", "-c", command)

    def await_power_off(self) -> None:
        """Until the cloud says that the VM does not run."""
        end = time.monotonic() + 30.0
        while local_inventory.take(self.compleat).vms_of(NAME)[0].state is not VmState.STOPPED:
            assert time.monotonic() < end, "it still runs"
            time.sleep(0.05)

    def rows(self) -> list[tuple[str, str]]:
        """Each instance's state and VM."""
        rows = self.compleat.run("instances", "-d", NAME, "--json").ended().json["instances"]
        assert isinstance(rows, list)
        return [(str(row["state"]), str(row["vm_cid"])) for row in rows if isinstance(row, dict)]


@pytest.fixture
def fragile(platform: Compleat) -> Iterator[Fragile]:
    """It is deleted afterwards, whatever happened to its VM."""
    yield Fragile(platform)
    platform.run("delete-deployment", "-n", "-d", NAME, "--force").ended()


def test_a_failing_script_shows_its_last_lines_and_the_next_deploy_heals(fragile: Fragile) -> None:
    failed = fragile.deploy(post_start="echo first; echo it went wrong >&2; exit 7").ended(1)
    assert _error(failed) == (
        "script-failed: fragile/0: 1 of 1 post-start scripts failed. Failed Jobs: fragile.\n"
        "  while running scripts for fragile/0\n"
        "  why: fragile: exit code 7\n"
        "  fix: Read its last lines below; `compleat logs -d NAME INSTANCE` has the rest.\n"
        "  output:\n"
        "    | fragile: it went wrong\n"
    )
    kept = fragile.rows()
    fragile.deploy().ended()
    assert fragile.rows() == [("running", kept[0][1])]
    assert "nothing to change" in fragile.deploy().ended().out


def test_a_hanging_script_is_stopped_by_ctrl_c_within_two_seconds(fragile: Fragile) -> None:
    words = fragile.words(pre_start="echo waiting for godot; sleep 1000")
    with fragile.compleat.started(*words, "--verbose") as process:
        assert process.stderr is not None
        said = _read_until(process, "waiting for godot")
        began = time.monotonic()
        os.kill(process.pid, signal.SIGINT)
        code = process.wait(timeout=10)
        assert (code, time.monotonic() - began < 2.0) == (4, True), said
        assert process.stderr.read().splitlines()[-2:] == [
            "  why: You asked to stop; the journal has every action that had begun.",
            "  fix: Run the same command again: it observes the current state and continues.",
        ]
    fragile.deploy().ended()
    assert [state for state, _ in fragile.rows()] == ["running"]
    assert fragile.on_vm("pgrep -x sleep || echo none").ended().out == "none\n"


def test_a_package_that_does_not_compile_shows_its_last_lines(fragile: Fragile) -> None:
    assert _error(fragile.deploy(job="broken").ended(1)) == (
        "compile-failed: compiler-1: Compiling package broken: the packaging script failed.\n"
        "  while compiling package for package broken\n"
        "  why: exit code 3\n"
        "  fix: Correct the package, or compile on an image that has the tools it needs.\n"
        "  output:\n"
        "    | stdout: checking for a compiler\n"
        "    | stderr: + echo 'checking for a compiler'\n"
        "    | + echo 'no compiler was found'\n"
        "    | no compiler was found\n"
        "    | + exit 3\n"
    )
    fragile.deploy().ended()


@pytest.mark.parametrize(
    ("sabotage", "code", "why"),
    [
        (
            "rm /root/.ssh/authorized_keys",
            "vm-key-refused",
            "refuses the environment's key for user 'root'. Authentication failed.",
        ),
        (
            OLD_PYTHON,
            "vm-too-old",
            "has no Python 3.8 or later. Its python3 is 3.6.",
        ),
    ],
    ids=["key-refused", "guest-too-old"],
)
def test_the_leg_to_a_vm_that_broke_is_named_and_fix_heals(
    fragile: Fragile, sabotage: str, code: str, why: str
) -> None:
    fragile.deploy().ended()
    fragile.on_vm(sabotage).ended()
    silent = fragile.compleat.run("restart", "-n", "-d", NAME).ended(1).err
    assert "agent-silent: No answer from the agent of fragile/0.\n" in silent
    assert re.search(rf"  why: fragile/0: {code}: fragile/0.* {re.escape(why)}\n", silent), silent
    assert [state for state, _ in fragile.rows()] == [f"unresponsive agent ({code})"]
    fragile.compleat.run(*fragile.words(), "--fix").ended()
    assert [state for state, _ in fragile.rows()] == ["running"]


def test_a_vm_that_is_off_has_its_port_closed_and_is_made_again(fragile: Fragile) -> None:
    fragile.deploy().ended()
    fragile.on_vm("kill -TERM 1")
    fragile.await_power_off()
    refused = fragile.on_vm("true").ended(1)
    assert re.match(r"vm-port-closed: fragile/0 does not answer SSH at [\d.]+:22 through jumpbox\.\n", refused.err)
    fragile.deploy().ended()
    assert [state for state, _ in fragile.rows()] == ["running"]


def _error(ran: Ran) -> str:
    """The output after the run's own lines."""
    lines = ran.err.splitlines(keepends=True)
    last = max(number for number, line in enumerate(lines) if re.match(r"Task \d+, deployment '.*': failed", line))
    return "".join(lines[last + 1 :])


def _read_until(process: subprocess.Popen[str], words: str) -> str:
    said = ""
    assert process.stderr is not None
    for line in process.stderr:
        said += line
        if words in line:
            break
    return said
