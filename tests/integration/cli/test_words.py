"""The order of words on the command line."""

import subprocess
import sys

import pytest

from tests.support.command import ROOT


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        (["-e", "lab", "--json", "tasks", "--nonsense"], "No such option"),
        (["-d", "web", "nonsense"], "Unknown command 'nonsense'"),
        (["-e"], "No such option"),
        (["schema"], "Choose from: manifest, cloud-config, "),
    ],
)
def test_what_all_commands_share_may_stand_before_the_command(typed: list[str], fault: str) -> None:
    argv = [sys.executable, "-m", "director.cli.main", *typed]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, fault in done.stderr) == (2, True), done.stderr
