"""Results on the terminal, as words or as JSON.

Takes report values, shows them.
"""

import textwrap
from collections.abc import Sequence
from typing import NoReturn

import click

from cpi.contract.errors import ExplainedError
from director.app.sessions import near_ends
from director.app.sessions.near_ends import Extended
from director.app.sessions.records import SecretHistory
from director.app.use_cases import show
from director.cli.terminal import columns
from director.cli.terminal.terminal import Terminal
from director.errors import ActionFailedError
from director.model.leftovers import PlaceLeftovers
from director.model.report import CloudPlace, DownReport, ErrandResult, RunReport, Table, UpReport
from director.report import as_json, ending, error_text, leftover_text, tables, time_words

_WIDTH = 80


def show_table(terminal: Terminal, table: Table) -> None:
    """Rows, with the columns of --column."""
    shown = columns.with_columns(table, terminal.columns)
    if terminal.is_json:
        terminal.say_json(as_json.table_json(shown))
    else:
        terminal.say(tables.table_lines(shown, width=terminal.width))


def show_deleted_releases(terminal: Terminal, name: str, count: int) -> None:
    """That it is gone."""
    if terminal.is_json:
        terminal.say_json({"schema": "compleat.deleted-release/1", "release": name, "deleted": count})
    else:
        terminal.say([f"Release '{name}' deleted."])


def show_secret_names(terminal: Terminal, history: SecretHistory, deployment: str | None) -> None:
    """Names of secrets, and a remark for those that cannot be listed."""
    show_table(terminal, show.list_variables(history, deployment))
    terminal.note(f"remark: {sentence} (secret-file-damaged)" for sentence in show.unlisted_secrets(history))


def show_run(terminal: Terminal, report: RunReport, clouds: Sequence[CloudPlace]) -> None:
    """How a run ended."""
    if terminal.is_json:
        terminal.say_json(as_json.run_json(report, clouds))
    else:
        terminal.say([ending.run_line(report)])


def show_disk_change(terminal: Terminal, report: RunReport | None, unchanged: str) -> None:
    """How a run about disks or snapshots ended, or why there was nothing to do."""
    if report is not None:
        show_run(terminal, report, ())
    elif terminal.is_json:
        terminal.say_json(as_json.unchanged_json("", ()))
    else:
        terminal.say([unchanged])


def show_errand(terminal: Terminal, results: tuple[ErrandResult, ...]) -> None:
    """What an errand said."""
    if terminal.is_json:
        terminal.say_json(as_json.errand_json(results))
        return
    for result in results:
        terminal.say(ending.errand_lines(result))


def show_up_or_fail(terminal: Terminal, report: UpReport) -> None:
    """The report; then what of it does not work, as an error."""
    show_up(terminal, report)
    failed = [line.name for line in report.lines if line.problem]
    if failed:
        error = ActionFailedError(
            "login-failed",
            f"Checks failed: {', '.join(failed)}.",
            why="The report above shows the result of each check.",
            fix="Check `compleat instances --ps` and the logs it names; then run the same command again.",
        )
        fail_after_report(terminal, error)


def show_up(terminal: Terminal, report: UpReport) -> None:
    """The final report."""
    if terminal.is_json:
        terminal.say_json(as_json.up_json(report))
    else:
        terminal.say(ending.up_lines(report))


def show_down(terminal: Terminal, report: DownReport) -> None:
    """What was deleted, and that nothing is left."""
    if terminal.is_json:
        terminal.say_json(as_json.down_json(report))
    else:
        terminal.say(ending.down_lines(report))


def show_leftovers(terminal: Terminal, found: Sequence[PlaceLeftovers]) -> None:
    """What is left, place by place."""
    if terminal.is_json:
        terminal.say_json({"schema": "compleat.leftovers/1", **leftover_text.leftovers_json(found)})
    else:
        terminal.say(leftover_text.leftover_lines(found))


def show_extended(terminal: Terminal, extended: Extended) -> None:
    """When the environment ends, and what ends it."""
    at = None if extended.at is None else time_words.utc_text(extended.at)
    kind = extended.timer.kind if extended.timer else None
    if terminal.is_json:
        document = {"schema": "compleat.end/1", "environment": extended.environment, "ends": at, "timer": kind}
        document["clock"] = extended.clock if extended.timer else None
        terminal.say_json(document)
    elif extended.timer is None:
        terminal.say([f"Environment '{extended.environment}' does not end by itself."])
    else:
        text = f"Environment '{extended.environment}' ends at {at}: "
        text += f"{near_ends.clock_words(extended.timer, extended.clock)}."
        terminal.say(textwrap.wrap(text, _WIDTH, subsequent_indent="  ", break_on_hyphens=False))


def fail_after_report(terminal: Terminal, error: ExplainedError, *, code: int = 1) -> NoReturn:
    """End with an error after a report was shown. JSON on standard output stays one document."""
    if not terminal.is_json:
        raise error
    terminal.note(error_text.error_lines(error))
    raise click.exceptions.Exit(code)
