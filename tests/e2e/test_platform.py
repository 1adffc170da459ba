"""The platform as its user meets it: up, look, log in, update nothing."""

import datetime
import json
import os
import re
import signal
import subprocess
import urllib.parse
from pathlib import Path

import pytest

from cpi.contract.values import Endpoint
from director.edge.login_checks import page_login
from director.ports.login_checks import LoginCheck
from tests.e2e.conftest import own_key
from tests.support import loaded_platform, platform_load, verb_texts
from tests.support.command import Compleat

pytestmark = pytest.mark.slow


def test_up_again_starts_nothing_but_the_errand(platform: Compleat) -> None:
    before = [row["vm_cid"] for row in _instances(platform)]
    report = platform.run("up", "--json").ended().json
    assert report["problems"] == {}
    assert [row["vm_cid"] for row in _instances(platform)] == before


def test_an_unchanged_manifest_makes_an_empty_plan(platform: Compleat) -> None:
    plan = platform.run("plan", "manifests/platform/platform.yml", "--json").ended().json
    assert plan["actions"] == []


def test_every_instance_is_running(platform: Compleat) -> None:
    states = {row["instance"]: row["state"] for row in _instances(platform)}
    assert states == {
        "jumpbox/0": "running",
        "postgres/0": "running",
        "redis/0": "running",
        "console/0": "running",
        "smoke-tests/0": "detached",
    }


def test_the_admin_login_lies_on_the_jumpbox_for_its_user_alone(platform: Compleat) -> None:
    printed = platform.run(
        "ssh", "jumpbox", "-c", "grep admin manifests/platform.yml; stat -c %a manifests/platform.yml"
    )
    password = platform.run("creds", "console_admin_password").ended().out.strip()
    assert printed.ended().out == f"admin_user: admin\nadmin_password: {password}\n600\n"


def test_the_printed_ssh_command_works(platform: Compleat) -> None:
    config = platform.home / "environments" / platform.environment / "ssh_config"
    done = subprocess.run(
        ["ssh", "-F", str(config), "jumpbox", "grep admin_user manifests/platform.yml"],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert (done.returncode, done.stdout) == (0, "admin_user: admin\n")


def test_a_key_of_the_environments_file_logs_in(platform: Compleat, tmp_path: Path) -> None:
    config = (platform.home / "environments" / platform.environment / "ssh_config").read_text()
    (tmp_path / "config").write_text(re.sub("IdentityFile .*", f"IdentityFile {own_key(platform)}", config))
    done = subprocess.run(
        ["ssh", "-F", str(tmp_path / "config"), "jumpbox", "stat -c %a .ssh/authorized_keys2"],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert (done.returncode, done.stdout) == (0, "600\n"), done.stderr


def test_a_file_goes_there_and_comes_back(platform: Compleat) -> None:
    source = platform.home / "sent.txt"
    source.write_text("to and fro\n")
    platform.run("scp", str(source), "postgres/0:/tmp/sent.txt").ended()
    platform.run("scp", "postgres/0:/tmp/sent.txt", str(platform.home / "back.txt")).ended()
    assert (platform.home / "back.txt").read_text() == "to and fro\n"


def test_logs_come_as_an_archive(platform: Compleat) -> None:
    ran = platform.run("logs", "redis/0", "--dir", str(platform.home)).ended()
    verb_texts.check(ran, platform, "logs")
    path = ran.out.strip()
    listed = subprocess.run(["tar", "tzf", path], capture_output=True, text=True, check=True).stdout
    assert re.search(r"redis/.*\.log", listed)


def test_the_errand_runs_by_itself_again_and_again(platform: Compleat) -> None:
    for _ in range(2):
        results = platform.run("run-errand", "-d", "platform", "smoke-tests", "--json").ended().json["results"]
        assert [result["exit_code"] for result in results] == [0]


def test_no_secret_is_in_any_log_or_table(platform: Compleat) -> None:
    password = platform.run("creds", "console_admin_password").ended().out.strip()
    shown = [
        platform.run("tasks").ended().out,
        platform.run("task", "--json").ended().out,
        platform.run("events").ended().out,
        platform.run("instances", "--ps", "--json").ended().out,
        platform.run("variables").ended().out,
    ]
    assert password not in "".join(shown)
    assert password.encode() not in (platform.home / "state.db").read_bytes()


_NATS_RELOADS = 4
"""The two steps of a rotation, and the same again after the kill."""


@pytest.mark.timeout(600)  # two rotations of everything, and a deployment beside the platform
def test_rotate_is_continued_after_a_kill_loses_no_request_or_connection_and_the_old_values_are_dead(
    platform: Compleat, tmp_path: Path
) -> None:
    before, ca, password = _instances(platform), _secret(platform, "platform_ca.certificate"), _password(platform)
    old_key = tmp_path / "old_key"
    old_key.touch(mode=0o600)
    old_key.write_text((platform.home / "environments" / platform.environment / "ssh_key").read_text())
    words = ("rotate", "--all", "-n")
    with loaded_platform.loaded(platform, tmp_path) as load:
        with platform.started(*words) as process:
            assert process.stderr
            [next(line for line in process.stderr if line.endswith(" actions)\n")) for _ in range(2)]
            os.kill(process.pid, signal.SIGKILL)
        middle = _secret(platform, "platform_ca.certificate")
        assert ca in middle and middle.count("BEGIN CERTIFICATE") == 2
        continued = platform.run(*words).ended()
    assert "Continues to rotate 7 secrets:\n" in continued.err
    rows = [line.split() for line in continued.out.splitlines()]
    assert [(row[0].rpartition("/")[2], row[1], row[2][:4]) for row in rows[1:-2]] == [
        ("console_admin_password", "2", "-"),
        ("console_session_key", "2", "-"),
        ("console_tls", "4", _next_year()),
        ("nats_login", "2", "-"),
        ("platform_ca", "4", _next_year()),
        ("postgres_login", "2", "-"),
        ("redis_password", "2", "-"),
        ("ssh_key", "2", "-"),
    ]
    where = {
        "console_admin_password": "console/0",
        "console_session_key": "console/0",
        "console_tls": "console/0",
        "nats_login": "redis/0",
        "platform_ca": "console/0",
        "postgres_login": "postgres/0",
        "redis_password": "redis/0",
    }
    refused = re.findall(r"^  \S*/(\w+): the former value is refused by (.*)$", continued.err, re.MULTILINE)
    assert sorted(refused) == sorted([*where.items(), ("ssh_key", "5 VMs")])
    failed = dict(load.column("failed"))
    # NATS ends the connections of users that are no longer in its file; its clients connect again by themselves.
    assert failed.pop(f"nats{platform_load.KEPT}") > 0
    assert failed == dict.fromkeys(failed, 0), list(load.lines())
    # Each time NATS reads its file, it refuses a client that is connected and has not sent its login yet
    # (nats-server, server/reload.go, reloadAuthorization).
    for column in (dict(load.column("refused")), dict(load.column("again"))):
        assert column.pop("nats") <= _NATS_RELOADS, list(load.lines())
        assert column == dict.fromkeys(column, 0), list(load.lines())
    assert min(load.column("requests").values()) > 20
    assert _login_by_key(platform, old_key).returncode == 255
    assert password not in continued.err + continued.out
    report = platform.run("up", "--json").ended().json
    assert report["problems"] == {}, "the new logins work"
    url = urllib.parse.urlparse(str(report["console"]))
    now, new = _secret(platform, "platform_ca.certificate"), _password(platform)
    assert (now in middle, now.count("BEGIN CERTIFICATE")) == (True, 1)
    assert _login(url, new, now) == ""
    assert "CERTIFICATE_VERIFY_FAILED" in _login(url, new, ca), "nothing that the old CA signed is left"
    assert _login(url, password, now) != ""
    assert [row["vm_cid"] for row in _instances(platform)] == [row["vm_cid"] for row in before]


def _login_by_key(platform: Compleat, key: Path) -> subprocess.CompletedProcess[str]:
    config = (platform.home / "environments" / platform.environment / "ssh_config").read_text()
    (key.parent / "ssh_config").write_text(re.sub("IdentityFile .*", f"IdentityFile {key}", config))
    words = ["ssh", "-F", str(key.parent / "ssh_config"), "-o", "IdentitiesOnly=yes", "jumpbox", "true"]
    return subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def _next_year() -> str:
    return str((datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=365)).year)


def _login(url: urllib.parse.ParseResult, password: str, ca: str) -> str:
    endpoint = Endpoint(host=str(url.hostname), port=url.port or 443)
    return page_login.try_login(LoginCheck(endpoint=endpoint, path="/", user="admin", ca=ca, password=password))


def _password(platform: Compleat) -> str:
    return _secret(platform, "console_admin_password").strip()


def _secret(platform: Compleat, name: str) -> str:
    return platform.run("creds", name).ended().out.rstrip("\n") + "\n"


def test_an_own_app_links_to_the_platforms_database(platform: Compleat, tmp_path: Path) -> None:
    manifest = _app(tmp_path)
    try:
        platform.run("deploy", str(manifest), "-n").ended()
        shown = platform.run("ssh", "-d", "app", "client/0", "-c", "cat /var/vcap/jobs/client/config/database")
        (row,) = [row for row in _instances(platform) if row["instance"] == "postgres/0"]
        password = platform.run("creds", "postgres_login.password").ended().out.strip()
        name = "q-s0.postgres.default.platform.bosh"
        assert shown.ended().out == f"postgres {name} postgres/0 {password}\n"
        found = platform.run("ssh", "-d", "app", "client/0", "-c", f"getent ahostsv4 {name}").ended().out
        assert {line.split()[0] for line in found.splitlines()} == {row["ips"][0]}
        again = platform.run("plan", str(manifest), "--json").ended()
        assert again.json["actions"] == []
        rotated = platform.run("rotate", "postgres_login", "-n").ended()
        assert "(user), used by app, platform\n" in rotated.err
        new = platform.run("creds", "postgres_login.password").ended().out.strip()
        shown = platform.run("ssh", "-d", "app", "client/0", "-c", "cat /var/vcap/jobs/client/config/database")
        assert (shown.ended().out, new != password) == (f"postgres {name} postgres/0 {new}\n", True)
        unshared = tmp_path / "unshared.yml"
        unshared.write_text("- {type: remove, path: /instance_groups/name=postgres/jobs/0/provides}\n")
        changed = platform.run("plan", "manifests/platform/platform.yml", "-o", str(unshared)).ended()
        assert "Deployment 'app' consumes link 'postgres'" in changed.err
    finally:
        platform.run("delete-deployment", "-d", "app", "-n")  # without its outcome: what failed before matters more
    assert "app" not in {row["deployment"] for row in _instances(platform)}


def test_another_operator_is_told_who_holds_the_lease(platform: Compleat) -> None:
    platform.run("tasks").ended()  # what it is forked from has started: it asks at once
    with platform.started("run-errand", "-d", "platform", "smoke-tests") as first:
        assert first.stderr is not None
        assert any("  Task " in line for line in first.stderr)  # its place comes before
        second = platform.run("stop", "-n", "-d", "platform", "redis/0")
        assert second.code == 5
        assert re.search(r"deployment-locked: .*\n  why: .*\(pid \d+\) runs '.*run-errand.*' since \d{4}-", second.err)
        assert first.wait(timeout=120) == 0


def _app(folder: Path) -> Path:
    """A deployment with one instance, whose template prints a link of the platform."""
    job = folder / "release" / "jobs" / "client"
    (job / "templates").mkdir(parents=True)
    (folder / "release" / "config").mkdir()
    (folder / "release" / "config" / "final.yml").write_text("name: app\n")
    (job / "monit").write_text("")
    spec = {"name": "client", "templates": {"database.j2": "config/database"}, "packages": []}
    (job / "spec").write_text(json.dumps({**spec, "consumes": [{"name": "database", "type": "postgres"}]}))
    (job / "templates" / "database.j2").write_text(
        "{% set db = link('database') %}{{ db.p('user') and 'postgres' }} {{ db.address() }} "
        "{{ db.instances[0].name }}/{{ db.instances[0].index }} {{ db.p('password') }}\n"
    )
    group = {"name": "client", "instances": 1, "azs": ["z1"], "stemcell": "default", "vm_type": "small"}
    link = {"database": {"from": "postgres", "deployment": "platform"}}
    watched = ("canary_watch_time", "update_watch_time")
    jobs = [{"name": "client", "release": "app", "consumes": link}]
    manifest = {
        "name": "app",
        "stemcells": [{"alias": "default", "os": "linux", "version": "latest"}],
        "releases": [{"name": "app", "version": "create", "url": f"file://{folder}/release"}],
        "update": {"canaries": 1, "max_in_flight": 1, **dict.fromkeys(watched, "100-60000")},
        "instance_groups": [{**group, "networks": [{"name": "default"}], "jobs": jobs}],
    }
    (folder / "app.yml").write_text(json.dumps(manifest))
    return folder / "app.yml"


def _instances(compleat: Compleat) -> list[dict[str, str]]:
    rows = compleat.run("instances", "--json").ended().json["instances"]
    assert isinstance(rows, list)
    return rows
