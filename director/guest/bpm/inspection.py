"""What bpm shows of processes: a list, their logs, a shell beside one.

Takes a layout or a container, gives lines, or becomes another program.
"""

from __future__ import annotations

import os
import sys
from typing import Any, List

from director.guest.bpm import configs
from director.guest.bpm.containers import BpmContainer
from director.guest.failures import GuestError
from director.guest.layout import Layout


def list_lines(layout: Layout) -> List[str]:
    """The table of all processes of all jobs; a bad file is reported on standard error and skipped."""
    rows = [("Name", "Pid", "Status")]
    for job in configs.configured_jobs(layout):
        try:
            found = configs.read_processes(layout, job)
        except GuestError as error:
            sys.stderr.write("invalid config for %s: %s" % (job, error.what))
            continue
        for process in found:
            container = BpmContainer(layout, job, process.name)
            rows.append((container.name, str(container.pid() or "-"), container.state()))
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return ["%s %s %s" % (row[0].ljust(widths[0]), row[1].ljust(widths[1]), row[2]) for row in rows]


def show_logs(container: BpmContainer, options: Any) -> int:
    """Be `tail` of the process's logs."""
    kinds = ["stdout", "stderr"] if options.all else ["stderr" if options.err else "stdout"]
    paths = [container.log_file(kind) for kind in kinds]
    if not all(os.path.exists(path) for path in paths):
        raise GuestError("bpm-logs-missing", "logs not found")
    flags = [flag for flag, is_set in (("-f", options.follow), ("-q", options.quiet)) if is_set]
    return be_program(["tail", "-n", str(options.lines), *flags, *paths])


def enter_shell(container: BpmContainer) -> int:
    """Be a shell in the namespaces of the process."""
    words = ["nsenter", "-t", str(container.pid()), "-m", "-p", "-i", "-u", "/bin/bash"]
    if not os.environ.get("TERM"):
        raise GuestError("bpm-no-terminal", "TERM is not set")
    return be_program(words)


def be_program(words: List[str]) -> int:
    """Run it in this process's place."""
    try:
        os.execvp(words[0], words)
    except OSError as error:
        raise GuestError("command-not-runnable", "%s: %s" % (words[0], error.strerror)) from error
