"""Timers that end environments: the files and arguments for systemd and cron, and the process for real."""

import shlex
import stat
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from director.edge.timers import cron_timers, systemd_timers
from director.edge.timers.machine_timers import MachineTimers
from director.edge.timers.process_timers import ProcessTimers
from director.edge.timers.timed_command import ProgramResult, TimedCommand, timed_command
from director.errors import InputError, StateError
from director.model.ids import EnvironmentName

_TRIAL = EnvironmentName("trial")
_OTHERS = "MAILTO=me\n0 3 * * * backup # compleat-trial-of-nobody\n"


@dataclass(slots=True)
class Programs:
    """systemctl and crontab of a machine: one of them may be absent. `crontab` None: this user has none yet."""

    has_systemd: bool = False
    crontab: str | None = None
    is_crontab_readable: bool = True
    calls: list[str] = field(default_factory=list)

    def run(self, words: Sequence[str], text: str) -> ProgramResult:
        self.calls.append(shlex.join(words))
        match words:
            case ["crontab", "-l"] if not self.is_crontab_readable:
                return ProgramResult(is_good=False, error="crontab: cannot open")
            case ["crontab", "-l"] if self.crontab is None:
                return ProgramResult(is_good=False, error="no crontab for me")
            case ["crontab", "-l"]:
                return ProgramResult(is_good=True, out=self.crontab or "")
            case ["crontab", "-"]:
                self.crontab = text
                return ProgramResult(is_good=True)
            case ["loginctl", *_]:
                return ProgramResult(is_good=self.has_systemd, out="no\n")
        return ProgramResult(is_good=self.has_systemd)


def _timers(home: Path, programs: Programs, *, has_cron: bool = False, **variables: str) -> MachineTimers:
    places = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config")}
    return MachineTimers(
        home=home, variables={**places, **variables}, run=programs.run, is_cron_running=lambda: has_cron
    )


def test_a_systemd_has_one_timer_for_the_environment_of_the_home(tmp_path: Path) -> None:
    programs = Programs(has_systemd=True)
    timers = _timers(tmp_path, programs)
    kept = timers.set_timer(_TRIAL, 1_795_996_800.0)
    name = timed_command(tmp_path, _TRIAL).name
    timers.set_timer(_TRIAL, 1_796_000_400.0)
    units = sorted((tmp_path / "config/systemd/user").iterdir())
    assert [unit.name for unit in units] == [f"{name}.service", f"{name}.timer"]
    assert "OnCalendar=2026-11-30 01:00:00 UTC\nPersistent=true\n" in units[1].read_text()
    service = units[0].read_text()
    assert f'Environment="COMPLEAT_HOME={tmp_path}"' in service
    assert '"director.cli.main" "down" "-n" "--at-end" "-e" "trial"\nRestart=on-failure\n' in service
    assert (kept.kind, "until you sign in" in kept.words) == ("systemd", True)
    assert programs.calls.count(f"systemctl --user enable --now {name}.timer") == 2
    timers.remove_timer(_TRIAL)
    assert list((tmp_path / "config/systemd/user").iterdir()) == []


def test_what_systemd_would_interpret_is_escaped() -> None:
    command = TimedCommand(name="n", words=("/a b/%n$x", 'q"\\'), variables={"PATH": "/%h"}, log=Path("/l"))
    text = systemd_timers.write_service(command)
    assert 'ExecStart="/a b/%%n$$x" "q\\"\\\\"\n' in text
    assert 'Environment="PATH=/%%h"\n' in text


@pytest.mark.parametrize("before", [None, _OTHERS, _OTHERS.rstrip("\n")])
def test_cron_has_one_entry_and_the_other_lines_stay(tmp_path: Path, before: str | None) -> None:
    programs = Programs(crontab=before)
    timers = _timers(tmp_path, programs, has_cron=True)
    assert timers.set_timer(_TRIAL, 1.0).kind == "cron"
    timers.set_timer(_TRIAL, 2.0)
    others = _OTHERS.splitlines() if before else []
    lines = (programs.crontab or "").splitlines()
    assert lines[:-1] == others
    assert lines[-1].startswith(f"*/5 * * * * COMPLEAT_HOME={tmp_path} ")
    assert lines[-1].endswith(f"# {timed_command(tmp_path, _TRIAL).name}")
    _timers(tmp_path / "other", programs, has_cron=True).remove_timer(_TRIAL)
    assert (programs.crontab or "").splitlines() == lines
    timers.remove_timer(_TRIAL)
    assert (programs.crontab or "").splitlines() == others


def test_a_percent_sign_in_a_crontab_is_escaped() -> None:
    command = TimedCommand(name="n", words=("a%b",), variables={}, log=Path("/l"))
    assert "a\\%b >>/l" in cron_timers.with_entry("", command)


def test_a_crontab_that_cannot_be_read_is_never_written_over(tmp_path: Path) -> None:
    programs = Programs(crontab=_OTHERS, is_crontab_readable=False)
    timers = _timers(tmp_path, programs, has_cron=True, COMPLEAT_TIMER="cron")
    with pytest.raises(StateError) as raised:
        timers.set_timer(_TRIAL, 1.0)
    timers.remove_timer(_TRIAL)
    assert (raised.value.code, programs.crontab) == ("timer-failed", _OTHERS)


def test_an_unknown_choice_of_timers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        _timers(tmp_path, Programs(), COMPLEAT_TIMER="at").set_timer(_TRIAL, 1.0)
    assert raised.value.code == "timer-unknown"


def test_with_a_login_in_variables_no_scheduler_is_used_and_that_is_said(tmp_path: Path) -> None:
    programs = Programs(has_systemd=True)
    timers = _timers(tmp_path, programs, has_cron=True, AWS_ACCESS_KEY_ID="id")
    kept = timers.set_timer(_TRIAL, time.time() + 1000)
    timers.remove_timer(_TRIAL)
    assert (kept.kind, "AWS_ACCESS_KEY_ID" in kept.words) == ("process", True)


def test_the_process_runs_the_command_at_its_time_and_again_until_the_timer_is_removed(tmp_path: Path) -> None:
    timers, command = ProcessTimers(tmp_path / "timers"), _touching(tmp_path)
    began = time.time()
    timers.set_timer(command, began + 2)
    _wait_for(tmp_path / "ran")
    assert time.time() - began >= 1
    assert [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "timers").iterdir()] == [0o600] * 2
    timers.remove_timer(command)
    assert (tmp_path / "ran").read_text().splitlines() == ["x"]


def test_a_process_that_was_replaced_or_removed_runs_nothing(tmp_path: Path) -> None:
    timers = ProcessTimers(tmp_path / "timers")
    first, second = _touching(tmp_path, "first"), _touching(tmp_path, "second")
    timers.set_timer(first, time.time() + 2)
    timers.set_timer(replace(second, name=first.name), time.time() + 1)
    _wait_for(tmp_path / "second")
    timers.remove_timer(first)
    time.sleep(2)
    assert not (tmp_path / "first").exists()


def _touching(folder: Path, name: str = "ran") -> TimedCommand:
    words = ("/bin/sh", "-c", f"echo x >>{shlex.quote(str(folder / name))}")
    return TimedCommand(name="compleat-trial-1", words=words, variables={}, log=folder / "timers" / "trial.log")


def _wait_for(path: Path) -> None:
    limit = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < limit, "the process did not run the command"
        time.sleep(0.05)
