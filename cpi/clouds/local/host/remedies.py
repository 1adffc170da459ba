"""What to say and do when this machine cannot run a local cloud, or only in a lesser mode. Pure.

Takes a Probe, gives findings: fatal when no mode works, a remark when the mode has a drawback.
"""

import errno
import os
from collections.abc import Iterable

from cpi.clouds.local.host import host_probe as probes
from cpi.clouds.local.inside.system.modes import Mode
from cpi.contract.values import Finding

_CONTAINER = (
    "Run the container with --privileged, or with --security-opt seccomp=unconfined "
    "--security-opt systempaths=unconfined --security-opt apparmor=unconfined."
)
_GIVE_IDS = "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER (a range that no other user has)"
_APT = "apt-get install uidmap"
_DNF = "dnf install shadow-utils"
_INSTALL = {
    "debian": _APT,
    "ubuntu": _APT,
    "fedora": _DNF,
    "rhel": _DNF,
    "centos": _DNF,
    "arch": "pacman -S shadow",
    "suse": "zypper install shadow",
    "opensuse": "zypper install shadow",
    "alpine": "apk add shadow-subids",
}
_INSTALL_ANY = "install the package that has newuidmap (uidmap, or shadow-utils)"
_SYSCTL_FIX = "As root: sysctl -w {name}={value}; or run this as root."


def describe_probe(probe: probes.Probe) -> tuple[Finding, ...]:
    """Findings for a probe, the fatal one first."""
    if probe.facts.system != "Linux":
        return (_not_linux(probe.facts.system),)
    best = probe.best()
    if best is None:
        return (_no_mode(probe),)
    return _remarks(best, probe.facts)


def _remarks(mode: Mode, facts: probes.Facts) -> tuple[Finding, ...]:
    match mode:
        case Mode.R1 | Mode.U1:
            return ()
        case Mode.R2:
            return (
                Finding(
                    code="usr-is-read-only",
                    what="/usr is read-only inside VMs (except /usr/local).",
                    why="This kernel or file system has no idmapped overlay layers (Linux 5.19 on ext4, xfs, btrfs).",
                    fix="No action needed unless a release writes below /usr.",
                    is_fatal=False,
                ),
            )
        case Mode.R3:
            return (
                Finding(
                    code="vm-root-is-host-root",
                    what="Root inside a VM is root on this machine.",
                    why="User namespaces are disabled, so VMs share the machine's user ids.",
                    fix="Run only releases you trust, or raise user.max_user_namespaces.",
                    is_fatal=False,
                ),
            )
        case Mode.U2:
            return (
                Finding(
                    code="one-user-id",
                    what="Everything in a VM is owned by one user id.",
                    why=_why_one_id(facts),
                    fix=f"No action needed. To have real users in VMs, {_to_have_many_ids(facts)}.",
                    is_fatal=False,
                ),
            )


def _why_one_id(facts: probes.Facts) -> str:
    absent = [] if facts.has_newuidmap else ["the programs newuidmap and newgidmap"]
    absent += [] if facts.has_subordinate_ids else ["a line for this user in /etc/subuid and /etc/subgid"]
    if absent:
        return f"Subordinate ids need {' and '.join(absent)}, which this machine lacks."
    return "This machine does not let newuidmap map this user's subordinate ids."


def _to_have_many_ids(facts: probes.Facts) -> str:
    steps = [] if facts.has_newuidmap else [install_command(facts.distributions)]
    steps += [] if facts.has_subordinate_ids else [_GIVE_IDS]
    if not steps:
        return "allow newuidmap to run with its privileges (its set-user-ID bit, no `no_new_privs`)"
    return f"as root: {'; '.join(steps)}"


def install_command(distributions: Iterable[str]) -> str:
    """What installs newuidmap, in the words of the distribution: Fedora has it in shadow-utils, Debian in uidmap."""
    return next((_INSTALL[name] for name in distributions if name in _INSTALL), _INSTALL_ANY)


def _no_mode(probe: probes.Probe) -> Finding:
    mode, steps = probe.trials[-1]
    step = probes.failed_step(steps, mode) or probes.ProbeStep(name="unknown", errno=1)
    why, fix = _explain(probe.facts, step)
    cause = os.strerror(step.errno) if step.errno > 1 or step.errno == errno.EPERM else "no reason given"
    return Finding(
        code="no-namespaces",
        what="This machine does not allow the namespaces of a local cloud.",
        why=f"Step '{step.name}' failed: {cause} (errno {step.errno}). {why}".strip(),
        fix=fix,
    )


def _explain(facts: probes.Facts, step: probes.ProbeStep) -> tuple[str, str]:
    if step.name.endswith("user-namespace") and (facts.max_user_namespaces == "0" or step.errno == errno.ENOSPC):
        fix = _SYSCTL_FIX.format(name="user.max_user_namespaces", value="15000")
        return f"/proc/sys/user/max_user_namespaces is {facts.max_user_namespaces}.", fix
    if facts.userns_clone == "0" and facts.uid:
        fix = _SYSCTL_FIX.format(name="kernel.unprivileged_userns_clone", value="1")
        return "/proc/sys/kernel/unprivileged_userns_clone is 0.", fix
    if facts.apparmor_restriction == "1" and facts.uid:
        fix = (
            "Run it with sudo; or give an AppArmor profile with 'userns,' to the real path of the Python interpreter; "
            "or, as root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0."
        )
        return "/proc/sys/kernel/apparmor_restrict_unprivileged_userns is 1.", fix
    if facts.has_seccomp or (facts.uid == 0 and not facts.has_sys_admin):
        return "This looks like a container whose seccomp profile or capabilities forbid it.", _CONTAINER
    if facts.uid:
        return "", "Run it as root."
    return "", "Use another machine, or another cloud (compleat env)."


def _not_linux(system: str) -> Finding:
    return Finding(
        code="not-linux",
        what="The local cloud needs Linux.",
        why=f"This is {system}.",
        fix="Run it on a Linux machine or in a Linux virtual machine, or use another cloud.",
    )
