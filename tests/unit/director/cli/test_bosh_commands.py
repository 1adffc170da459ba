"""Commands of the BOSH CLI that are not ours: each is answered with what to type."""

import re
import subprocess
import sys

import pytest
import yaml
from click.testing import CliRunner

from director.cli.bosh_commands import BOSH_COMMANDS, BOSH_GLOBAL_OPTIONS, BOSH_OPTIONS, SHORT_NAMES
from director.cli.command_table import COMMANDS, LazyCommands
from director.cli.door import Door
from director.cli.interrupts import Interrupts
from tests.support import command_pages
from tests.support.command import ROOT


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


def test_every_option_of_the_bosh_cli_is_there_or_answered() -> None:
    """And nothing is answered that the bosh CLI does not have."""
    of_bosh = yaml.safe_load((ROOT / "tests/cases/bosh-cli-options.yml").read_text())
    every = {*of_bosh.pop("every command"), "--help"}
    ours = _options()
    wanted = {f"{name} {option}" for name, options in of_bosh.items() for option in options}
    assert {words for words in wanted if words.partition(" ")[2] not in ours[words.partition(" ")[0]]} == set(
        BOSH_OPTIONS
    )
    shared = {*ours["instances"], "-v", "--version"}
    assert every - shared - {"--help"} == set(BOSH_GLOBAL_OPTIONS)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        (
            ("ssh", "-l", "me", "web/0"),
            (
                "wrong-usage: No such option '-l'.\n"
                "  why: Usage: compleat ssh [OPTIONS] [INSTANCE]\n"
                "  fix: The environment's key logs in; keys of people are `ssh_keys` of its file.\n"
            ),
        ),
        (
            ("--ca-cert", "ca.pem", "deploy"),
            (
                "wrong-usage: No such option '--ca-cert'.\n"
                "  why: Usage: compleat [OPTIONS] COMMAND [ARGS]...\n"
                "  fix: There is no director to log in to: `-e NAME` names an environment.\n"
            ),
        ),
        (
            ("deploy", "--vars-flie", "x"),
            (
                "wrong-usage: No such option '--vars-flie'. Did you mean '--vars-file'?\n"
                "  why: Usage: compleat deploy [OPTIONS] [MANIFEST]\n"
                "  fix: `compleat deploy --help` shows its arguments.\n"
            ),
        ),
        (
            ("deploy", "--skip-drain", "web", "app.yml"),
            (
                "wrong-usage: Got unexpected extra argument (app.yml). The GROUP of --skip-drain is written with `=`: "
                "--skip-drain=GROUP.\n"
                "  why: Usage: compleat deploy [OPTIONS] [MANIFEST]\n"
                "  fix: `compleat deploy --help` shows its arguments.\n"
            ),
        ),
    ],
    ids=lambda each: each[0] if isinstance(each, tuple) else "",
)
def test_an_option_that_is_missing_is_refused_with_what_to_type(
    typed: tuple[str, ...], answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Door(typed, Interrupts()).run() == 2
    assert capsys.readouterr() == ("", answer)


def _options() -> dict[str, list[str]]:
    return {
        name: [each for one in command.params for each in (*one.opts, *one.secondary_opts)]
        for name, command in command_pages.commands()
    }


def test_an_option_of_the_bosh_cli_is_answered_with_what_to_type() -> None:
    options = _options()
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
