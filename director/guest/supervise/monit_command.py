"""The command monit for job scripts: it shows and changes what the supervisor does with single services.

Takes the words of a command line, gives its exit code; a change is a request, and nothing waits for it.
Source: monit 5.2.5, control.c, http/cervlet.c.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Callable, Dict, List, Mapping, NamedTuple

from director.guest.layout import Layout, layout_of
from director.guest.supervise import control_files
from director.guest.supervise.service_set import MODE_RUNNING, MODE_STOPPED, MODE_UNMONITORED
from director.guest.system import processes
from director.monit.checks import GROUP, PROCESS, Check

_VERSION = "5.2.5"
_USAGE = "Use: monit [-g GROUP] start|stop|restart|monitor|unmonitor all|NAME; summary|status|reload|validate|quit"
_WITH_VALUE = ("-c", "-d", "-g", "-l", "-p", "-s")
_STATES = {
    "running": "running",
    "starting": "initializing",
    "stopping": "running - stop pending",
    "stopped": "not monitored",
    "unmonitored": "not monitored",
}
_FAILURES = (("start program", "Execution failed"), ("stop program", "Execution failed"))


class _ServiceChange(NamedTuple):
    mode: str
    is_restart: bool = False


_CHANGES = {
    "start": _ServiceChange(MODE_RUNNING),
    "stop": _ServiceChange(MODE_STOPPED),
    "restart": _ServiceChange(MODE_RUNNING, is_restart=True),
    "monitor": _ServiceChange(MODE_RUNNING),
    "unmonitor": _ServiceChange(MODE_UNMONITORED),
}


def main(words: List[str]) -> int:
    """The subcommand `monit`; its first word is that."""
    layout = layout_of(os.environ)
    options, rest = _split(words[1:])
    try:
        return _run(layout, rest, group=options.get("-g", ""), is_version="-V" in options)
    except PermissionError:
        print("monit: only root may use the supervisor of this VM", file=sys.stderr)
        return 1


def _run(layout: Layout, words: List[str], *, group: str, is_version: bool) -> int:
    if is_version:
        print("This is Monit version %s" % _VERSION)
        return 0
    verb = words[0] if words else ""
    if verb in _CHANGES and len(words) == 2 - bool(group and len(words) == 1):
        return _change(layout, _CHANGES[verb], name=words[1] if len(words) == 2 else "all", group=group)
    command = _COMMANDS.get(verb)
    if command is None or len(words) != 1:
        print(_USAGE, file=sys.stderr)
        return 1
    return command(layout)


def _split(words: List[str]) -> "tuple[Dict[str, str], List[str]]":
    options: Dict[str, str] = {}
    rest: List[str] = []
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        if word in _WITH_VALUE and waiting:
            options[word] = waiting.pop(0)
        elif word.startswith("-"):
            options[word] = ""
        else:
            rest.append(word)
    return options, rest


def _change(layout: Layout, request: _ServiceChange, *, name: str, group: str) -> int:
    known = [check.name for check in control_files.load_checks(layout)]
    if name != "all" and name not in known:
        print("monit: There is no service named '%s'" % name, file=sys.stderr)
        return 1
    names = known if name == "all" and group in ("", GROUP) else [each for each in known if each == name]
    if names:
        control_files.request_services(layout, names, mode=request.mode, is_restart=request.is_restart)
        control_files.signal_supervisor(layout)
    return 0


def _reload(layout: Layout) -> int:
    """Have the supervisor read its files again; it is never without one, so `quit` does the same."""
    control_files.request_services(layout, ())
    control_files.signal_supervisor(layout)
    print("Reinitializing monit daemon")
    return 0


def _validate(layout: Layout) -> int:
    control_files.load_checks(layout)
    return 0


def _summary(layout: Layout) -> int:
    return _show(layout, lambda service, check: [_line("%s '%s'" % (_kind(check), service["name"]), _state(service))])


def _status(layout: Layout) -> int:
    return _show(layout, _details)


def _show(layout: Layout, lines_of: Callable[[Mapping[str, Any], "Check | None"], List[str]]) -> int:
    pid = control_files.supervisor_pid(layout)
    if not pid:
        print("monit: error connecting to the monit daemon", file=sys.stderr)
        return 1
    checks = {check.name: check for check in control_files.load_checks(layout)}
    print("The Monit daemon %s uptime: %s\n" % (_VERSION, _uptime(pid)))
    for service in control_files.read_state(layout).get("services", []):
        print("\n".join(lines_of(service, checks.get(service["name"]))))
    print(_line("System 'system_localhost'", "running"))
    return 0


def _details(service: Mapping[str, Any], check: "Check | None") -> List[str]:
    is_watched = service["state"] not in ("stopped", "unmonitored")
    shown = [
        ("status", _state(service)),
        ("monitoring status", "monitored" if is_watched else "not monitored"),
    ]
    usage = processes.usage_of(service["pid"]) if service["pid"] else None
    if usage:
        shown += [
            ("pid", str(service["pid"])),
            ("uptime", _uptime(service["pid"])),
            ("memory kilobytes", str(usage.mem_kib)),
        ]
    return ["%s '%s'" % (_kind(check), service["name"]), *("  %-33s %s" % each for each in shown), ""]


def _kind(check: "Check | None") -> str:
    return (check.kind if check else PROCESS).capitalize()


def _state(service: Mapping[str, Any]) -> str:
    if service["state"] == "failing":
        found = [text for part, text in _FAILURES if part in service["problem"]]
        return found[0] if found else "Does not exist"
    state = _STATES.get(service["state"], str(service["state"]))
    return state if service.get("kind", PROCESS) == PROCESS else state.replace("running", "accessible")


def _line(what: str, state: str) -> str:
    return "%-35s %s" % (what, state)


def _uptime(pid: int) -> str:
    """As monit prints it, with a blank at its end."""
    usage = processes.usage_of(pid)
    minutes = int((processes.uptime_s() - usage.started_s) // 60) if usage else 0
    days, hours = minutes // 1440, minutes // 60 % 24
    shown = ("%dd " % days if days else "") + ("%dh " % hours if days or hours else "")
    return shown + "%dm " % (minutes % 60)


_COMMANDS: Dict[str, Callable[[Layout], int]] = {
    "summary": _summary,
    "status": _status,
    "reload": _reload,
    "quit": _reload,
    "validate": _validate,
    "": lambda layout: 0,
}
