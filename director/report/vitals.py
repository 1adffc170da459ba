"""The load of VMs and processes as text.

Takes vitals, gives cells of a table.
"""

from collections.abc import Mapping

from cpi.contract.values import JsonValue
from director.model.agents.agent_state import Process, Vitals

COLUMNS = ("uptime", "load", "cpu", "memory", "swap", "disk")
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400


def of_vm(vitals: Vitals) -> Mapping[str, JsonValue]:
    """A cell for each column, "" for what the agent did not measure."""
    return {
        "uptime": _uptime(vitals.uptime_s),
        "load": " ".join(str(each) for each in vitals.load),
        "cpu": _percents(vitals.cpu_percent),
        "memory": _percent(vitals.memory_percent),
        "swap": _percent(vitals.swap_percent),
        "disk": _percents(vitals.disk_percent),
    }


def of_process(process: Process) -> Mapping[str, JsonValue]:
    """The cells that a process has: how long it runs, its processor's share and its memory."""
    return {
        "uptime": _uptime(int(process.uptime_s)),
        "cpu": _percent(process.cpu_percent),
        "memory": f"{process.mem_kib // 1024} MiB",
    }


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share}%"


def _percents(shares: Mapping[str, float]) -> str:
    """ "system 12.0%, persistent 3.1%"."""
    return ", ".join(f"{name} {share}%" for name, share in shares.items())


def _uptime(seconds: int | None) -> str:
    """The two largest units: "3d 4h", "2h 5m", "40s"."""
    if seconds is None:
        return ""
    if seconds < _MINUTE_S:
        return f"{seconds}s"
    if seconds < _HOUR_S:
        return f"{seconds // _MINUTE_S}m {seconds % _MINUTE_S}s"
    if seconds < _DAY_S:
        return f"{seconds // _HOUR_S}h {seconds % _HOUR_S // _MINUTE_S}m"
    return f"{seconds // _DAY_S}d {seconds % _DAY_S // _HOUR_S}h"
