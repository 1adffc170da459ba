"""Commands of the BOSH CLI that are not ours: each is answered with what to type."""

import re

import pytest
from click.testing import CliRunner

from director.cli.bosh_commands import BOSH_COMMANDS
from director.cli.command_table import COMMANDS, LazyCommands


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
