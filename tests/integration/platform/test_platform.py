"""The platform's jobs, run by hand on a machine of namespaces, the way the guest runs them."""

import re
import sys
import time
from pathlib import Path

import pytest

from tests.integration.platform import certificates, machine
from tests.integration.platform.conftest import MakeMachine
from tests.integration.platform.starting import JOBS, psql, redis_cli, start_jobs

pytestmark = pytest.mark.slow

_ROOT = Path(__file__).parents[3]


def test_every_service_starts_and_the_errand_uses_each(running_platform: machine.Machine) -> None:
    errand_passes(running_platform)


def test_the_same_holds_on_a_machine_with_one_user_id(make_platform: MakeMachine) -> None:
    booted = make_platform(one_id=True)
    start_jobs(booted)
    errand_passes(booted)


def errand_passes(booted: machine.Machine) -> None:
    """Run the errand and compare all it says."""
    errand = booted.run(["/var/vcap/jobs/smoke-tests/bin/run"]).stdout
    said = re.sub(r"took  [0-9.]+ s|127\.0\.0\.1:\d+|\d+\.\d+(\.\d+)?", "*", errand)
    assert said.splitlines() == [
        "postgres at *",
        "  ok    logged in as platform, PostgreSQL *",
        "  ok    wrote a row",
        "  ok    read it over a second connection",
        "  *",
        "redis at *",
        "  ok    logged in, Redis *",
        "  ok    wrote a key and read it over a second connection",
        "  ok    it refuses a visitor without the password",
        "  *",
        "nats at *",
        "  ok    logged in as nats, NATS *",
        "  ok    sent a message and received it over a second connection",
        "  ok    it refuses a visitor without the password",
        "  *",
        "console at *",
        "  ok    TLS with the platform's own authority",
        "  ok    it refuses a stranger and a wrong password",
        "  ok    logged in as admin",
        "  ok    it shows as up: PostgreSQL *, Redis *, NATS *",
        "  *",
        "4 of 4 services passed",
    ]
    assert booted.run(["/var/vcap/jobs/console/bin/post-deploy"]).stdout.count("is up, version") == 3


def test_the_login_is_tried_as_the_director_tries_it(
    running_platform: machine.Machine, certificate: certificates.Certificate
) -> None:
    trial = (
        "import sys; from cpi.contract.values import Endpoint; "
        "from director.edge.login_checks.page_login import try_login; "
        "from director.ports.login_checks import LoginCheck; ca, password = sys.argv[1:]; "
        "print(try_login(LoginCheck(endpoint=Endpoint(host='127.0.0.1', port=8443), path='/', user='admin', ca=ca, "
        "password=password)))"
    )
    said = [
        running_platform.run([sys.executable, "-c", trial, certificate.ca, password], cwd=str(_ROOT)).stdout
        for password in ("open-sesame", "close-sesame")
    ]
    assert said == ["\n", "the login was answered with status 401\n"]


def test_data_survives_a_power_cut_and_stale_process_files_do_no_harm(make_platform: MakeMachine) -> None:
    first = make_platform()
    start_jobs(first)
    psql(first, "CREATE TABLE kept AS SELECT 42 AS answer")
    redis_cli(first, "SET", "kept", "42")
    redis_cli(first, "BGREWRITEAOF")
    machine.wait_until(lambda: "aof_rewrite_in_progress:0" in redis_cli(first, "INFO", "persistence"))
    first.power_off()
    again = make_platform(root=first.root)
    stranger = "setsid chpst -u vcap:vcap sleep 600 </dev/null >/dev/null 2>&1 & echo $!"
    number = again.run(["bash", "-c", stranger]).stdout
    # After a boot another process may have any number, one of the same user too.
    lock = first.root / "store/postgres/data/postmaster.pid"
    lock.write_text(number + lock.read_text().partition("\n")[2])
    for job in JOBS:
        (first.root / f"data/sys/run/{job}/{job}.pid").write_text(number)
    start_jobs(again)
    assert (psql(again, "SELECT answer FROM kept"), redis_cli(again, "GET", "kept")) == ("42", "42")


def test_drain_stops_cleanly_and_everything_may_be_done_twice(make_platform: MakeMachine) -> None:
    booted = make_platform()
    start_jobs(booted)
    start_jobs(booted)
    psql(booted, "CREATE TABLE kept AS SELECT 1 AS answer")
    redis_cli(booted, "SET", "kept", "1")
    for job in ("postgres", "redis"):
        assert booted.run([f"/var/vcap/jobs/{job}/bin/drain", "job_shutdown", "hash_unchanged"]).stdout == "0\n"
    for _ in range(2):
        for job in JOBS:
            booted.run([f"/var/vcap/jobs/{job}/bin/ctl", "stop"])
    assert sorted(path.name for path in (booted.root / "data/sys/run").glob("*/*.pid")) == []
    assert "database system is shut down" in _log(booted, "postgres")
    start_jobs(booted)
    assert (psql(booted, "SELECT answer FROM kept"), redis_cli(booted, "GET", "kept")) == ("1", "1")
    assert "not properly shut down" not in _log(booted, "postgres")


def test_servers_run_as_vcap_and_no_password_is_on_a_command_line_or_in_a_log(
    running_platform: machine.Machine,
) -> None:
    booted = running_platform
    booted.run(["/var/vcap/jobs/smoke-tests/bin/run"])
    processes = booted.run(["ps", "-eo", "user:8,args"]).stdout
    owners = {name: line.split()[0] for line in processes.splitlines() for name in JOBS if _serves(line, name)}
    assert owners == {"postgres": "vcap", "redis": "vcap", "nats": "vcap", "console": "vcap"}
    logs = "".join(path.read_text() for path in (booted.root / "data/sys/log").rglob("*.log"))
    assert "POST /login 303" in logs
    for secret in ("quoted", "r3d", "n4ts", "open-sesame", "kkkkkkkk"):
        assert secret not in processes + logs
    config = (booted.root / "jobs").rglob("config/*")
    assert {oct(path.stat().st_mode & 0o777) for path in config} == {"0o640"}


def test_the_errand_fails_and_says_what_when_a_service_is_down(make_platform: MakeMachine) -> None:
    booted = make_platform()
    start_jobs(booted)
    booted.run(["/var/vcap/jobs/redis/bin/ctl", "stop"])
    errand = booted.run(["/var/vcap/jobs/smoke-tests/bin/run"], check=False)
    assert errand.returncode == 1
    assert "FAILED  ConnectionError: Error 111 connecting to 127.0.0.1:6379" in errand.stdout
    assert "FAILED  CheckFailed: it shows services that are down: redis/0" in errand.stdout
    assert errand.stdout.endswith("2 of 4 services passed\n")
    assert booted.run(["/var/vcap/jobs/console/bin/post-deploy"], check=False).returncode == 1


def test_a_disk_of_another_postgresql_version_is_refused(make_platform: MakeMachine) -> None:
    booted = make_platform()
    data = booted.root / "store/postgres/data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("15\n")
    refused = booted.run(["/var/vcap/jobs/postgres/bin/pre-start"], check=False)
    assert (refused.returncode, "holds data of PostgreSQL 15" in refused.stdout) == (1, True)


def test_a_server_that_cannot_start_says_why_and_is_not_waited_for(make_platform: MakeMachine) -> None:
    booted = make_platform()
    booted.run(["/var/vcap/jobs/redis/bin/pre-start"])
    (booted.root / "packages/redis").unlink()
    began = time.monotonic()
    failed = booted.run(["/var/vcap/jobs/redis/bin/ctl", "start"], check=False)
    assert (failed.returncode, time.monotonic() - began < 25) == (1, True)
    assert "Redis did not start; the last lines of" in failed.stdout
    assert "redis-server: No such file or directory" in failed.stdout


def _serves(line: str, job: str) -> bool:
    words = {"postgres": "postgres -D", "redis": "redis-server", "nats": "nats-server", "console": "-m console serve"}
    return words[job] in line


def _log(booted: machine.Machine, job: str) -> str:
    return Path(booted.root / f"data/sys/log/{job}/{job}.log").read_text()
