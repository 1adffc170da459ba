"""Commands of the BOSH CLI that are not ours: each is answered with what to type."""

import re
import subprocess
import sys

import pytest
from click.testing import CliRunner

from director.cli.bosh_commands import BOSH_COMMANDS, BOSH_OPTIONS, SHORT_NAMES
from director.cli.command_table import COMMANDS, LazyCommands
from tests.support import command_pages


def test_no_command_of_ours_stands_among_them_and_each_that_is_named_exists() -> None:
    assert BOSH_COMMANDS.keys() & COMMANDS.keys() == set()
    named = {name for text in BOSH_COMMANDS.values() for name in re.findall(r"`compleat ([a-z-]+)", text)} - {"--help"}
    assert named and named <= COMMANDS.keys()


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("repack-stemcell", "Unknown command 'repack-stemcell'. `compleat upload-stemcell` reads a tarball;"),
        ("upload-relase", "Unknown command 'upload-relase'. Did you mean 'upload-release'?"),
        ("dance", "Unknown command 'dance'."),
    ],
)
def test_an_unknown_command_is_answered_with_what_to_type(typed: str, answer: str) -> None:
    ran = CliRunner().invoke(LazyCommands(name="compleat"), [typed])
    assert ran.exit_code == 2 and answer in ran.output


def test_a_short_name_of_the_bosh_cli_is_the_command() -> None:
    assert set(SHORT_NAMES.values()) <= COMMANDS.keys() | BOSH_COMMANDS.keys()
    assert SHORT_NAMES.keys() & (COMMANDS.keys() | BOSH_COMMANDS.keys()) == set()
    for typed, shown in (("ts", "Usage: compleat tasks [OPTIONS]"), ("ct", "Usage: compleat cancel-task [OPTIONS]")):
        ran = CliRunner().invoke(LazyCommands(name="compleat"), [typed, "--help"], prog_name="compleat")
        assert (ran.exit_code, ran.output.splitlines()[0].startswith(shown)) == (0, True), ran.output


def test_an_option_of_the_bosh_cli_is_answered_with_what_to_type() -> None:
    options = {
        name: [each for one in command.params for each in one.opts] for name, command in command_pages.commands()
    }
    for words in BOSH_OPTIONS:
        command, _, option = words.partition(" ")
        assert option not in options[command], words
    ran = subprocess.run(
        [sys.executable, "-m", "director.cli.main", "d", "--dry-run", "app.yml"],
        capture_output=True,
        text=True,
        check=False,
    )
    fix = "`compleat plan MANIFEST` renders all templates and shows what a deploy would do."
    assert (ran.returncode, ran.stderr.splitlines()) == (
        2,
        [
            "wrong-usage: No such option '--dry-run'.",
            "  why: Usage: compleat deploy [OPTIONS] [MANIFEST]",
            f"  fix: {fix}",
        ],
    )
