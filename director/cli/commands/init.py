"""`compleat init`: an environment's files from answers, typed one by one or given.

Takes flags, gives the files that were written, and what doctor says of them; the exit code is 3 when doctor refuses.
"""

import os
import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import click
from click.core import ParameterSource

from director.app.checks import preflight
from director.app.use_cases import doctor, init, interview
from director.app.use_cases.init import InitRequest, InitResult
from director.app.wiring import init_homes
from director.app.wiring.files import open_files
from director.app.wiring.homes import Home
from director.cli import opening, options, template_options
from director.cli.options import Shell
from director.cli.terminal import doctor_showing, showing, terminal
from director.cli.terminal.asking import Asker
from director.errors import InputError
from director.model.documents import Source
from director.ports.files import Files
from director.report import as_json
from director.text.forms import writing

_QUICKSTART = "templates/quickstart.yml"
_CLOUD = "cloud"
_PRINTED = ("questions", "schema", "form")


@click.command("init", epilog="Example: `compleat init -e trial --cloud local --set domain=`")
@click.option("--cloud", default="", metavar="CLOUD", help="local, aws, azure or openstack; asked for otherwise.")
@click.option("--template", "template", default="", metavar="FILE", help="Ask the questions of another template.")
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="Answer a question; @FILE reads the value.")
@click.option("--force", is_flag=True, help="Replace files that exist.")
@click.option("--print", "printed", type=click.Choice(_PRINTED), help="Print the questions, and write nothing.")
@options.of_environment
def command(shell: Shell, /, *, given: tuple[str, ...], force: bool, printed: str | None, **chosen: str) -> None:
    """Write the files of an environment: ask on a terminal what its template needs, then run doctor.

    Without a terminal, or with -n, answers come from --set, and all that is missing is reported at once.
    """
    files = Home(shell.settings).part(open_files)
    is_asking = shell.is_asking and printed is None and terminal.can_ask()
    request = _request(shell, _answers(files, given), is_asking=is_asking)
    request = replace(request, read=frozenset(text.partition("=")[0] for text in given if "=@" in text))
    request = _with_template(files, request, cloud=chosen["cloud"], template=chosen["template"])
    if printed is not None:
        _print(shell, request, printed)
        return
    with init_homes.open_init_home(shell.settings, user_home=str(Path.home())) as home:
        result = init.initialise(home, replace(request, is_forced=force))
    _show(shell, result, chosen["template"])


def _request(shell: Shell, given: Mapping[str, str], *, is_asking: bool) -> InitRequest:
    source = click.get_current_context().get_parameter_source("environment")
    is_named = source is not ParameterSource.DEFAULT
    return InitRequest(
        template=Source(name="", content=b""),
        template_path="",
        given=given,
        name=shell.settings.environment if is_named else "",
        seed=os.urandom(16).hex(),
        ask=Asker(shell.terminal).ask if is_asking else None,
    )


def _with_template(files: Files, request: InitRequest, *, cloud: str, template: str) -> InitRequest:
    """The request with the template of --template, or of the cloud; without either, ask for the cloud."""
    if cloud and template:
        raise click.UsageError("Give --cloud or --template, not both")
    path = template
    if not template:
        path = files.bundled(f"templates/{_chosen_cloud(files, request, cloud)}.yml")
    whole = template_options.whole_path(path)
    form = whole.parent / "createUiDefinition.json"
    return replace(
        request,
        template=files.read_source(path),
        template_path=str(whole),
        form=files.read_source(str(form)) if form.is_file() else None,
        read_link=lambda address: template_options.read_linked(files, whole.parent, address),
    )


def _chosen_cloud(files: Files, request: InitRequest, given: str) -> str:
    """The answer to the first question of the quickstart template: what --cloud gives, or what a person types."""
    quickstart = replace(request, template=files.read_source(files.bundled(_QUICKSTART)))
    (question,) = (each for each in init.questions_of(quickstart) if each.name == _CLOUD)
    return str(interview.answer_one(question, request.ask, given=given, option="--cloud CLOUD"))


def _answers(files: Files, given: tuple[str, ...]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            # The text is not shown: what stands after the sign may be a secret.
            raise click.UsageError("--set takes NAME=VALUE, got " + ("no name before '='" if equals else f"'{name}'"))
        is_file = value.startswith("@")
        found[name] = files.read_source(value[1:]).content.decode(errors="replace").rstrip("\n") if is_file else value
    return found


def _print(shell: Shell, request: InitRequest, printed: str) -> None:
    questions = init.questions_of(request)
    match printed:
        case "schema":
            shell.terminal.say_json(writing.parameters_schema_of(questions, title="parameters"))
        case "form":
            shell.terminal.say_json(writing.form_of(questions))
        case _:
            showing.show_table(shell.terminal, init.questions_table(questions))


def _show_next(shell: Shell, result: InitResult, template: str) -> None:
    """How to deploy a template whose parameters were written for an environment that exists."""
    if shell.terminal.is_json:
        shell.terminal.say_json(as_json.init_json(result.environment, result.files, findings=(), logins=()))
        return
    words = (shell.settings.program, "up", template, "-p", result.files["parameters"], "-e", result.environment)
    shell.terminal.say([f"Next: {shlex.join(words)}"])


def _show(shell: Shell, result: InitResult, template: str) -> None:
    """The files, and what doctor finds of an environment that is new."""
    lines = [f"Environment '{result.environment}'{f' on {result.cloud}' if result.cloud else ''}:"]
    lines += [f"  wrote {path}" for path in result.files.values()]
    shell.terminal.note(lines)
    if not result.cloud:
        _show_next(shell, result, template)
        return
    own = replace(shell, settings=replace(shell.settings, environment=result.environment))
    with opening.quiet_session(own) as session:
        examined = doctor.examine(session, caller=shell.caller)
    if shell.terminal.is_json:
        shell.terminal.say_json(
            as_json.init_json(result.environment, result.files, findings=examined.findings, logins=examined.logins)
        )
    else:
        doctor_showing.show_diagnosis(shell.terminal, examined, remarks=doctor.remarks_table(examined.findings))
    try:
        preflight.refuse(examined.findings)
    except InputError as error:
        showing.fail_after_report(shell.terminal, error, code=3)
    if not shell.terminal.is_json:
        shell.terminal.say([f"Next: {shell.settings.program} up -e {result.environment}"])
