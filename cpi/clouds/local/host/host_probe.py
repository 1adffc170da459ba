"""Which modes this machine can run, found by doing; and what the machine says about itself.

Takes nothing (starts a helper of 50 ms or so), gives values.
"""

import os
import platform
import shutil
from collections.abc import Iterable
from dataclasses import field
from pathlib import Path

from cpi.clouds.local.host import launch
from cpi.clouds.local.inside.system import subids
from cpi.clouds.local.inside.system.modes import LAST_STEP, Mode
from cpi.contract.value_classes import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeStep:
    """One step of a start; `errno` 0 means it worked."""

    name: str
    errno: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What explains a failed step. "" where the file is absent."""

    system: str
    uid: int
    kernel: str
    has_seccomp: bool
    has_sys_admin: bool
    apparmor_restriction: str = ""
    userns_clone: str = ""
    max_user_namespaces: str = ""
    distributions: tuple[str, ...] = ()
    """ID and ID_LIKE of os-release, nearest first."""
    has_newuidmap: bool = False
    has_subordinate_ids: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Each mode tried, best first, with its steps; none after the first that works."""

    facts: Facts
    trials: tuple[tuple[Mode, tuple[ProbeStep, ...]], ...] = field(default_factory=tuple)

    def works(self, mode: Mode) -> bool:
        """Whether every step this mode needs worked."""
        return any(tried is mode and not failed_step(steps, mode) for tried, steps in self.trials)

    def best(self) -> Mode | None:
        """The first mode that works, None without one."""
        return next((mode for mode, _ in self.trials if self.works(mode)), None)


_OPTIONAL = frozenset({"sysfs", "overlay"})


def run_probe(modes: Iterable[Mode] = ()) -> Probe:
    """Try `modes`, or all that the calling user may hope for, up to the first that works."""
    facts = read_facts()
    if facts.system != "Linux":
        return Probe(facts=facts)
    wanted = tuple(modes) or _modes_of(facts.uid)
    lines = launch.run_program("system.probing", *(mode.value for mode in wanted)).splitlines()
    return Probe(facts=facts, trials=tuple(map(_read_trial, lines)))


def _read_trial(line: str) -> tuple[Mode, tuple[ProbeStep, ...]]:
    mode, *steps = line.split()
    return Mode(mode), tuple(
        ProbeStep(name=name, errno=int(errno)) for name, _, errno in (step.partition("=") for step in steps)
    )


def failed_step(steps: tuple[ProbeStep, ...], mode: Mode) -> ProbeStep | None:
    """The first needed step that failed, or a stand-in when the trial ended before its last; None when all is well."""
    optional = _OPTIONAL - ({"overlay"} if mode is Mode.R1 else set())
    for step in steps:
        if step.errno and step.name not in optional:
            return step
    if not steps or steps[-1].name != LAST_STEP:
        return ProbeStep(name="unknown", errno=1)
    return None


def read_facts(proc: Path = Path("/proc")) -> Facts:
    """What the machine says about itself."""
    status = dict(line.split(":", 1) for line in _read(proc / "self/status").splitlines() if ":" in line)
    capabilities = int(status.get("CapEff", "0").strip() or "0", 16)
    return Facts(
        system=platform.system(),
        uid=os.geteuid(),
        kernel=platform.release(),
        has_seccomp=status.get("Seccomp", "0").strip() == "2",
        has_sys_admin=bool(capabilities >> 21 & 1),
        apparmor_restriction=_read(proc / "sys/kernel/apparmor_restrict_unprivileged_userns"),
        userns_clone=_read(proc / "sys/kernel/unprivileged_userns_clone"),
        max_user_namespaces=_read(proc / "sys/user/max_user_namespaces"),
        distributions=_distributions(),
        has_newuidmap=bool(shutil.which("newuidmap") and shutil.which("newgidmap")),
        has_subordinate_ids=None not in (subids.find_range("uid"), subids.find_range("gid")),
    )


def _distributions() -> tuple[str, ...]:
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return ()
    return (release["ID"], *release.get("ID_LIKE", "").split())


def _modes_of(uid: int) -> tuple[Mode, ...]:
    return (Mode.R1, Mode.R2, Mode.R3) if uid == 0 else (Mode.U1, Mode.U2)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
