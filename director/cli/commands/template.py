"""`compleat template`: what a template describes, its parameters and outputs, its text, cases of its language.

Takes flags, gives output and an exit code; nothing is created.
"""

import re
from pathlib import Path

import click

from director.app.use_cases import show, templates
from director.app.use_cases.templates import TemplateRequest, TemplateTable
from director.app.wiring import vaults
from director.app.wiring.files import open_files
from director.app.wiring.homes import Home
from director.cli import options
from director.cli.options import Shell
from director.cli.terminal import showing
from director.errors import ActionFailedError, InputError, StateError
from director.model.documents import Source
from director.ports.files import Files
from director.text.arm.surroundings import NO_ID, Surroundings

_EXAMPLE = "templates/examples/network.json"
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)\Z", re.DOTALL)
_PARAMETERS = click.option(
    "--parameters",
    "given",
    multiple=True,
    metavar="FILE|NAME=VALUE",
    help="Read a parameter file, or set one parameter.",
)
_RESOURCE_GROUP = click.option("--resource-group", default="resource-group", help="Name of the resource group.")
_LOCATION = click.option("--location", default="eastus", help="Location of the resource group.")
_SUBSCRIPTION = click.option("--subscription", default=NO_ID, help="Identifier of the subscription.")


@click.group("template")
def command() -> None:
    """Read templates in the language of Azure Resource Manager."""


@command.command("validate", epilog=f"Example: `compleat template validate {_EXAMPLE}`")
@click.argument("file")
@_PARAMETERS
@_RESOURCE_GROUP
@_LOCATION
@_SUBSCRIPTION
@options.of_environment
def validate(shell: Shell, /, *, file: str, given: tuple[str, ...], **place: str) -> None:
    """Check FILE and list the resources that it describes, in the order of their deployment.

    All problems are reported at once, each with its place. Nothing is created.
    """
    _show(shell, templates.validate_template(_request(shell, file, given, place=place)))


@command.command("outputs", epilog=f"Example: `compleat template outputs {_EXAMPLE}`")
@click.argument("file")
@_PARAMETERS
@_RESOURCE_GROUP
@_LOCATION
@_SUBSCRIPTION
@options.of_environment
def outputs(shell: Shell, /, *, file: str, given: tuple[str, ...], **place: str) -> None:
    """List the outputs of FILE. Values that only a deployment can supply are named, not guessed."""
    _show(shell, templates.list_outputs(_request(shell, file, given, place=place)))


@command.command("parameters", epilog=f"Example: `compleat template parameters {_EXAMPLE}`")
@click.argument("file")
@options.of_environment
def parameters(shell: Shell, /, *, file: str) -> None:
    """List the parameters of FILE with their types, defaults and constraints."""
    _show(shell, templates.list_parameters(_files(shell).read_source(file)))


@command.command("format", epilog=f"Example: `compleat template format {_EXAMPLE}`")
@click.argument("file")
@options.of_environment
def format_(shell: Shell, /, *, file: str) -> None:
    """Print FILE as formatted JSON; a YAML template becomes JSON. Comments are not kept."""
    found = templates.format_template(_files(shell).read_source(file))
    if found.comment:
        shell.terminal.note([f"remark: {found.comment}: Comments are not in the output. (template-comment-dropped)"])
    if shell.terminal.is_json:
        shell.terminal.say_json({"schema": "compleat.template/1", "template": found.value})
    else:
        shell.terminal.say_raw(found.text.encode())


@command.command("eval", epilog="Example: `compleat template eval templates/examples/cases.json`")
@click.argument("file")
@options.of_environment
def eval_(shell: Shell, /, *, file: str) -> None:
    """Evaluate the expressions of FILE: a case {expression, parameters, variables, expected}, or a list of them.

    The exit code is 1 if a value or an error is not the expected one.
    """
    found, failed = templates.run_cases(_files(shell).read_source(file))
    _show(shell, found)
    if failed:
        error = ActionFailedError(
            "template-case-failed",
            f"{failed} of {len(found.table.rows)} cases did not give what they expect.",
            why="The table above has the value or the error of each case.",
            fix="Correct the expression, or what the case expects.",
        )
        showing.fail_after_report(shell.terminal, error)


def _show(shell: Shell, found: TemplateTable) -> None:
    shell.terminal.note(f"remark: {one.where}: {one.text} ({one.code})" for one in found.remarks)
    showing.show_table(shell.terminal, found.table)


def _files(shell: Shell) -> Files:
    return Home(shell.settings).part(open_files)


def _request(shell: Shell, file: str, given: tuple[str, ...], *, place: dict[str, str]) -> TemplateRequest:
    files = _files(shell)
    matches = [(text, _ASSIGNMENT.match(text)) for text in given]
    folder = Path(file).resolve().parent
    surroundings = Surroundings(
        subscription_id=place["subscription"],
        resource_group=place["resource_group"],
        location=place["location"],
        deployment_name=Path(file).stem or "deployment",
        template_link=Path(file).resolve().as_uri(),
    )
    return TemplateRequest(
        template=files.read_source(file),
        parameter_files=tuple(files.read_source(text.removeprefix("@")) for text, match in matches if not match),
        texts=tuple((match.group(1), match.group(2)) for _, match in matches if match),
        surroundings=surroundings,
        read_link=lambda address: _linked(files, folder, address),
        secret_of=lambda name: _secret(shell, name),
    )


def _linked(files: Files, folder: Path, address: str) -> Source | None:
    """A linked template in the folder of the template, or below; others are not read."""
    if not address.startswith("file://"):
        return None
    path = Path(address.removeprefix("file://")).resolve()
    is_near = path.is_relative_to(folder) and path.is_file()
    return files.read_source(str(path)) if is_near else None


def _secret(shell: Shell, name: str) -> str | None:
    """A secret of the environment, None without it."""
    try:
        with vaults.open_secret_history(shell.settings) as history:
            value = show.show_secret(history, None, name)
    except (InputError, StateError):
        return None
    return value if isinstance(value, str) else None
