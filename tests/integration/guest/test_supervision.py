"""Real processes supervised: started in order, restarted when killed, stopped in reverse, across all that may die."""

import os
import signal
from pathlib import Path

import pytest

from tests.support.guest_process import GuestProcess, VerbError, rendered, until

CONTROL = """#!/bin/sh
case $1 in
start) echo start {name} >> {base}/order
       setsid sh -c 'trap "sleep {slow}; exit" TERM; while :; do sleep 0.1; done' > /dev/null 2>&1 &
       echo $! > {base}/sys/run/{name}/{name}.pid ;;
stop) echo stop {name} >> {base}/order
      kill $(cat {base}/sys/run/{name}/{name}.pid) ;;
esac
"""

MONIT = """check process {name}
  with pidfile {base}/sys/run/{name}/{name}.pid
  start program "{base}/jobs/{name}/bin/ctl start"
  stop program "{base}/jobs/{name}/bin/ctl stop" with timeout {timeout} seconds
  group vcap
"""


def _apply(guest: GuestProcess, *jobs: str, depends: dict[str, str] | None = None, slow: float = 0) -> None:
    files = {}
    for name in jobs:
        monit = MONIT.format(name=name, base=guest.base, timeout=2)
        if name in (depends or {}):
            monit += f"  depends on {(depends or {})[name]}\n"
        control = CONTROL.format(name=name, base=guest.base, slow=slow)
        files[name] = {"monit": rendered(monit), "bin/ctl": rendered(control)}
    guest.call("apply", spec={"configuration_hash": "x", "jobs": list(jobs), "packages": []}, files=files)


def _start(guest: GuestProcess) -> None:
    assert guest.call("start") == "started"
    until(lambda: guest.call("get_state")["job_state"] == "running")


def _pid(guest: GuestProcess, name: str) -> int:
    try:
        return int((guest.base / "sys" / "run" / name / f"{name}.pid").read_text() or 0)
    except FileNotFoundError:
        return 0


def _lives(pid: int) -> bool:
    try:
        return bool(pid) and Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _states(guest: GuestProcess) -> dict[str, str]:
    return {process["name"]: process["state"] for process in guest.call("get_state")["processes"]}


def test_processes_start_and_stop_in_the_order_of_dependence(guest: GuestProcess) -> None:
    _apply(guest, "web", "db", depends={"web": "db"})
    _start(guest)
    assert _states(guest) == {"db": "running", "web": "running"}
    assert guest.call("stop") == "stopped"
    assert (guest.base / "order").read_text().splitlines() == ["start db", "start web", "stop web", "stop db"]
    assert (guest.call("get_state")["job_state"], _lives(_pid(guest, "web"))) == ("stopped", False)


def test_a_killed_process_is_back_within_two_seconds(guest: GuestProcess) -> None:
    _apply(guest, "web")
    _start(guest)
    before = _pid(guest, "web")
    os.kill(before, signal.SIGKILL)
    took_s = until(lambda: _pid(guest, "web") != before and _lives(_pid(guest, "web")))
    assert took_s < 2
    until(lambda: guest.call("get_state")["job_state"] == "running")
    (process,) = guest.call("get_state")["processes"]
    assert (process["restarts"], process["mem_kib"] > 0) == (1, True)


def test_processes_outlive_the_director_and_the_next_one_sees_them(guest: GuestProcess) -> None:
    _apply(guest, "web")
    _start(guest)
    before, supervisor = _pid(guest, "web"), guest.supervisor()
    assert guest.hang_up() == 0
    guest.start()
    assert (_states(guest), _pid(guest, "web"), guest.supervisor()) == ({"web": "running"}, before, supervisor)


def test_a_supervisor_that_was_killed_is_told_and_start_brings_it_back(guest: GuestProcess) -> None:
    _apply(guest, "web")
    _start(guest)
    before, supervisor = _pid(guest, "web"), guest.supervisor()
    os.kill(supervisor, signal.SIGKILL)
    until(lambda: guest.supervisor() == 0)
    assert guest.call("get_state")["job_state"] == "unknown"
    _start(guest)
    assert (_pid(guest, "web"), guest.supervisor() not in (0, supervisor)) == (before, True)


def test_there_is_never_a_second_supervisor(guest: GuestProcess) -> None:
    _apply(guest, "web")
    _start(guest)
    supervisor = guest.supervisor()
    for _ in range(3):
        assert guest.run("supervise").returncode == 0
    assert guest.supervisor() == supervisor
    assert [pid for pid in _supervisors(guest) if pid != supervisor] == []


def _supervisors(guest: GuestProcess) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if str(guest.program).encode() in words and b"supervise" in words:
            pid = int(path.parent.name)
            until(lambda pid=pid: _lives(pid) == (pid == guest.supervisor()))  # type: ignore[misc]
            found += [pid] if _lives(pid) else []
    return found


def test_what_is_stopped_stays_so_after_a_boot_and_what_runs_is_started_again(guest: GuestProcess) -> None:
    _apply(guest, "web")
    _start(guest)
    _boot(guest)
    until(lambda: _lives(_pid(guest, "web")))
    guest.call("stop")
    _boot(guest)
    assert (guest.call("get_state")["job_state"], guest.supervisor(), _pid(guest, "web")) == ("stopped", 0, 0)


def _boot(guest: GuestProcess) -> None:
    """As after a power cut: everything dies, another boot's mark, the pidfile names a stranger."""
    guest.hang_up()
    if guest.supervisor():
        os.kill(guest.supervisor(), signal.SIGKILL)
    if _lives(pid := _pid(guest, "web")):
        os.killpg(pid, signal.SIGKILL)
    (guest.base / "sys" / "run" / "web" / "web.pid").write_text("1")
    (guest.base / "bosh" / "boot.json").write_text('{"mark": "the boot before"}')
    guest.start()


def test_a_process_that_does_not_stop_is_named(guest: GuestProcess) -> None:
    _apply(guest, "web", slow=8)
    _start(guest)
    with pytest.raises(VerbError) as caught:
        guest.call("stop", timeout_s=20)
    assert (caught.value.code, caught.value.what) == (
        "services-would-not-stop",
        "Processes still run after stop: web.",
    )
    os.killpg(_pid(guest, "web"), signal.SIGKILL)
    assert guest.call("stop") == "stopped"


def test_a_monit_file_that_cannot_be_read_is_refused_and_the_old_ones_stay(guest: GuestProcess) -> None:
    _apply(guest, "web")
    _start(guest)
    files = {"web": {"monit": rendered("check process web\n  with pidfile /x\n  dance\n")}}
    guest.call("apply", spec={"configuration_hash": "y", "jobs": ["web"], "packages": []}, files=files)
    with pytest.raises(VerbError) as caught:
        guest.call("start")
    assert caught.value.what == "0000_web.monitrc:3: the monit file cannot be read."
    assert _lives(_pid(guest, "web"))
    os.killpg(_pid(guest, "web"), signal.SIGKILL)  # with the new files there, it is no longer known


def test_the_summary_lists_processes_as_monit_does(guest: GuestProcess) -> None:
    _apply(guest, "web")
    _start(guest)
    assert guest.run("summary").stdout == b"Process 'web'  running\n"


def test_a_start_program_gets_a_clean_environment(guest: GuestProcess) -> None:
    _apply(guest, "web")
    _start(guest)
    environment = Path(f"/proc/{_pid(guest, 'web')}/environ").read_text()
    assert "LEAK" not in environment
    assert f"PATH={guest.base}/bosh/bin:/usr/local/sbin:" in environment


def test_the_supervisor_holds_nothing_of_the_guest_that_forked_it(guest: GuestProcess) -> None:
    _apply(guest, "web")
    _start(guest)
    folder = Path(f"/proc/{guest.supervisor()}")
    held = {os.readlink(path) for path in (folder / "fd").iterdir()}
    kinds = sorted(name.partition(":")[0] for name in held if not name.startswith(str(guest.base)))
    assert (kinds, (folder / "comm").read_text(), os.readlink(folder / "cwd")) == (
        ["/dev/null", "pipe"],  # the pipe is its own, for signals
        "supervise\n",
        "/",
    )
    assert os.getsid(guest.supervisor()) != os.getsid(guest.pid)


def test_a_guest_that_is_never_told_to_start_leaves_no_supervisor(guest: GuestProcess) -> None:
    (sleeper,) = _sleepers(guest)
    assert guest.hang_up() == 0
    until(lambda: not _lives(sleeper))
    assert guest.supervisor() == 0


def _sleepers(guest: GuestProcess) -> list[int]:
    """Processes of this guest's program other than `serve` itself."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if str(guest.program).encode() in words and int(path.parent.name) != guest.pid:
            found.append(int(path.parent.name))
    return [pid for pid in found if _lives(pid)]


def test_what_was_never_asked_to_start_is_stopped(guest: GuestProcess) -> None:
    assert guest.call("get_state")["job_state"] == "stopped"
    _apply(guest, "web")
    assert guest.call("get_state")["job_state"] == "stopped"
    guest.call("drain", type="update")
    assert guest.call("get_state")["job_state"] == "stopped"
    guest.call("apply", spec={"configuration_hash": "y", "jobs": [], "packages": []}, files={})
    _start(guest)  # no job at all, and started: running, as with BOSH


def _apply_program(guest: GuestProcess, start: str, *, program: str = "bin/ctl") -> None:
    monit = MONIT.format(name="web", base=guest.base, timeout=2)
    job = {"monit": rendered(monit), program: rendered(start)}
    guest.call("apply", spec={"configuration_hash": start, "jobs": ["web"], "packages": []}, files={"web": job})


@pytest.mark.parametrize(
    ("program", "text", "reason"),
    [
        ("bin/other", "#!/bin/sh\n", "bin/ctl: No such file or directory"),
        ("bin/ctl", "#!/no/such/shell\n", "bin/ctl: Its interpreter /no/such/shell does not exist"),
        ("bin/ctl", "echo plain\n", "bin/ctl: It has no first line like #!/bin/bash"),
    ],
)
def test_a_start_program_that_cannot_be_run_is_told_at_once(
    guest: GuestProcess, program: str, text: str, reason: str
) -> None:
    _apply_program(guest, text, program=program)
    guest.call("start")
    assert until(lambda: guest.call("get_state")["job_state"] == "failing") < 2
    (process,) = guest.call("get_state")["processes"]
    assert (process["is_hopeless"], process["problem"].endswith(reason)) == (True, True)
    assert f"cannot run {guest.base}/jobs/web/{reason}" in guest.call("last_words")["text"]
    _apply_program(guest, CONTROL.format(name="web", base=guest.base, slow=0))
    _start(guest)
    assert not guest.call("get_state")["processes"][0]["is_hopeless"]


DYING = """#!/bin/sh
mkdir -p {base}/sys/log/web
echo "$$ {said}" >> {base}/sys/log/web/web.stderr.log
echo out of {said}
exit 3
"""


def test_the_last_words_of_a_failing_process_are_of_this_start_alone(guest: GuestProcess) -> None:
    for said in ("the first time", "the second time"):
        _apply_program(guest, DYING.format(base=guest.base, said=said))
        guest.call("start")
        until(lambda: guest.call("get_state")["job_state"] == "failing")
        text = guest.call("last_words")["text"]
        assert ("web: web.program.log\n  out of " + said in text, "web: web.stderr.log\n" in text) == (True, True)
        assert f"{said}\n" in text
        guest.call("stop")
    assert "the first time" not in text


def test_processes_of_one_job_show_each_of_its_logs_once(guest: GuestProcess) -> None:
    monit = MONIT.format(name="web", base=guest.base, timeout=2)
    monit += (
        MONIT.format(name="web", base=guest.base, timeout=2)
        .replace("process web", "process aide")
        .replace(".pid", "2.pid")
    )
    dying = DYING.format(base=guest.base, said="no") + "".join(
        f"echo {name} >> {guest.base}/sys/log/web/{name}.log\n" for name in ("one", "two")
    )
    job = {"monit": rendered(monit), "bin/ctl": rendered(dying.replace("exit 3\n", "") + "exit 3\n")}
    guest.call("apply", spec={"configuration_hash": "2", "jobs": ["web"], "packages": []}, files={"web": job})
    guest.call("start")
    until(lambda: guest.call("last_words")["text"].count("program.log") == 2)
    text = guest.call("last_words")["text"]
    assert [text.count(f": {name}.log\n") for name in ("one", "two", "web.stderr")] == [1, 1, 1]
    guest.call("stop")


def test_a_heal_is_running_although_it_failed_often_before(guest: GuestProcess) -> None:
    _apply_program(guest, DYING.format(base=guest.base, said="no"))
    guest.call("start")
    until(
        lambda: guest.call("get_state")["processes"][0]["problem"] and guest.call("last_words")["text"].count("no") > 4
    )
    guest.call("stop")
    _apply_program(guest, CONTROL.format(name="web", base=guest.base, slow=0))
    guest.call("start")
    assert until(lambda: guest.call("get_state")["job_state"] == "running") < 2


def test_the_guests_own_logs_say_what_it_did_and_why_a_process_restarts(guest: GuestProcess) -> None:
    _apply_program(guest, DYING.format(base=guest.base, said="no"))
    guest.call("start")
    until(lambda: guest.call("get_state")["job_state"] == "failing")
    log = guest.base / "bosh" / "log"
    supervisor = (log / "supervisor.log").read_text()
    assert ("wish 1: running" in supervisor, "web: failing" in supervisor) == (True, True)
    assert "; its start program ended with exit code 3" in supervisor
    until(lambda: "start done after" in (log / "serve.log").read_text())
    assert "get_state" not in (log / "serve.log").read_text()


def test_the_command_monit_shows_and_changes_single_processes(guest: GuestProcess) -> None:
    _apply(guest, "web", "other")
    _start(guest)
    until(lambda: guest.run("monit", "summary").stdout.count(b"running\n") == 3)
    lines = guest.run("monit", "summary").stdout.decode().splitlines()
    assert lines[0].startswith("The Monit daemon 5.2.5 uptime: 0m")
    assert sorted(lines[2:]) == [
        f"{what:35} running" for what in ("Process 'other'", "Process 'web'", "System 'system_localhost'")
    ]
    first = _pid(guest, "web")
    assert guest.run("monit", "restart", "web").returncode == 0
    until(lambda: _has_other_pid(guest, "web", first))
    assert guest.run("monit", "stop", "web").returncode == 0
    until(lambda: b"not monitored" in guest.run("monit", "summary").stdout)
    assert _lives(_pid(guest, "other"))
    assert b"  monitoring status                 not monitored" in guest.run("monit", "status").stdout
    assert guest.run("monit", "-g", "vcap", "start", "all").returncode == 0
    until(lambda: guest.run("monit", "summary").stdout.count(b"running\n") == 3)
    assert guest.run("monit", "reload").returncode == 0
    unknown = guest.run("monit", "stop", "nothing")
    assert (unknown.returncode, unknown.stderr) == (1, b"monit: There is no service named 'nothing'\n")
    assert guest.run("monit", "dance").returncode == 1


def _has_other_pid(guest: GuestProcess, name: str, first: int) -> bool:
    try:
        return _pid(guest, name) != first and _lives(_pid(guest, name))
    except (FileNotFoundError, ValueError):
        return False
