"""The command bpm: the same words, output and exit codes.

Takes the words of a command line, gives its exit code. Source: cloudfoundry/bpm-release src/bpm/commands/.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any, Callable, Dict, List, NoReturn

from director.guest.bpm import configs, foreground, inspection, lifecycle
from director.guest.bpm.configs import BpmProcess
from director.guest.bpm.containers import RUNNING, BpmContainer
from director.guest.failures import GuestError
from director.guest.layout import Layout, layout_of

VERSION = "1.4.38 (compleat)"
"""The version whose behaviour this follows."""
_USAGE = "Use: bpm start|stop|run|pid|list|logs|shell|trace|version [JOB] [-p PROCESS]"


def main(words: List[str]) -> int:
    """The subcommand `bpm`; its first word is that."""
    try:
        return _run(layout_of(os.environ), words[1:])
    except GuestError as error:
        print("Error: %s" % error.what, file=sys.stderr)
        return 1


def _run(layout: Layout, words: List[str]) -> int:
    if words[:1] in (["--version"], ["version"]):
        print(VERSION)
        return 0
    if words[:1] in (["help"], ["--help"], ["-h"]):
        print(_USAGE)
        return 0
    command = _COMMANDS.get(words[0]) if words else None
    if command is None:
        print(_USAGE, file=sys.stderr)
        raise GuestError("bad-usage", "unknown command %r for bpm" % words[0] if words else "Exit code 1")
    if os.getuid() != 0 and os.getgid() != 0 and layout.is_default:
        raise GuestError("not-root", "bpm must be run as root. Please run 'sudo -i' to become the root user.")
    os.umask(0o022)
    return command(layout, _parse(words[1:]))


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise GuestError("bad-usage", message)


def _parse(words: List[str]) -> "argparse.Namespace":
    parser = _Parser(prog="bpm", add_help=False, allow_abbrev=False)
    parser.add_argument("job", nargs="?", default="")
    parser.add_argument("-p", "--process", default="")
    parser.add_argument("-v", "--volume", action="append", default=[])
    parser.add_argument("-e", "--env", action="append", default=[])
    parser.add_argument("-a", "--all", action="store_true")
    parser.add_argument("--err", action="store_true")
    parser.add_argument("-f", "--follow", action="store_true")
    parser.add_argument("-n", "--lines", type=int, default=25)
    parser.add_argument("-q", "--quiet", action="store_true")
    return parser.parse_intermixed_args(words)


def _container(layout: Layout, options: Any) -> BpmContainer:
    if not options.job:
        print(_USAGE, file=sys.stderr)
        raise GuestError("bad-usage", "must specify a job")
    return BpmContainer(layout, options.job, options.process or options.job)


def _process(container: BpmContainer) -> BpmProcess:
    return configs.find_process(container.layout, container.job, container.process)


def _start(layout: Layout, options: Any) -> int:
    container = _container(layout, options)
    lifecycle.start(container, _process(container))
    return 0


def _stop(layout: Layout, options: Any) -> int:
    container = _container(layout, options)
    lifecycle.stop(container, _process(container))
    return 0


def _foreground(layout: Layout, options: Any) -> int:
    container = _container(layout, options)
    process = _process(container)
    given = dict(text.partition("=")[::2] for text in options.env)
    volumes = tuple(configs.read_volume(text) for text in options.volume)
    process = process._replace(env={**process.env, **given}, volumes=(*process.volumes, *volumes))
    try:
        return foreground.run(container, process)
    except GuestError as error:  # as bpm: what fails before the process starts is printed, and that is all
        print("Error: %s" % error.what, file=sys.stderr)
        return 0


def _pid(layout: Layout, options: Any) -> int:
    container = _container(layout, options)
    _process(container)
    if container.state() != RUNNING:
        raise GuestError("bpm-not-running", "process is not running or could not be found")
    print(container.pid())
    return 0


def _list(layout: Layout, options: Any) -> int:
    print("\n".join(inspection.list_lines(layout)))
    return 0


def _logs(layout: Layout, options: Any) -> int:
    return inspection.show_logs(_container(layout, options), options)


def _shell(layout: Layout, options: Any) -> int:
    return inspection.enter_shell(_running(layout, options))


def _trace(layout: Layout, options: Any) -> int:
    words = ["strace", "-s", "100", "-f", "-y", "-yy", "-p", str(_running(layout, options).pid())]
    return inspection.be_program(words)


def _running(layout: Layout, options: Any) -> BpmContainer:
    container = _container(layout, options)
    if container.state() != RUNNING:
        raise GuestError("bpm-not-running", "process is not running or could not be found")
    return container


_COMMANDS: Dict[str, Callable[[Layout, Any], int]] = {
    "start": _start,
    "stop": _stop,
    "run": _foreground,
    "pid": _pid,
    "list": _list,
    "logs": _logs,
    "shell": _shell,
    "trace": _trace,
}
