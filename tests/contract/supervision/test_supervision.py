"""The same monit files under Debian's monit (a cycle of a second) and under our supervisor: what is seen is the same.

Intended differences are listed in docs/decisions/guest.md and left out here: delays, and how soon a word changes.
"""

import itertools
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract.supervision.supervisors import (
    NOT_RUNNING,
    RUNNING,
    UNMONITORED,
    Job,
    Monit,
    Ours,
    Supervisor,
    is_alive,
    pid_of,
)
from tests.support.guest_process import until

_ROOT = Path(__file__).resolve().parents[3]

CONTROL = """#!/bin/sh
echo $1 {name} >> {base}/order
case $1 in
start) {start} ;;
stop) {stop} ;;
esac
"""
START = (
    "id -u > {base}/who-{name}; "
    "setsid sh -c 'echo $$ > {base}/sys/run/{name}/{name}.pid; exec sleep 600' </dev/null >/dev/null 2>&1 &"
)
STOP = "kill $(cat {base}/sys/run/{name}/{name}.pid)"
MONIT = """check process {name}
  with pidfile {base}/sys/run/{name}/{name}.pid
  start program "{base}/jobs/{name}/bin/ctl start" with timeout {time_s} seconds
  stop program "{base}/jobs/{name}/bin/ctl stop" with timeout {time_s} seconds
  group vcap
"""


def _job(name: str, more: str = "", *, time_s: int = 5, start: str = START, stop: str = STOP) -> Job:
    control = CONTROL.replace("{start}", start).replace("{stop}", stop).replace("{name}", name)
    return Job(name=name, monit=MONIT.replace("{name}", name).replace("{time_s}", str(time_s)) + more, control=control)


@pytest.fixture(params=[pytest.param(Monit, marks=pytest.mark.needs("monit")), Ours])
def supervisor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Supervisor]:
    tmp_path.chmod(0o755)
    supervisor = request.param(tmp_path)
    yield supervisor
    supervisor.close()
    for file in (tmp_path / "vcap" / "sys" / "run").glob("*/*.pid"):
        pid = int(file.read_text() or 0)
        if pid > 1 and is_alive(pid):
            os.kill(pid, signal.SIGKILL)


def _has_words(supervisor: Supervisor, **words: str) -> Callable[[], bool]:
    return lambda: supervisor.words() == words


def _order(supervisor: Supervisor) -> list[str]:
    order = supervisor.base / "order"
    return order.read_text().splitlines() if order.exists() else []


def test_order_of_starts_restarts_and_stops_and_what_outlives_the_supervisor(supervisor: Supervisor) -> None:
    supervisor.start(
        [_shipped("hello", "depends on console"), _shipped("console", "depends on postgres"), _shipped("postgres")]
    )
    is_well = _has_words(supervisor, postgres=RUNNING, console=RUNNING, hello=RUNNING)
    until(is_well)
    started = ["start postgres", "start console", "start hello"]
    assert _order(supervisor) == started

    os.kill(pid_of(supervisor, "hello"), signal.SIGKILL)
    until(lambda: len(_order(supervisor)) == 4 and is_well())
    os.kill(pid_of(supervisor, "postgres"), signal.SIGKILL)
    until(lambda: len(_order(supervisor)) == 9 and is_well())
    assert _order(supervisor)[3:] == ["start hello", "stop hello", "stop console", *started]

    before = {name: pid_of(supervisor, name) for name in ("postgres", "console", "hello")}
    supervisor.begin_anew()
    supervisor.look()
    until(is_well)
    assert ({name: pid_of(supervisor, name) for name in before}, _order(supervisor)[9:]) == (before, [])

    assert supervisor.stop()
    supervisor.look()  # monit saves what is stopped with its next cycle
    supervisor.begin_anew()
    supervisor.look()
    assert _order(supervisor)[9:] == ["stop hello", "stop console", "stop postgres"]
    assert supervisor.words() == {"postgres": UNMONITORED, "console": UNMONITORED, "hello": UNMONITORED}
    assert [pid for pid in before.values() if is_alive(pid)] == []


def _shipped(name: str, more: str = "") -> Job:
    """A job of this repository, with its own monit file."""
    (file,) = (_ROOT / "manifests").glob(f"*/**/jobs/{name}/monit")
    return replace(_job(name), monit=file.read_text().replace("/var/vcap/", "{base}/") + f"  {more}\n")


def test_what_is_unmonitored_lives_on_and_dies_for_good(supervisor: Supervisor) -> None:
    supervisor.start([_job("web"), _job("db")])
    until(_has_words(supervisor, db=RUNNING, web=RUNNING))
    supervisor.unmonitor()
    os.kill(pid_of(supervisor, "db"), signal.SIGKILL)
    supervisor.look()
    assert (supervisor.words(), is_alive(pid_of(supervisor, "web")), is_alive(pid_of(supervisor, "db"))) == (
        {"db": UNMONITORED, "web": UNMONITORED},
        True,
        False,
    )
    assert sorted(_order(supervisor)) == ["start db", "start web"]


def test_what_does_not_come_up_is_tried_again_and_keeps_nobody_else_down(supervisor: Supervisor) -> None:
    supervisor.start(
        [
            _job("never", time_s=1, start="exit 1"),
            _job("after", "depends on never\n"),
            _job("mute", time_s=1, start="true"),
            _job("slow", start="sleep 0.5; " + START),
            _job("deaf", time_s=2, stop="true"),
        ]
    )
    wanted = {"never": NOT_RUNNING, "after": NOT_RUNNING, "mute": NOT_RUNNING, "slow": RUNNING, "deaf": RUNNING}
    until(lambda: supervisor.words() == wanted and _order(supervisor).count("start never") > 1)
    assert not supervisor.stop()
    called = set(_order(supervisor))
    assert called == {"start never", "start mute", "start slow", "start deaf", "stop slow", "stop deaf"}
    assert (is_alive(pid_of(supervisor, "slow")), is_alive(pid_of(supervisor, "deaf"))) == (False, True)


def test_a_pidfile_of_the_dead_counts_for_nothing_and_one_of_the_living_for_its_process(supervisor: Supervisor) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    alive = subprocess.Popen(["sleep", "600"])
    for name, pid in (("dead", ended.pid), ("alive", alive.pid)):
        folder = supervisor.base / "sys" / "run" / name
        folder.mkdir(parents=True)
        (folder / f"{name}.pid").write_text(f"{pid}\n")
    supervisor.start([_job("dead"), _job("alive")])
    until(_has_words(supervisor, dead=RUNNING, alive=RUNNING))
    assert (_order(supervisor), pid_of(supervisor, "alive")) == (["start dead"], alive.pid)
    alive.kill()
    alive.wait()
    until(lambda: _order(supervisor) == ["start dead", "start alive"])


def test_a_process_is_found_by_its_command_line(supervisor: Supervisor) -> None:
    line = f"sleep 600.{os.getpid()}"  # of this run alone
    job = _job("found", start=START.replace("sleep 600", line))
    monit = job.monit.replace(
        "with pidfile {base}/sys/run/found/found.pid", f'matching "^sleep [[:digit:]]+.{os.getpid()}"'
    )
    supervisor.start([replace(job, monit=monit)])
    until(_has_words(supervisor, found=RUNNING))
    os.kill(pid_of(supervisor, "found"), signal.SIGKILL)
    until(lambda: _order(supervisor) == ["start found", "start found"])
    until(_has_words(supervisor, found=RUNNING))
    assert supervisor.stop()
    assert not is_alive(pid_of(supervisor, "found"))


def test_a_file_is_made_watched_and_removed_by_its_programs(supervisor: Supervisor) -> None:
    file = "{base}/sys/run/rules/rules.check"
    monit = (
        f"check file rules with path {file}\n"
        '  start program "{base}/jobs/rules/bin/ctl start"\n  stop program "{base}/jobs/rules/bin/ctl stop"\n'
        "  group vcap\n"
    )
    control = CONTROL.replace("{name}", "rules").replace("{start}", f"touch {file}").replace("{stop}", f"rm -f {file}")
    rules = Path(file.replace("{base}", str(supervisor.base)))
    rules.parent.mkdir(parents=True)
    supervisor.start([Job(name="rules", monit=monit, control=control), _job("web", "  depends on rules\n")])
    until(_has_words(supervisor, rules=RUNNING, web=RUNNING))
    started = _order(supervisor)
    assert started[-1] == "start web"

    rules.unlink()
    until(lambda: rules.exists() and _order(supervisor).count("start web") == 2)
    until(_has_words(supervisor, rules=RUNNING, web=RUNNING))
    again = [program for program, _ in itertools.groupby(_order(supervisor)[len(started) :])]  # monit starts it twice
    assert again == ["stop web", "stop rules", "start rules", "start web"]

    supervisor.begin_anew()
    supervisor.look()
    until(_has_words(supervisor, rules=RUNNING, web=RUNNING))
    before = _order(supervisor)
    assert supervisor.stop()
    assert (_order(supervisor)[len(before) :], rules.exists()) == (["stop web", "stop rules"], False)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can start a program as somebody else")
def test_a_start_program_runs_as_its_user_and_group(supervisor: Supervisor) -> None:
    with tempfile.TemporaryDirectory() as folder:  # the test's own is closed to others
        _start_as_nobody(supervisor, Path(folder))


def _start_as_nobody(supervisor: Supervisor, folder: Path) -> None:
    folder.chmod(0o777)
    script = folder / "start"
    script.write_text("#!/bin/sh\ncd $(dirname $0)\nid -u > said\nid -g >> said\nsleep 600 &\necho $! > who.pid\n")
    script.chmod(0o755)
    monit = f"""check process who with pidfile {folder}/who.pid
  start program = "{script}" as uid nobody and gid nogroup with timeout 3 seconds
  stop program = "/bin/sh -c 'kill $(cat {folder}/who.pid)'" as uid "nobody"
  group vcap
"""
    supervisor.start([Job(name="who", monit=monit, control="")])
    until(_has_words(supervisor, who=RUNNING))
    assert (folder / "said").read_text().split() == ["65534", "65534"]
    assert supervisor.stop()
