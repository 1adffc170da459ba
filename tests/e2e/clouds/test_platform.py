"""The platform on an emulated cloud with real machines: up, looked at, updated, healed, taken down.

The tests of a cloud run in this order on one environment; the last takes it down.
"""

import re
import subprocess
from pathlib import Path

import pytest

from cpi.contract.values import VmState
from tests.e2e.clouds.conftest import Platform
from tests.support.command import Ran

pytestmark = pytest.mark.slow

MANIFEST = "manifests/platform/platform.yml"
REPORTED = [
    *("jumpbox", "ssh", "grep_admin", "console", "admin_user", "admin_password", "ca_file", "log", "tear_down"),
]
RENAMED = """
- type: replace
  path: /instance_groups/name=console/jobs/name=console/properties/title
  value: Renamed
"""

REFUSED = {"quota-exceeded", "disk-size-invalid"}
TOO_MUCH = """
- type: replace
  path: /instance_groups/-
  value:
    name: many
    instances: 200
    azs: [z1]
    stemcell: default
    vm_type: large
    persistent_disk: 99999999
    networks: [{name: default}]
    jobs: []
"""
_CODE = re.compile(r"^(?:\S+:\d+:\d+: )?([a-z-]+): ", re.MULTILINE)
"""The code of an error, behind its place where it has one."""


def test_up_ends_with_the_report_of_the_local_cloud_and_every_login_works(platform: Platform) -> None:
    report = platform.first.ended().json
    assert report["problems"] == {}
    assert [name for name, value in report.items() if name in REPORTED and value] == REPORTED


def test_every_instance_of_the_cloud_has_a_machine_and_no_other_is_left(platform: Platform) -> None:
    bodies = [platform.place.body_of(cid) for cid in _cids(platform).values()]
    assert sorted(bodies) == sorted(platform.place.bodies.standing())
    assert set(platform.place.bodies.standing().values()) == {VmState.RUNNING}


def test_each_package_was_sent_to_the_cloud_once_and_machines_fetched_it_there(platform: Platform) -> None:
    moved = platform.place.blobs()
    if moved is None:
        pytest.skip("the test cloud has no object storage here: azurite is not installed")
    put, fetched = ([line.split()[1] for line in moved if line.startswith(verb)] for verb in ("PUT", "GET"))
    assert len(put) == len(set(put)) > 3
    assert set(fetched) == set(put)
    assert len(fetched) > len(put)


def test_up_again_changes_no_machine(platform: Platform) -> None:
    before = _cids(platform)
    assert platform.compleat.run("up", "-n", "--json").ended().json["problems"] == {}
    assert _cids(platform) == before
    assert platform.compleat.run("plan", MANIFEST, "--json").ended().json["actions"] == []


def test_ssh_reaches_the_jumpbox_and_through_it_the_others(platform: Platform) -> None:
    assert _shell(platform, "jumpbox", "id -un; hostname").startswith("root\njumpbox-0")
    assert _shell(platform, "postgres/0", "hostname").startswith("postgres-0")


def test_the_printed_ssh_command_works(platform: Platform) -> None:
    config = platform.compleat.home / "environments" / platform.compleat.environment / "ssh_config"
    done = subprocess.run(
        ["ssh", "-F", str(config), "jumpbox", "grep admin_user manifests/platform.yml"],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert (done.returncode, done.stdout) == (0, "admin_user: admin\n")


def test_the_director_s_key_came_by_user_data_alone(platform: Platform) -> None:
    keys = _shell(platform, "redis/0", "cat /root/.ssh/authorized_keys; id vcap >&2")
    assert len(keys.splitlines()) == 1


def test_an_update_restarts_the_job_it_means_and_makes_no_machine_anew(platform: Platform, tmp_path: Path) -> None:
    before = _cids(platform)
    (tmp_path / "renamed.yml").write_text(RENAMED)
    done = _deploy(platform, "-o", str(tmp_path / "renamed.yml"))
    assert {subject for kind, subject in _actions(platform, done) if kind == "apply"} == {"console/0"}
    assert _cids(platform) == before


def test_a_machine_lost_at_the_cloud_is_made_again_with_its_disk(platform: Platform) -> None:
    before = _cids(platform)
    _shell(platform, "redis/0", "echo kept >/var/vcap/store/marker")
    platform.place.lose(before["redis/0"])
    _deploy(platform)
    after = _cids(platform)
    assert {name for name in after if after[name] != before[name]} == {"redis/0"}
    assert _shell(platform, "redis/0", "cat /var/vcap/store/marker") == "kept\n"
    results = platform.compleat.run("run-errand", "-d", "platform", "smoke-tests", "--json").ended().json["results"]
    assert [result["exit_code"] for result in results] == [0]


def test_a_machine_that_boots_again_has_its_disk_and_its_jobs(platform: Platform) -> None:
    platform.place.bodies.reboot(platform.place.body_of(_cids(platform)["redis/0"]))
    _deploy(platform)
    assert _shell(platform, "redis/0", "cat /var/vcap/store/marker") == "kept\n"
    rows = platform.compleat.run("instances", "-d", "platform", "--json").ended().json["instances"]
    assert {row["instance"]: row["state"] for row in rows}["redis/0"] == "running"


def test_what_the_cloud_would_refuse_ends_plan_and_deploy_before_anything_is_made(
    platform: Platform, tmp_path: Path
) -> None:
    before = tuple(platform.place.held())
    (tmp_path / "too-much.yml").write_text(TOO_MUCH)
    for command in ("plan", "deploy"):
        ran = platform.compleat.run(command, MANIFEST, "-o", str(tmp_path / "too-much.yml"), "-n").ended(3)
        assert {code for code in _CODE.findall(ran.err) if code in REFUSED} == REFUSED
    assert tuple(platform.place.held()) == before


def test_down_leaves_nothing(platform: Platform) -> None:
    platform.compleat.run("down", "-n").ended()
    assert tuple(platform.place.held()) == platform.before
    assert platform.place.bodies.standing() == {}


def _deploy(platform: Platform, *words: str) -> Ran:
    return platform.compleat.run("deploy", MANIFEST, "-n", *words).ended()


def _actions(platform: Platform, done: Ran) -> list[tuple[str, str]]:
    rows = platform.compleat.run("task", "--json").ended().json["actions"]
    return [(str(row["action"]), str(row["subject"])) for row in rows]


def _cids(platform: Platform) -> dict[str, str]:
    rows = platform.compleat.run("instances", "--json").ended().json["instances"]
    return {str(row["instance"]): str(row["vm_cid"]) for row in rows if row["vm_cid"]}


def _shell(platform: Platform, instance: str, command: str) -> str:
    words = (
        ("ssh", instance, "-c", command)
        if instance == "jumpbox"
        else ("ssh", "-d", "platform", instance, "-c", command)
    )
    return platform.compleat.run(*words).ended().out
