"""Who is killed when on the local cloud: its processes found in /proc, moments drawn from a seed.

Takes a Compleat whose environment is up, gives process ids and what the cloud's processes say of it.
"""

import contextlib
import os
import random
import signal
import time
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from cpi.clouds.local.inside.records import locks
from cpi.clouds.local.inside.system import sockets
from tests.support import local_inventory
from tests.support.command import Compleat

_PATIENCE_S = 20.0


class Victim(Enum):
    DIRECTOR = "director"
    SERVICE = "service"
    EDGE = "edge"
    FIRST_PROCESS = "a VM's first process"
    SSH_SERVER = "a VM's SSH server"


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """Kill that, so long after the command began. `share` picks one of several VMs."""

    victim: Victim
    after_s: float
    share: float


def draw_strikes(chance: random.Random, *, usual_s: float) -> list[Strike]:
    """One strike for each kind of victim, in any order."""
    victims = list(Victim)
    chance.shuffle(victims)
    return [Strike(victim=victim, after_s=chance.uniform(0.0, usual_s), share=chance.random()) for victim in victims]


def strike(compleat: Compleat, blow: Strike, *, director: int) -> bool:
    """Kill it, with what it had forked for its work; says whether it was there."""
    match blow.victim:
        case Victim.DIRECTOR:
            doomed = [director]
        case Victim.SERVICE:
            service = _holder(compleat, sockets.SERVICE_LOCK)
            doomed = [service, *_children(service)]
        case Victim.EDGE:
            doomed = [_holder(compleat, sockets.EDGE_LOCK)]
        case Victim.FIRST_PROCESS:
            doomed = _picked(_inits(compleat), blow.share)
        case Victim.SSH_SERVER:
            doomed = [pid for init in _picked(_inits(compleat), blow.share) for pid in _named(init, "vm-sshd")]
    return sum(_kill(pid) for pid in doomed) > 0


def kill_edge(compleat: Compleat) -> None:
    """Kill the host's side of public addresses, and wait until their ports are closed."""
    assert _kill(_holder(compleat, sockets.EDGE_LOCK))
    _wait_until_free(local_inventory.cloud_dir(compleat) / sockets.EDGE_LOCK)


def kill_jumpbox(compleat: Compleat) -> None:
    """Pull the plug of the jumpbox."""
    (cid,) = [vm.created.cid for vm in local_inventory.take(compleat).vms_of("jumpbox")]
    lock = local_inventory.cloud_dir(compleat) / "vms" / cid / "lock"
    assert _kill(locks.find_holder(str(lock)))
    _wait_until_free(lock)


def count_lives(compleat: Compleat) -> dict[str, int]:
    """How many first processes, and links to VMs, the cloud's namespaces hold."""
    first = _holder(compleat, "lock")
    devices = Path(f"/proc/{first}/net/dev").read_text().splitlines()
    names = [line.split(":")[0].strip() for line in devices if ":" in line]
    ports = [name for name in names if name.startswith("v") and "-" in name]
    return {"first processes": len(_named(first, "vm-init")), "ports": len(ports)}


def processes_of(state: Path) -> list[int]:
    """Every process on this machine that has the cloud's state mounted, open as its output, or as its own place."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and entry.name != str(os.getpid()) and _is_of(entry, str(state)):
            found.append(int(entry.name))
    return found


def _wait_until_free(lock: Path) -> None:
    until_s = time.monotonic() + _PATIENCE_S
    while locks.find_holder(str(lock)):
        assert time.monotonic() < until_s, f"{lock} is still held"
        time.sleep(0.005)


def _is_of(entry: Path, state: str) -> bool:
    try:
        return state in (entry / "mountinfo").read_text() or state in str((entry / "fd/1").readlink())
    except OSError:
        return False


def _inits(compleat: Compleat) -> list[int]:
    state = local_inventory.cloud_dir(compleat)
    holders = [locks.find_holder(str(path)) for path in sorted(state.glob("vms/*/lock"))]
    return [pid for pid in holders if pid > 1]


def _picked(pids: list[int], share: float) -> list[int]:
    return [pids[int(share * len(pids))]] if pids else []


def _holder(compleat: Compleat, name: str) -> int:
    return locks.find_holder(str(local_inventory.cloud_dir(compleat) / name))


def _named(parent: int, name: str) -> list[int]:
    return [pid for pid in _children(parent) if _comm(pid) == name]


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _comm(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return ""


def _kill(pid: int) -> bool:
    if pid <= 1:
        return False
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
