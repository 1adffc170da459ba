"""`compleat template`: what a template describes, its parameters and outputs, its text, cases of its language.

Takes flags, gives output and an exit code; nothing is created but by `deploy`.
"""

import importlib
from types import ModuleType

import click

from director.app.use_cases import templates
from director.app.use_cases.templates import TemplateTable
from director.app.wiring.files import open_files
from director.app.wiring.homes import Home
from director.cli import opening, options, template_options
from director.cli.options import Shell
from director.cli.terminal import showing
from director.errors import ActionFailedError
from director.model.report import Table
from director.ports.files import Files
from director.report import tables

_SMALL = "templates/examples/small-vm.json"
_EXAMPLE = "templates/examples/network.json"


@click.group("template")
def command() -> None:
    """Read templates in the language of Azure Resource Manager."""


@command.command("validate", epilog=f"Example: `compleat template validate {_EXAMPLE}`")
@click.argument("file")
@template_options.parameters
@template_options.place
@template_options.native
@options.of_environment
def validate(shell: Shell, /, *, file: str, given: tuple[str, ...], is_native: bool, **place: str) -> None:
    """Check FILE and list the resources that it describes, in the order of their deployment.

    All problems are reported at once, each with its place. Nothing is created. With --native Azure Resource Manager
    validates it, too, and its list is shown.
    """
    if is_native:
        template_options.refuse_place(click.get_current_context())
        request = template_options.read_request(shell, file, given)
        with opening.remarking_session(shell) as session:
            resources = _native().validate_template(session, request)
        showing.show_table(shell.terminal, resources)
        return
    _show(shell, templates.validate_template(template_options.read_request(shell, file, given, place=place)))


@command.command("outputs", epilog=f"Example: `compleat template outputs {_EXAMPLE}`")
@click.argument("file")
@template_options.parameters
@template_options.place
@options.of_environment
def outputs(shell: Shell, /, *, file: str, given: tuple[str, ...], **place: str) -> None:
    """List the outputs of FILE. Values that only a deployment can supply are named, not guessed."""
    _show(shell, templates.list_outputs(template_options.read_request(shell, file, given, place=place)))


@command.command("what-if", epilog=f"Example: `compleat template what-if {_SMALL}`")
@click.argument("file")
@template_options.parameters
@template_options.native
@options.of_environment
def what_if(shell: Shell, /, *, file: str, given: tuple[str, ...], is_native: bool) -> None:
    """Show what `up FILE` would change, resource by resource, in the words of `az deployment group what-if`.

    Nothing is created. Right after a deployment every resource is NoChange. With --native it is what Azure Resource
    Manager says that `template deploy FILE --native` would change.
    """
    request, read = template_options.read_request(shell, file, given, is_planning=not is_native), None
    if not is_native:
        shell, request, read = template_options.in_its_environment(shell, request)
    with opening.remarking_session(shell, read) as session:
        if is_native:
            changes = _native().explain_changes(session, request)
        else:
            planning = importlib.import_module("director.app.use_cases.template_plan")
            changes = planning.explain_changes(session, request, caller=shell.caller)
    showing.show_table(shell.terminal, changes)


@command.command("deploy", epilog=f"Example: `compleat template deploy {_EXAMPLE} --native -e azure`")
@click.argument("file")
@template_options.parameters
@template_options.native
@options.watched
@options.of_environment
def deploy(shell: Shell, /, *, file: str, given: tuple[str, ...], is_native: bool) -> None:
    """Deploy FILE by Azure Resource Manager, in the resource group of the environment, and list the outputs.

    It asks before it changes or deletes what exists. The same command continues after an interruption. `up FILE`
    deploys a template by compleat itself, on every cloud.
    """
    if not is_native:
        raise click.UsageError("template deploy needs --native; without it `compleat up FILE` deploys the template")
    with opening.task(shell) as session:
        request = template_options.read_request(shell, file, given)

        def confirm(changes: Table) -> None:
            shell.confirm(tables.table_lines(changes, width=shell.terminal.width))

        outputs = _native().deploy_template(session, request, confirm, caller=shell.caller)
    showing.show_table(shell.terminal, outputs)


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


def _native() -> ModuleType:
    """Imported where it is needed: the other commands open no session."""
    return importlib.import_module("director.app.use_cases.native_templates")


def _files(shell: Shell) -> Files:
    return Home(shell.settings).part(open_files)
