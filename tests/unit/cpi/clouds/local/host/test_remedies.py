"""The error of a failed step of the probe: its visible cause, and the fix."""

import errno
from pathlib import Path

import pytest

from cpi.clouds.local.host import host_probe, remedies
from cpi.clouds.local.inside.system.modes import Mode

_STEPS = ("user-namespace", "id-map", "namespaces", "process-namespace", "private-mounts", "tmpfs", "proc", "sysfs")
_REST = ("hostname", "read-only-bind", "overlay", "network", "forwarding")
_ALL = _STEPS + _REST


def _facts(**changes: object) -> host_probe.Facts:
    known: dict[str, object] = {
        "system": "Linux",
        "uid": 1000,
        "kernel": "6.1",
        "has_seccomp": False,
        "has_sys_admin": False,
    }
    return host_probe.Facts(**(known | changes))  # type: ignore[arg-type]


def _steps(failing: str = "", number: int = errno.EPERM, *, goes_on: bool = False) -> tuple[host_probe.ProbeStep, ...]:
    taken = []
    for name in _ALL:
        taken.append(host_probe.ProbeStep(name=name, errno=number if name == failing else 0))
        if name == failing and not goes_on:
            break
    return tuple(taken)


def _probe(mode: Mode, steps: tuple[host_probe.ProbeStep, ...], **facts: object) -> host_probe.Probe:
    return host_probe.Probe(facts=_facts(**facts), trials=((mode, steps),))


def test_a_mode_works_when_every_needed_step_did() -> None:
    assert _probe(Mode.U2, _steps()).best() is Mode.U2
    assert _probe(Mode.U2, _steps("sysfs", goes_on=True)).best() is Mode.U2
    assert _probe(Mode.U2, _steps("overlay", goes_on=True)).best() is Mode.U2
    assert _probe(Mode.R1, _steps("overlay", goes_on=True)).best() is None


@pytest.mark.parametrize("name", [name for name in _ALL if name not in {"sysfs", "overlay"}])
def test_each_needed_step_that_fails_is_named(name: str) -> None:
    (finding,) = remedies.describe_probe(_probe(Mode.U2, _steps(name)))

    assert finding.is_fatal
    assert finding.code == "no-namespaces"
    assert f"Step '{name}' failed: Operation not permitted (errno 1)." in finding.why
    assert finding.fix


def test_a_trial_that_ended_early_did_not_work() -> None:
    assert _probe(Mode.U2, _steps()[:4]).best() is None
    assert _probe(Mode.U2, ()).best() is None


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"max_user_namespaces": "0"}, "user.max_user_namespaces=15000"),
        ({"userns_clone": "0"}, "kernel.unprivileged_userns_clone=1"),
        ({"apparmor_restriction": "1"}, "AppArmor profile"),
        ({"has_seccomp": True}, "--privileged"),
        ({"uid": 0, "has_sys_admin": False}, "--privileged"),
        ({}, "Run it as root."),
    ],
)
def test_the_remedy_fits_the_cause(facts: dict[str, object], said: str) -> None:
    (finding,) = remedies.describe_probe(_probe(Mode.U2, _steps("user-namespace"), **facts))

    assert said in finding.fix


def test_another_system_is_told_so() -> None:
    (finding,) = remedies.describe_probe(host_probe.Probe(facts=_facts(system="Darwin")))

    assert (finding.code, finding.why) == ("not-linux", "This is Darwin.")


@pytest.mark.parametrize(
    ("mode", "codes"),
    [
        (Mode.R1, []),
        (Mode.R2, ["usr-is-read-only"]),
        (Mode.R3, ["vm-root-is-host-root"]),
        (Mode.U1, []),
        (Mode.U2, ["one-user-id"]),
    ],
)
def test_a_lesser_mode_is_a_remark(mode: Mode, codes: list[str]) -> None:
    findings = remedies.describe_probe(_probe(mode, _steps()))

    assert [finding.code for finding in findings] == codes
    assert not any(finding.is_fatal for finding in findings)


@pytest.mark.parametrize(
    ("distributions", "command"),
    [
        (("debian",), "apt-get install uidmap"),
        (("ubuntu", "debian"), "apt-get install uidmap"),
        (("linuxmint", "ubuntu", "debian"), "apt-get install uidmap"),
        (("fedora",), "dnf install shadow-utils"),
        (("rocky", "rhel", "centos", "fedora"), "dnf install shadow-utils"),
        ((), "the package that has newuidmap"),
    ],
)
def test_the_remedy_for_one_user_id_is_a_command_of_the_distribution(
    distributions: tuple[str, ...], command: str
) -> None:
    (finding,) = remedies.describe_probe(_probe(Mode.U2, _steps(), distributions=distributions))

    assert command in finding.fix
    assert "usermod --add-subuids" in finding.fix


@pytest.mark.parametrize(
    ("facts", "why", "not_in_fix"),
    [
        ({"has_newuidmap": True}, "/etc/subuid", "apt-get"),
        ({"has_subordinate_ids": True}, "newuidmap", "usermod"),
        ({"has_newuidmap": True, "has_subordinate_ids": True}, "does not let newuidmap", "usermod"),
    ],
)
def test_only_what_is_absent_for_more_user_ids_is_named(facts: dict[str, object], why: str, not_in_fix: str) -> None:
    (finding,) = remedies.describe_probe(_probe(Mode.U2, _steps(), distributions=("debian",), **facts))

    assert why in finding.why
    assert not_in_fix not in finding.fix


def test_the_limit_of_ubuntu_on_user_namespaces_is_read_and_named(tmp_path: Path) -> None:
    limit = tmp_path / "sys/kernel/apparmor_restrict_unprivileged_userns"
    limit.parent.mkdir(parents=True)
    limit.write_text("1\n")
    reported = host_probe.read_facts(tmp_path)

    (finding,) = remedies.describe_probe(
        _probe(Mode.U2, _steps("private-mounts", errno.EACCES), apparmor_restriction=reported.apparmor_restriction)
    )

    assert "apparmor_restrict_unprivileged_userns is 1" in finding.why
    assert "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0" in finding.fix
