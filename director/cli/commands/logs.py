"""`compleat logs`: logs of instances fetched as archives, or followed.

Takes flags, gives paths or lines.
"""

import contextlib
from collections.abc import Mapping, Sequence

import click

from director.app.sessions.session import Session
from director.app.use_cases import instance_access, instance_logs
from director.app.use_cases.instance_access import Chosen
from director.app.use_cases.instance_logs import Following
from director.cli import opening, options
from director.cli.terminal import showing
from director.cli.terminal.terminal import Terminal
from director.model.agents.log_selection import KINDS, LogSelection
from director.model.report import Table
from director.ports.runner import Interrupted

_LINE_SCHEMA = "compleat.log-line/1"
_FLAGS = {"is_agent": "agent", "is_system": "system"}


@click.command("logs", epilog="Example: `compleat logs -d platform console/0 -f`")
@click.argument("instance", required=False)
@click.option("-f", "--follow", is_flag=True, help="Follow new lines until Ctrl-C.")
@click.option("--num", "lines", default=20, show_default=True, help="With -f: number of earlier lines to show first.")
@click.option("--job", "jobs", multiple=True, metavar="JOB", help="Only the logs of this job.")
@click.option("--only", "globs", multiple=True, metavar="GLOB,...", help="Only files that match, such as 'web/*.log'.")
@click.option("--agent", "is_agent", is_flag=True, help="The agent's logs instead of the jobs'.")
@click.option("--system", "is_system", is_flag=True, help="The operating system's logs instead of the jobs'.")
@click.option("--all-logs", "is_all", is_flag=True, help="The logs of jobs, agent and operating system.")
@click.option("--dir", "folder", default=".", show_default=True, help="Folder for the archives.")
@options.shared
def command(shell: options.Shell, /, instance: str | None, **flags: object) -> None:
    """Fetch the logs of INSTANCE, of a group, or of the whole deployment, each as a .tgz; or follow them with -f.

    With -f, each line of several instances comes behind the name of its instance, and an instance whose connection
    breaks is connected to again for a minute. The exit code is 1 if an instance gave none, or is lost at the end.
    """
    logs = _selected(flags)
    with opening.quiet_session(shell) as session:
        deployment = shell.needed_deployment() if instance is None else shell.deployment
        chosen = instance_access.find_chosen(session, deployment, instance)
        instance_logs.require_jobs(chosen, _texts(flags["jobs"]))
        if flags["follow"]:
            _follow(shell.terminal, session, chosen, flags=flags)
            return
        table = instance_logs.fetch_logs(session, chosen, logs, folder=str(flags["folder"]))
    _show_paths(shell.terminal, table)


def _selected(flags: Mapping[str, object]) -> tuple[LogSelection, ...]:
    """What is meant. Raises UsageError for options that contradict each other."""
    jobs, globs = _texts(flags["jobs"]), tuple(word for text in _texts(flags["globs"]) for word in text.split(","))
    kinds = KINDS if flags["is_all"] else tuple(kind for name, kind in _FLAGS.items() if flags[name]) or ("job",)
    if jobs and kinds != ("job",):
        raise click.UsageError("--job is about the logs of jobs: leave --agent, --system and --all-logs out.")
    if flags["follow"] and len(kinds) > 1:
        raise click.UsageError("-f follows one kind of logs: leave out --all-logs, or name --agent or --system alone.")
    wanted = (*(f"{job}/*" for job in jobs), *globs)
    return tuple(LogSelection(kind=kind, globs=wanted) for kind in kinds)


def _follow(terminal: Terminal, session: Session, chosen: Sequence[Chosen], *, flags: Mapping[str, object]) -> None:
    """Until Ctrl-C, or until none of them is left. Raises Exit, code 1, if one was lost."""
    lost: set[str] = set()
    is_ended = False

    def watch(name: str, line: str) -> None:
        prefix = f"{name} | " if len(chosen) > 1 else ""
        for each in line.splitlines() or [""]:
            if terminal.is_json:
                terminal.say_json_line({"schema": _LINE_SCHEMA, "instance": name, "line": each})
            else:
                terminal.say([f"{prefix}{each}"])
        if not terminal.is_read:  # the reader has closed the pipe: an end without words
            raise KeyboardInterrupt

    def lose(name: str, why: str) -> None:
        if not is_ended:  # else the end of the command has closed its connection
            lost.add(name)
            terminal.note([f"{name}: {why}"])

    def regain(name: str, how: str) -> None:
        lost.discard(name)
        terminal.note([f"{name}: {how}"])

    (logs,) = _selected(flags)
    following = Following(logs=logs, lines=int(str(flags["lines"])), watch=watch, lose=lose, regain=regain)
    with contextlib.suppress(KeyboardInterrupt, Interrupted):  # the way to end it
        instance_logs.follow_logs(session, chosen, following)
    is_ended = True
    if lost:
        raise click.exceptions.Exit(1)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, tuple) else ()


def _show_paths(terminal: Terminal, table: Table) -> None:
    failed = [row for row in table.rows if row["error"]]
    if terminal.is_json:
        showing.show_table(terminal, table)
    else:
        terminal.say(str(row["path"]) for row in table.rows if not row["error"])
        terminal.note(f"{row['instance']}: {row['error']}" for row in failed)
    if failed:
        raise click.exceptions.Exit(1)
