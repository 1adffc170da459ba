"""Changed properties that a running process takes over: nothing is restarted, unless that goes wrong."""

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from tests.support.command import ROOT, Compleat, Ran

pytestmark = pytest.mark.slow

MANIFEST = str((ROOT / "tests" / "cases" / "failing-runs" / "reloading.yml").relative_to(ROOT))
NAME = "reloading"
SAYING = "echo first; sleep 1000"


class Reloading:
    """A deployment of one VM whose process takes a word over, after the lines of a script."""

    def __init__(self, compleat: Compleat) -> None:
        self.compleat = compleat

    def words(self, command: str, word: str, *, script: str = "true", port: int = 1) -> tuple[str, ...]:
        """The words of a command."""
        given = {"word": word, "script": script, "port": str(port)}
        return (command, "-n", MANIFEST, *(each for key, text in given.items() for each in ("-v", f"{key}={text}")))

    def deploy(self, word: str, *, script: str = "true") -> Ran:
        """Deploy to the end."""
        return self.compleat.run(*self.words("deploy", word, script=script))

    def state(self) -> tuple[str, str]:
        """The process and the word that it has."""
        shown = self.compleat.run("ssh", "-d", NAME, f"{NAME}/0", "-c", f"cd /var/vcap/sys/run/{NAME}; cat pid word")
        pid, word = shown.ended().out.split()
        return pid, word

    def becomes(self, word: str, *, port: int = 1) -> list[str]:
        """What a plan would make of the instance."""
        plan = self.compleat.run(*self.words("plan", word, port=port), "--json").ended().json
        changes = plan["instances"]
        assert isinstance(changes, list)
        return [str(change["becomes"]) for change in changes if isinstance(change, dict)]


@pytest.fixture
def reloading(platform: Compleat) -> Iterator[Reloading]:
    """It runs with the word "one", and is deleted afterwards."""
    deployment = Reloading(platform)
    deployment.deploy("one").ended()
    yield deployment
    platform.run("delete-deployment", "-n", "-d", NAME, "--force").ended()


def test_a_process_takes_over_what_it_reloads_and_is_restarted_for_everything_else(reloading: Reloading) -> None:
    pid, _ = reloading.state()
    assert (reloading.becomes("two"), reloading.becomes("two", port=2)) == (["reloaded"], ["updated"])
    assert "reloading/0    reloaded, " in reloading.deploy("two").ended().err
    assert reloading.state() == (pid, "two")
    assert reloading.becomes("two") == []
    processes = reloading.compleat.run("instances", "-d", NAME, "--ps", "--json").ended().json
    assert '"state": "running"' in str(processes).replace("'", '"'), "it is still supervised"


def test_one_that_does_not_take_it_over_is_restarted_by_the_next_deploy(reloading: Reloading) -> None:
    pid, _ = reloading.state()
    failed = reloading.deploy("two", script="echo it went wrong >&2; exit 7").ended(1)
    assert "script-failed: reloading/0: 1 of 1 reload-properties scripts failed." in failed.err
    assert "has the rest. The same command again restarts the jobs instead.\n" in failed.err
    assert reloading.state() == (pid, "one")
    reloading.deploy("two", script="exit 7").ended()
    assert (reloading.state()[0] != pid, reloading.state()[1]) == (True, "two")
    assert reloading.deploy("two", script="exit 7").ended().err.count("reloaded") == 0


def test_one_that_was_cut_off_is_restarted_by_the_same_command(reloading: Reloading) -> None:
    pid, _ = reloading.state()
    words = reloading.words("deploy", "two", script=SAYING)
    with reloading.compleat.started(*words, "--verbose") as process:
        _await_line(process, "first")
        os.kill(process.pid, signal.SIGKILL)
    assert reloading.state() == (pid, "one")
    reloading.compleat.run(*words).ended()
    assert (reloading.state()[0] != pid, reloading.state()[1]) == (True, "two")
    assert "nothing to change" in reloading.compleat.run(*words).ended().out


def _await_line(process: subprocess.Popen[str], words: str) -> None:
    assert process.stderr is not None
    assert any(words in line for line in process.stderr)
