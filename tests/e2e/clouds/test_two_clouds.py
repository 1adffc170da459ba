"""One deployment over the local cloud and the AWS emulator, by BOSH's cpi-config, with real machines on both.

The two networks do not know each other: each cloud is entered by its own jumpbox. The tests run in this order on one
environment; the last takes it down.
"""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cpi.contract.values import VmCid
from tests.e2e.clouds import on_aws
from tests.e2e.clouds import place as places
from tests.e2e.clouds.place import Place
from tests.support import local_inventory
from tests.support.bodies import ground
from tests.support.command import ROOT, Compleat, Ran

CASE = ROOT / "tests/cases/two-clouds"
UP = ("up", "-n", "--bundle", str(CASE / "bundle"))
LOST = ("hello/0", "hello/1")
DEPLOY = ("deploy", str(CASE / "bundle/both.yml"), "-n")
ACROSS = """
- {type: replace, path: /instance_groups/name=postgres/vm_type, value: default}
- {type: replace, path: /instance_groups/name=redis/vm_type, value: default}
- {type: replace, path: /instance_groups/name=console/azs, value: [z2]}
- {type: replace, path: /instance_groups/name=console/networks, value: [{name: default}]}
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(ground.missing()), reason=ground.missing() or "there can be bodies"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """`near` is the local cloud under the home's environment, `far` the emulator; `first` is how `up` ended."""

    compleat: Compleat
    far: Place
    first: Ran
    before: tuple[str, ...]


@pytest.fixture(scope="module")
def both(new_compleat: Callable[[], Compleat]) -> Iterator[Both]:
    compleat = replace(new_compleat(), is_warm=True)
    with on_aws.opened() as far:
        _write_environment(compleat, far)
        before = tuple(far.held())
        try:
            first = compleat.run(*UP, "--json")
            yield Both(compleat=compleat, far=far, first=first, before=before)
        finally:
            compleat.run("down", "-n")


def test_up_ends_with_a_jumpbox_on_each_cloud_and_every_login_works(both: Both) -> None:
    report = both.first.ended().json
    assert report["problems"] == {}
    assert [name for name in report if name.startswith(("jumpbox", "ssh"))] == [
        *("jumpbox", "ssh", "jumpbox_far", "ssh_far"),
    ]


def test_each_instance_is_on_its_azs_cloud(both: Both) -> None:
    far = {name for name, cid in _cids(both).items() if cid in both.far.bodies.standing()}
    assert far == {"jumpbox-far/0", "hello/1"}
    assert sorted(_cids(both)) == ["hello/0", "hello/1", "jumpbox-far/0", "jumpbox/0"]


def test_every_vm_is_reached_by_ssh_and_does_its_job(both: Both) -> None:
    for instance in ("hello/0", "hello/1"):
        assert _shell(both, instance, "hostname").startswith(instance.replace("/", "-"))
        assert _greeting(both, instance).startswith(f"Hello, {instance} at 10.")
    assert _shell(both, "jumpbox", "hostname").startswith("jumpbox-0")
    assert _shell(both, "jumpbox-far", "hostname").startswith("jumpbox-far-0")


def test_the_printed_ssh_commands_work(both: Both) -> None:
    for name in ("jumpbox", "jumpbox-far"):
        config = both.compleat.home / "environments" / both.compleat.environment / "ssh_config"
        words = ["ssh", "-F", str(config), name, "hostname"]
        done = subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        assert (done.returncode, done.stdout.startswith(f"{name}-0")) == (0, True)


def test_an_update_reaches_both_clouds_and_makes_no_machine_anew(both: Both, tmp_path: Path) -> None:
    before = _cids(both)
    ops = "- {type: replace, path: /instance_groups/0/jobs/0/properties/greeting, value: Hallo}\n"
    (tmp_path / "ops.yml").write_text(ops)
    both.compleat.run(*DEPLOY, "-o", str(tmp_path / "ops.yml")).ended()
    assert _cids(both) == before
    assert [_greeting(both, f"hello/{index}").split(",")[0] for index in (0, 1)] == ["Hallo", "Hallo"]


def test_a_link_from_one_cloud_to_the_other_is_told_beforehand(both: Both, tmp_path: Path) -> None:
    (tmp_path / "ops.yml").write_text(ACROSS)
    words = ("plan", str(ROOT / "manifests/platform/platform.yml"), "-o", str(tmp_path / "ops.yml"))
    planned = both.compleat.run(*words, "-v", "console_public_ip=10.1.64.9", "-v", "console_public_host=console")
    assert "console/console goes from cloud 'far' to postgres/postgres on 'near'" in planned.ended().err


def test_machines_lost_on_both_clouds_are_made_again_with_their_disks(both: Both) -> None:
    before = _cids(both)
    for instance in LOST:
        _shell(both, instance, "echo kept >/var/vcap/store/marker")
        _lose(both, before[instance])
    both.compleat.run(*DEPLOY).ended()
    after = _cids(both)
    assert {name for name in after if after[name] != before[name]} == set(LOST)
    assert [_shell(both, instance, "cat /var/vcap/store/marker") for instance in LOST] == ["kept\n", "kept\n"]


def test_a_jumpbox_lost_on_one_cloud_is_told_and_made_again_by_up_and_nothing_else_is(both: Both) -> None:
    before = _cids(both)
    both.far.lose(before["jumpbox-far/0"])
    refused = both.compleat.run(*DEPLOY).ended(3)
    assert "jumpbox-missing" in refused.err
    assert "on cloud 'far'" in refused.err
    assert both.compleat.run(*UP, "--json").ended().json["problems"] == {}
    after = _cids(both)
    assert {name for name in after if after[name] != before[name]} == {"jumpbox-far/0"}
    assert _greeting(both, "hello/1").startswith("Hello, hello/1 at 10.1.64.")


def test_down_leaves_nothing_on_either_cloud(both: Both) -> None:
    both.compleat.run("down", "-n").ended()
    assert tuple(both.far.held()) == both.before
    assert both.far.bodies.standing() == {}
    near = local_inventory.take(both.compleat, "near")
    assert (near.vms, near.disks, near.stemcells, near.landing) == ((), (), (), ())


def _write_environment(compleat: Compleat, far: Place) -> None:
    """The environment's file and its cpi-config, which holds the emulator's keys."""
    cpis = [{"name": "near", "type": "local"}, {"name": "far", "type": "aws", "properties": far.properties}]
    environment = {
        "name": compleat.environment,
        "cpi_config": f"{compleat.environment}-cpis.yml",
        "cloud_config": str(CASE / "cloud-config.yml"),
        "landing": {"far": {"networks": {"default": "10.1.0.0/16"}}},
    }
    places.write_document(compleat, f"{compleat.environment}-cpis", {"cpis": cpis})
    places.write_document(compleat, compleat.environment, environment)


def _lose(both: Both, cid: str) -> None:
    """Deleted in its cloud, outside compleat."""
    if cid in both.far.bodies.standing():
        both.far.lose(cid)
    else:
        local_inventory.connect(both.compleat, "near").cloud.delete_vm(VmCid(cid))


def _cids(both: Both) -> dict[str, str]:
    rows = both.compleat.run("instances", "--json").ended().json["instances"]
    return {str(row["instance"]): str(row["vm_cid"]) for row in rows if row["vm_cid"]}


def _greeting(both: Both, instance: str) -> str:
    return _shell(both, instance, "cat /var/vcap/jobs/hello/config/greeting")


def _shell(both: Both, instance: str, command: str) -> str:
    return both.compleat.run("ssh", instance, "-c", command).ended().out
