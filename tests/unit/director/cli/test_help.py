"""What --help says of each command."""

import shlex
from pathlib import Path

import click
import pytest

from director.cli import main
from tests.support import command_pages

ROOT = Path(__file__).parents[4]
COMMANDS = dict(command_pages.commands())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_an_example_of_itself(name: str) -> None:
    assert shlex.split(command_pages.example(COMMANDS[name]))[:2] == ["compleat", name]


@pytest.mark.parametrize("name", COMMANDS)
def test_an_example_is_taken_by_its_command(name: str) -> None:
    words = shlex.split(command_pages.example(COMMANDS[name]))[2:]
    assert COMMANDS[name].make_context(name, words).args == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_files_of_an_example_are_there(name: str) -> None:
    words = shlex.split(command_pages.example(COMMANDS[name]))
    named = [word for word in words if word.endswith(".yml") and word.startswith("manifests/")]
    assert [word for word in named if not (ROOT / word).is_file()] == []


def test_the_group_lists_every_command_with_its_line() -> None:
    text = main.compleat.get_help(click.Context(main.compleat))
    assert [name for name in COMMANDS if f"\n  {name} " not in text] == []


def test_the_example_of_the_group_is_of_commands_that_exist() -> None:
    assert (main.compleat.epilog or "").count("`compleat ") == 2
