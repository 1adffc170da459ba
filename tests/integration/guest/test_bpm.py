"""The guest's bpm: the commands of monit files and scripts, on this machine without namespaces of their own."""

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import yaml

from director.guest.bpm import cgroups
from director.guest.bpm.configs import Limits
from director.releases import bpm_configs
from tests.support.guest_process import GuestProcess

SERVICE = """#!/bin/bash
trap 'echo stopping; exit 0' TERM
echo "ready $1"
echo "trouble" >&2
env | sort > "$TMPDIR/env"
ulimit -n > "$TMPDIR/files"
pwd > "$TMPDIR/cwd"
sleep 300 &
echo $! > "$TMPDIR/child"
while true; do sleep 0.05; done
"""
STUBBORN = """#!/bin/bash
trap '' TERM INT
trap 'echo quit; exit 3' QUIT
touch "$TMPDIR/up"
while true; do sleep 0.05; done
"""
Bpm = Callable[..., CompletedProcess[bytes]]


@pytest.fixture(name="home")
def _home(guest: GuestProcess) -> Iterator[GuestProcess]:
    yield guest
    for state in (guest.base / "data/bpm/state").glob("*.json"):
        _kill_session(json.loads(state.read_text())["session"])


def _kill_session(session: int) -> None:
    """A process of a job and all that it has started."""
    for pid in [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]:
        with contextlib.suppress(ProcessLookupError):
            if os.getsid(pid) == session:
                os.kill(pid, 9)


def _apply(guest: GuestProcess, processes: list[Mapping[str, object]], **files: str) -> Path:
    """Job web with these processes; gives its data directory."""
    config = yaml.safe_dump({"processes": processes})
    read = bpm_configs.read_bpm_config("web", config.encode())
    assert read.problems == ()
    named = {f"bin/{name}": text for name, text in files.items()}
    guest.apply({"web": {"config/bpm.yml": config, ".bosh/bpm.json": json.dumps(read.content), **named}})
    return guest.base / "data/web"


def _web(guest: GuestProcess, **changes: object) -> Mapping[str, object]:
    program = str(guest.base / "jobs/web/bin/service")
    return {"name": "web", "executable": program, "args": ["a b"], "env": {"COLOUR": "blue"}, **changes}


def _eventually(path: Path) -> str:
    deadline = time.monotonic() + 20
    while not (path.exists() and path.read_text().strip()):
        assert time.monotonic() < deadline, path
        time.sleep(0.02)
    return path.read_text().strip()


def _lives(pid: str) -> bool:
    """A zombie does not; this machine's first process collects them when it likes."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def _failure(done: "CompletedProcess[bytes]") -> str:
    assert done.returncode == 1, done
    return done.stderr.decode().strip()


def _succeeds(done: "CompletedProcess[bytes]") -> str:
    assert done.returncode == 0, done
    return done.stdout.decode().strip()


def test_a_process_is_started_with_its_environment_and_stopped_with_all_that_it_started(home: GuestProcess) -> None:
    data = _apply(home, [_web(home, limits={"open_files": 64.0})], service=SERVICE)
    assert _succeeds(home.run("bpm", "start", "web")) == ""
    child = _eventually(data / "tmp/child")
    pid = _succeeds(home.run("bpm", "pid", "web"))
    assert (home.base / "data/sys/run/bpm/web/web.pid").read_text() == pid
    job = home.base / "jobs/web"
    lines = _eventually(data / "tmp/env").splitlines()
    assert set(lines) - {f"PWD={job}", "SHLVL=1", "SHLVL=0", "_=/usr/bin/env", f"PWD={os.path.realpath(job)}"} == {
        "COLOUR=blue",
        f"HOME={data}",
        "LANG=en_US.UTF-8",
        f"PATH={job}/bin:/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin:.",
        f"TMPDIR={data}/tmp",
    }
    assert (data / "tmp/files").read_text().strip() == "64"
    assert re.search(r"^Max open files +64 +64 ", Path(f"/proc/{pid}/limits").read_text(), re.MULTILINE)
    assert (data / "tmp/cwd").read_text().strip() == os.path.realpath(job)
    assert _succeeds(home.run("bpm", "start", "web")) == ""
    assert _succeeds(home.run("bpm", "pid", "web")) == pid
    assert _succeeds(home.run("bpm", "list")).splitlines() == [
        f"Name {'Pid'.ljust(len(pid))} Status",
        f"web  {pid} running",
    ]
    _succeeds(home.run("bpm", "stop", "web"))
    assert not _lives(pid) and not _lives(child)
    assert not (home.base / "data/sys/run/bpm/web/web.pid").exists()
    logs = home.base / "data/sys/log/web"
    assert (logs / "web.stdout.log").read_text() == "ready a b\nstopping\n"
    assert (logs / "web.stderr.log").read_text() == "trouble\n"
    assert "bpm.stop web stopping" in (logs / "bpm.log").read_text()
    assert (logs / "web.stdout.log").stat().st_mode & 0o777 == 0o600
    assert _failure(home.run("bpm", "pid", "web")) == "Error: process is not running or could not be found"
    assert _succeeds(home.run("bpm", "list")).splitlines()[1] == "web  -   stopped"
    _succeeds(home.run("bpm", "stop", "web"))


def test_several_processes_of_a_job_have_names_pidfiles_and_logs_of_their_own(home: GuestProcess) -> None:
    data = _apply(home, [_web(home), _web(home, name="side.car")], service=SERVICE)
    _succeeds(home.run("bpm", "start", "web", "-p", "side.car"))
    pid = _succeeds(home.run("bpm", "pid", "web", "--process=side.car"))
    assert (home.base / "data/sys/run/bpm/web/side.car.pid").read_text() == pid
    assert _eventually(home.base / "data/sys/log/web/side.car.stdout.log") == "ready a b"
    assert [line.split() for line in _succeeds(home.run("bpm", "list")).splitlines()] == [
        ["Name", "Pid", "Status"], ["web", "-", "stopped"], ["web.side.car", pid, "running"],
    ]  # fmt: skip
    os.kill(int(pid), 9)
    deadline = time.monotonic() + 10
    while "failed" not in _succeeds(home.run("bpm", "list")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "web.side.car -   failed" in _succeeds(home.run("bpm", "list"))
    left = _eventually(data / "tmp/child")
    _succeeds(home.run("bpm", "start", "web", "-p", "side.car"))
    assert not _lives(left)  # where no namespace ended it with the first process
    again = _succeeds(home.run("bpm", "pid", "web", "-p", "side.car"))
    assert again != pid
    os.kill(int(again), 9)
    _succeeds(home.run("bpm", "stop", "web", "-p", "side.car"))
    assert not _lives(_eventually(data / "tmp/child"))


def test_what_ignores_its_signal_is_told_to_quit_after_15_s(home: GuestProcess) -> None:
    data = _apply(home, [_web(home, shutdown_signal="INT")], service=STUBBORN)
    _succeeds(home.run("bpm", "start", "web"))
    while not (data / "tmp/up").exists():
        time.sleep(0.02)
    begin = time.monotonic()
    _succeeds(home.run("bpm", "stop", "web"))
    assert 14.5 < time.monotonic() - begin < 20
    assert (home.base / "data/sys/log/web/web.stdout.log").read_text() == "quit\n"


def test_a_hook_runs_first_and_its_failure_is_that_of_the_start(home: GuestProcess) -> None:
    hook = str(home.base / "jobs/web/bin/hook")
    data = _apply(
        home,
        [_web(home, hooks={"pre_start": hook}, ephemeral_disk=True)],
        service=SERVICE,
        hook='#!/bin/sh\necho "$COLOUR" > "$TMPDIR/hook"; test -e "$HOME/allowed"\n',
    )
    assert _failure(home.run("bpm", "start", "web")) == "Error: prestart hook failed: exit status 1"
    assert (data / "tmp/hook").read_text() == "blue\n"
    assert _failure(home.run("bpm", "pid", "web")).startswith("Error: process is not running")
    (data / "allowed").touch()
    _succeeds(home.run("bpm", "start", "web"))
    _succeeds(home.run("bpm", "stop", "web"))


def test_run_shows_the_output_keeps_it_and_ends_as_the_process_does(home: GuestProcess) -> None:
    script = '#!/bin/sh\necho "$COLOUR $EXTRA"; echo bad >&2; exit 7\n'
    _apply(home, [_web(home)], service=script)
    done = home.run("bpm", "run", "web", "-e", "COLOUR=red", "-e", "EXTRA=x=y")
    assert (done.returncode, done.stdout, done.stderr) == (7, b"red x=y\n", b"bad\n")
    assert (home.base / "data/sys/log/web/web.stdout.log").read_text() == "red x=y\n"
    _apply(home, [_web(home, executable="/does/not/exist")], service=script)
    done = home.run("bpm", "run", "web")
    assert (done.returncode, done.stderr) == (127, b"bpm: exec /does/not/exist failed: No such file or directory\n")
    _apply(home, [_web(home)], service="#!/bin/sh\nkill -9 $$\n")
    assert home.run("bpm", "run", "web").returncode == 137


def test_volumes_are_made_for_the_process(home: GuestProcess) -> None:
    inside, only = home.base / "data/shared/a", home.base / "data/elsewhere"
    process = dict(_web(home), additional_volumes=[{"path": "/var/vcap/data/x", "writable": True}])
    _apply(home, [process], service="#!/bin/sh\n")
    read = home.base / "jobs/web/.bosh/bpm.json"
    content = json.loads(read.read_text())
    paths = [{"path": str(inside), "mount_only": False}, {"path": str(only), "mount_only": True}]
    flags = {"writable": True, "allow_executions": False, "shared": False}
    content["processes"][0]["additional_volumes"] = [{**flags, **path} for path in paths]
    read.write_text(json.dumps(content))
    _succeeds(home.run("bpm", "run", "web"))
    assert (inside.stat().st_mode & 0o777, only.exists()) == (0o700, False)


def test_what_is_wrong_is_said_in_bpms_words(home: GuestProcess) -> None:
    _apply(home, [_web(home, persistent_disk=True)], service=SERVICE)
    config = home.base / "jobs/web/config/bpm.yml"
    assert _failure(home.run("bpm", "start", "web", "-p", "x")) == (
        f'Error: process "x" not present in job configuration ({config})'
    )
    assert _failure(home.run("bpm", "start")).endswith("Error: must specify a job")
    assert _failure(home.run("bpm", "dance", "web")).endswith("Error: unknown command 'dance' for bpm")
    assert "failed to parse job configuration" in _failure(home.run("bpm", "start", "none"))
    (home.base / "store").rmdir()
    assert _failure(home.run("bpm", "start", "web")) == "Error: requested persistent disk does not exist"
    config.write_text(config.read_text() + "# changed\n")
    assert "was changed on this VM" in _failure(home.run("bpm", "start", "web"))
    assert _succeeds(home.run("bpm", "version")).startswith("1.")


def test_logs_are_shown(home: GuestProcess) -> None:
    _apply(home, [_web(home)], service="#!/bin/sh\necho one; echo two; echo three >&2\n")
    assert _failure(home.run("bpm", "logs", "web")) == "Error: logs not found"
    home.run("bpm", "run", "web")
    assert _succeeds(home.run("bpm", "logs", "web", "-n", "1")) == "two"
    assert _succeeds(home.run("bpm", "logs", "web", "--err")) == "three"


_GREEDY = """import subprocess, sys
sys.stdin.readline()
started = []
try:
    while len(started) < 40:
        started.append(subprocess.Popen(["sleep", "60"]))
except OSError:
    pass
for each in started:
    each.kill()
    each.wait()
print(len(started), flush=True)
sys.stdin.readline()
bytearray(256 << 20)
print("not limited", flush=True)
"""


def test_a_process_has_no_more_processes_and_memory_than_its_limits() -> None:
    name = f"compleat-{os.getpid()}"
    with subprocess.Popen([sys.executable, "-c", _GREEDY], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as greedy:
        try:
            why = cgroups.limit_process(name, greedy.pid, Limits(processes=8, memory=64 << 20))
            if why:
                pytest.skip(f"control groups cannot be tried here: {why}")
            assert greedy.stdin and greedy.stdout
            greedy.stdin.write(b"\n")
            greedy.stdin.flush()
            assert int(greedy.stdout.readline()) == 7
            greedy.stdin.write(b"\n")
            greedy.stdin.flush()
            assert (greedy.stdout.read(), greedy.wait()) == (b"", -9)
        finally:
            greedy.kill()
            greedy.wait()
            cgroups.remove_group(name)


def test_a_hook_finds_commands_of_a_stemcell_that_are_not_in_usr(home: GuestProcess) -> None:
    command = home.base / "bosh/bin/only-here"
    command.parent.mkdir(parents=True, exist_ok=True)
    command.write_text("#!/bin/sh\necho found $PATH\n")
    command.chmod(0o755)
    hook = str(home.base / "jobs/web/bin/hook")
    _apply(home, [_web(home, hooks={"pre_start": hook})], service=SERVICE, hook="#!/bin/sh\nonly-here\n")
    _succeeds(home.run("bpm", "start", "web"))
    said = (home.base / "data/sys/log/web/web.stdout.log").read_text()
    assert said.startswith(f"found {home.base}/jobs/web/bin:") and f".:{home.base}/bosh/bin\n" in said
