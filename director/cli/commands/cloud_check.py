"""`compleat cloud-check`: the problems of a deployment's VMs and disks, and their resolutions.

Takes flags, gives the problems and how the run ended; the exit code of --report is 1 when there are any.
"""

from collections.abc import Sequence

import click

from director.app.sessions import fingerprints
from director.app.use_cases import cloud_check
from director.app.use_cases.cloud_check import Choose, CloudChecked
from director.cli import change, opening, options
from director.cli.terminal import terminal as terminals
from director.errors import WrongUseError
from director.model.environments.cloud_problem import ChosenResolution, CloudProblem, Resolution
from director.model.report import CloudPlace
from director.report import as_json, ending, problem_text

_UNASKED = "Add --auto, or --resolution NAME for each resolution to apply; --report only lists the problems."


@click.command("cloud-check", epilog="Example: `compleat cloud-check -d hello --report`")
@click.option("-r", "--report", "is_report", is_flag=True, help="Only list the problems; exit with 1 if there are any.")
@click.option("-a", "--auto", "is_auto", is_flag=True, help="Take the default resolution of each problem.")
@click.option(
    "--resolution",
    "resolutions",
    multiple=True,
    metavar="NAME",
    type=click.Choice([each.value for each in Resolution]),
    help="Apply this resolution where it fits; ignore other problems.",
)
@options.watched
@options.shared
def command(shell: options.Shell, /, *, is_report: bool, is_auto: bool, resolutions: tuple[str, ...]) -> None:
    """Compare the deployment's records with its cloud and its agents, and ask what to do about each difference.

    Instances that are recreated or updated become what the manifest deployed last says.
    """
    if is_report + is_auto + bool(resolutions) > 1:
        raise click.UsageError("Give one of --report, --auto and --resolution.")
    name = shell.needed_deployment()
    if is_report:
        _report(shell, name)
        return
    wanted = [Resolution(each) for each in resolutions]
    with opening.task(shell) as session:
        places = fingerprints.report_clouds(session)
        checked = cloud_check.resolve_problems(
            session,
            name,
            caller=shell.caller,
            choose=_chooser(shell, name, wanted=wanted, is_auto=is_auto),
            confirm=change.confirmed(shell, session),
        )
    _show(shell, checked, places)


def _report(shell: options.Shell, name: str) -> None:
    with opening.quiet_session(shell) as session:
        problems = cloud_check.list_problems(session, name)
    if shell.terminal.is_json:
        rows = problem_text.problem_rows((problem, None) for problem in problems)
        shell.terminal.say_json(as_json.problems_json(name, rows))
    else:
        shell.terminal.say(problem_text.problem_lines(name, problems))
    if problems:
        raise click.exceptions.Exit(1)


def _chooser(shell: options.Shell, name: str, *, wanted: Sequence[Resolution], is_auto: bool) -> Choose:
    def choose(problems: Sequence[CloudProblem]) -> Sequence[ChosenResolution]:
        if is_auto:
            return [ChosenResolution(problem=each, resolution=each.auto) for each in problems]
        if wanted:
            return [ChosenResolution(problem=each, resolution=_first(each, wanted)) for each in problems]
        with shell.terminal.pausing():
            if problems:
                shell.terminal.note(problem_text.problem_lines(name, problems))
            return [_asked(shell, number, each) for number, each in enumerate(problems, start=1)]

    return choose


def _first(problem: CloudProblem, wanted: Sequence[Resolution]) -> Resolution:
    """The first that fits; what this command was interrupted in is finished in any case."""
    rest = problem.auto if problem.auto is Resolution.FINISH_UPDATE else Resolution.IGNORE
    return next((each for each in wanted if each in problem.resolutions), rest)


def _asked(shell: options.Shell, number: int, problem: CloudProblem) -> ChosenResolution:
    """Ask until the answer is one of the resolutions. Raises WrongUseError, code `not-answered`."""
    if not (shell.is_asking and terminals.can_ask()):
        raise WrongUseError(
            "not-answered",
            "No resolution was chosen; nothing was changed.",
            why="The command is not allowed to ask, or there is no terminal to ask at.",
            fix=_UNASKED,
        )
    lines = problem_text.choice_lines(number, problem)
    while True:
        answer = shell.terminal.ask(lines, f"Resolution [{problem.auto.value}]: ", fix=_UNASKED)
        resolution = problem_text.read_choice(problem, answer)
        if resolution:
            return ChosenResolution(problem=problem, resolution=resolution)
        lines = (f"  '{answer.strip()}' is none of them: type a number or a name.",)


def _show(shell: options.Shell, checked: CloudChecked, places: Sequence[CloudPlace]) -> None:
    if shell.terminal.is_json:
        rows = problem_text.problem_rows((each.problem, each.resolution) for each in checked.chosen)
        shell.terminal.say_json(as_json.problems_json(checked.deployment, rows, report=checked.report, clouds=places))
        return
    lines = problem_text.problem_lines(checked.deployment, [each.problem for each in checked.chosen])
    done = [ending.run_line(checked.report)] if checked.report else []
    shell.terminal.say((lines[0], *problem_text.chosen_lines(checked.chosen), *done))
