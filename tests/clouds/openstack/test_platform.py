"""The platform on a real OpenStack: up, looked at, updated, healed, taken down. `-e openstack-test`, by real SSH.

The tests run in this order on one environment; the last takes it down.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clouds.openstack import place
from tests.support.command import Compleat, Ran

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

USER = place.OTHER_USER
MANIFEST = "manifests/platform/platform.yml"
REPORTED = {
    *("jumpbox", "ssh", "grep_admin", "console", "admin_user", "admin_password", "ca_file", "log", "tear_down"),
}
RENAMED = """
- type: replace
  path: /instance_groups/name=console/jobs/name=console/properties/title
  value: Renamed
"""
_UP_S = 1000.0


@pytest.fixture(scope="module")
def compleat() -> Iterator[Compleat]:
    """An environment of the name operators would choose, taken down whatever happened."""
    with place.environment(USER, "openstack-test") as own:
        yield own
        own.run("down", "-n", timeout_s=_UP_S)


def test_up_ends_with_the_report_of_the_local_cloud_and_every_login_works(compleat: Compleat) -> None:
    report = compleat.run("up", "-n", "--json", timeout_s=_UP_S).ended().json
    assert report["problems"] == {}
    assert {name for name, value in report.items() if name in REPORTED and value} == REPORTED


def test_each_package_was_sent_to_swift_once_and_servers_fetched_it_there() -> None:
    moved = place.moved(USER)
    put, fetched = ([line.split()[1] for line in moved if line.startswith(verb)] for verb in ("PUT", "GET"))
    assert len(put) == len(set(put)) > 3
    assert set(fetched) == set(put)
    assert len(fetched) > len(put)


def test_ssh_reaches_the_jumpbox_and_through_it_the_others(compleat: Compleat) -> None:
    assert _shell(compleat, "jumpbox", "id -un; hostname").startswith("root\njumpbox-0")
    assert _shell(compleat, "postgres/0", "hostname").startswith("postgres-0")


def test_the_printed_ssh_command_works(compleat: Compleat) -> None:
    config = compleat.home / "environments" / compleat.environment / "ssh_config"
    done = subprocess.run(
        ["ssh", "-F", str(config), "jumpbox", "grep admin_user manifests/platform.yml"],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert (done.returncode, done.stdout) == (0, "admin_user: admin\n")


def test_an_update_makes_no_machine_anew(compleat: Compleat, tmp_path: Path) -> None:
    before = _cids(compleat)
    (tmp_path / "renamed.yml").write_text(RENAMED)
    _deploy(compleat, "-o", str(tmp_path / "renamed.yml"))
    rows = compleat.run("task", "--json").ended().json["actions"]
    assert {str(row["subject"]) for row in rows if row["action"] == "apply"} == {"console/0"}
    assert _cids(compleat) == before


def test_a_server_lost_at_the_cloud_is_made_again_with_its_disk(compleat: Compleat) -> None:
    before = _cids(compleat)
    _shell(compleat, "redis/0", "echo kept >/var/vcap/store/marker; sync")
    place.lose_server(USER, before["redis/0"])
    _deploy(compleat)
    after = _cids(compleat)
    assert {name for name in after if after[name] != before[name]} == {"redis/0"}
    assert _shell(compleat, "redis/0", "cat /var/vcap/store/marker") == "kept\n"


def test_a_lost_state_is_rebuilt_by_adopt_and_the_next_plan_is_empty(compleat: Compleat) -> None:
    before, held = _cids(compleat), place.held(USER)
    for path in compleat.home.glob("state.db*"):
        path.unlink()
    shutil.rmtree(compleat.home / "tasks")
    adopted = compleat.run("adopt", "--bundle", "platform", "-n", "--json", timeout_s=_UP_S).ended().json["adopted"]
    assert {row["state"] for row in adopted} == {"recorded"}
    assert {row["instance"] for row in adopted} == set(before)
    assert (_cids(compleat), place.held(USER)) == (before, held)
    assert compleat.run("plan", MANIFEST, "--json", timeout_s=_UP_S).ended().json["actions"] == []


def test_down_leaves_nothing_by_the_services_own_lists(compleat: Compleat) -> None:
    assert place.held(USER) != []
    compleat.run("down", "-n", timeout_s=_UP_S).ended()
    assert place.await_empty(USER) == []


def _deploy(compleat: Compleat, *words: str) -> Ran:
    return compleat.run("deploy", MANIFEST, "-n", *words, timeout_s=_UP_S).ended()


def _cids(compleat: Compleat) -> dict[str, str]:
    rows = compleat.run("instances", "--json").ended().json["instances"]
    return {str(row["instance"]): str(row["vm_cid"]) for row in rows if row["vm_cid"]}


def _shell(compleat: Compleat, instance: str, command: str) -> str:
    words = ("ssh", instance) if instance == "jumpbox" else ("ssh", "-d", "platform", instance)
    return compleat.run(*words, "-c", command).ended().out
