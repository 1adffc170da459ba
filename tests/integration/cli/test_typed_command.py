"""The shown form of a typed command: never a value that may be a secret."""

import itertools
import os
import subprocess
import sys

import click
import pytest

from director.cli import command_table, typed_command
from tests.support import command_pages
from tests.support.command import ROOT

CANARY = "c4n4ry-4711"
FREE_TEXT = {
    (name, parameter.name or ""): parameter
    for name, command in command_pages.commands()
    for parameter in command.params
    if isinstance(parameter.type, click.types.StringParamType)
}
OPEN = {
    "environment": "a name",
    "column": "a name",
    "deployment": "a name",
    "manifest": "a path",
    "manifests": "paths",
    "ops_file": "a path",
    "vars_file": "a path",
    "var_file": "a name and a path",
    "vars_env": "the beginning of names",
    "vars_store": "a path",
    "path": "a place in a document",
    "picture": "a path",
    "receipt": "a path",
    "save": "a path",
    "bundle": "a name or a path",
    "template": "a path",
    "instance": "a name",
    "name": "a name",
    "names": "names",
    "source": "a path",
    "target": "a path",
    "folder": "a path",
    "canaries": "a number",
    "max_cost": "a number",
    "max_in_flight": "a number",
    "skip_drain": "a name",
    "cid": "the cloud's name of a VM, a disk or a snapshot",
    "cloud": "a name",
    "config": "a path",
    "file": "a path",
    "slug": "a name and a version",
}
"""A parameter is shown only if it is listed here; a new one is hidden until then."""


def test_what_may_be_shown_is_known_one_by_one() -> None:
    assert typed_command.OPEN - {"number"} == set(OPEN)


@pytest.mark.parametrize(("name", "parameter"), FREE_TEXT)
def test_free_text_is_hidden_however_it_is_spelled(name: str, parameter: str) -> None:
    shown = {
        " ".join(words): _shown(name, words)
        for words in _spellings(name, FREE_TEXT[name, parameter])
        if parameter not in OPEN
    }
    assert {words: line for words, line in shown.items() if CANARY in line} == {}
    assert (shown == {}) == (parameter in OPEN)


@pytest.mark.parametrize("spelling", ["-vpw={}", "--var=pw={}", "-v pw={}", "--var pw={}", "-nvpw={}", "-n -v a.pw={}"])
def test_a_variable_is_told_by_its_name_alone(spelling: str) -> None:
    line = _shown("deploy", [*spelling.format(CANARY).split(" "), "m.yml"])
    assert CANARY not in line
    assert "pw=..." in line


def test_what_is_no_secret_is_told_as_it_can_be_typed() -> None:
    words = ["-lvars.yml", "--var-file=cert=my cert.pem", "--fix", "--canaries", "2", "m.yml", "-n"]
    assert _shown("deploy", words) == (
        "compleat deploy m.yml --vars-file vars.yml --var-file 'cert=my cert.pem' --canaries 2 --fix --non-interactive"
    )


def test_values_out_of_the_environment_are_not_told() -> None:
    code = f"from {__name__} import _shown; print(_shown('deploy', ['m.yml']))"
    given = {"COMPLEAT_DEPLOY_VAR": f"pw={CANARY}", "COMPLEAT_DEPLOYMENT": "web", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **given}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "compleat deploy m.yml\n"


def test_a_bug_report_is_told_what_to_leave_out() -> None:
    process = typed_command.TypedCommand()
    context = _context("deploy", [f"-vpw={CANARY}", "m.yml"], process)
    assert (typed_command.note(context, is_json=True), process.line) == (
        process.line,
        "compleat deploy m.yml --var pw=...",
    )
    assert (process.hidden, process.is_json) == ((CANARY,), True)


def _shown(name: str, words: list[str]) -> str:
    return typed_command.command_line(_context(name, words, None))


def _context(name: str, words: list[str], process: typed_command.TypedCommand | None) -> click.Context:
    command = dict(command_pages.commands())[name]
    group = click.Context(command_table.compleat, info_name="compleat", obj=process, auto_envvar_prefix="COMPLEAT")
    return command.make_context(name, list(words), parent=group)


def _spellings(name: str, parameter: click.Parameter) -> list[list[str]]:
    """Every way to type the parameter that the command takes, with what else it needs."""
    needed = _needed(dict(command_pages.commands())[name], parameter)
    if isinstance(parameter, click.Argument):
        return [[*needed, CANARY]]
    spelled = [
        words
        for flag, value in itertools.product(parameter.opts, (CANARY, f"NAME={CANARY}"))
        for words in ([flag, value], [f"{flag}={value}" if flag.startswith("--") else f"{flag}{value}"])
    ]
    tried = [words for each in spelled for words in (each, [*each, "x"], [*needed, *each, "x"])]
    return [words for words in tried if _is_taken(name, words)]


def _needed(command: click.Command, but: click.Parameter) -> list[str]:
    """The options that the command does not do without."""
    options = [each for each in command.params if isinstance(each, click.Option) and each.required and each is not but]
    return [
        word
        for each in options
        for word in (each.opts[0], each.type.choices[0] if isinstance(each.type, click.Choice) else "x")
    ]


def _is_taken(name: str, words: list[str]) -> bool:
    try:
        _context(name, words, None)
    except click.UsageError:
        return False
    return True
