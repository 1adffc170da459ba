"""What --help says of each command."""

import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from director.cli import command_table
from tests.support import command_pages

ROOT = Path(__file__).parents[4]
COMMANDS = dict(command_pages.commands())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_an_example_of_itself(name: str) -> None:
    assert command_pages.example(COMMANDS[name]).startswith(f"compleat {name}")


@pytest.mark.parametrize("name", COMMANDS)
def test_an_example_is_taken_by_its_command(name: str) -> None:
    words = shlex.split(command_pages.example(COMMANDS[name]))[1 + len(name.split()) :]
    assert COMMANDS[name].make_context(name, words).args == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_files_of_an_example_are_there(name: str) -> None:
    words = shlex.split(command_pages.example(COMMANDS[name]))
    named = [word for word in words if word.endswith(".yml") and word.startswith("manifests/")]
    assert [word for word in named if not (ROOT / word).is_file()] == []


def test_the_group_lists_every_command_with_its_line() -> None:
    text = command_table.compleat.get_help(click.Context(command_table.compleat))
    assert [name for name in COMMANDS if f"\n  {name.split()[0]} " not in text] == []


def test_the_example_of_the_group_is_of_commands_that_exist() -> None:
    assert (command_table.compleat.epilog or "").count("`compleat ") == 2


def test_help_of_a_clouds_own_command_imports_none_of_its_packages() -> None:
    words = ["azure", "create-principal", "--help"]
    code = (
        "import sys; from director.cli import command_table; "
        f"command_table.compleat.main({words}, standalone_mode=False); "
    )
    code += "print(sorted({name.split('.')[0] for name in sys.modules} & {'azure', 'msal', 'requests', 'sqlalchemy'}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
