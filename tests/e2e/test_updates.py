"""Updates on the local cloud: only what must change changes, in BOSH's order, and no disk is lost."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e import names
from tests.e2e import story as stories
from tests.e2e.story import Line, Story
from tests.support import home_table, local_inventory, verb_texts
from tests.support.command import ROOT, Compleat

pytestmark = pytest.mark.slow

STOP = ["pre-stop", "drain", "stop", "post-stop"]
START = ["pre-start", "start", "post-start"]
DISK = "/var/vcap/store"
_TAKING = """
- type: replace
  path: /instance_groups/name=web/jobs/name=probe/properties/word
  value: ((c0))+((c1))+((c2))+((c3))+((c4))+((c5))+((c6))+((c8))+{canary}+((canary))
- type: replace
  path: /variables?/-
  value: {{name: canary, type: password}}
"""
"""An ops file: one property takes all values, one is in the manifest itself, one is a generated password."""


@pytest.fixture(scope="module")
def shared(new_compleat: Callable[[], Compleat], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """One environment for all; every test changes the same deployment and leaves it whole."""
    compleat = replace(new_compleat(), is_warm=True)
    release = stories.prepare(compleat, tmp_path_factory.mktemp("updates"))
    try:
        yield Story(compleat=compleat, release=release)
    finally:
        compleat.run("down", "-n").ended()


@pytest.fixture
def story(shared: Story) -> Story:
    """The deployment as its values say, whatever the test before did."""
    shared.deploy()
    return shared


def test_an_unchanged_manifest_makes_an_empty_plan_and_changes_nothing(story: Story) -> None:
    before = (story.instances(), story.reported("web/0"))
    assert story.plan() == []
    assert "nothing to change" in story.deploy().out
    assert (story.instances(), story.reported("web/0")) == before


def test_plan_writes_nothing_and_deploy_does_exactly_what_it_said(story: Story) -> None:
    changes = {"word": "planned", "web": "3", "type": "large", "disk": "large"}
    before = (_rows(story), local_inventory.records(story.compleat), local_inventory.take(story.compleat))
    planned = story.plan(**changes)
    after = (_rows(story), local_inventory.records(story.compleat), local_inventory.take(story.compleat))
    assert after == before
    story.deploy(**changes)
    assert story.done() == planned
    assert planned


def test_a_property_restarts_its_own_group_in_place(story: Story) -> None:
    cids, at = story.cids(), time.time()
    story.deploy(word="two")
    lines = story.reported("web/0", since=at)
    assert story.cids() == cids
    assert story.reported("lone/0", since=at) == []
    assert stories.scripts_of(lines) == [*STOP, *START]
    assert [line.facts["word"] for line in lines] == ["one"] * 4 + ["two"] * 3
    assert lines[0].facts["next"] == "keep,keep,keep"
    assert lines[1].facts["args"] == "job_changed_hash_changed"


def test_more_instances_leave_those_there_are_alone(story: Story) -> None:
    cids, ids, at = story.cids(), story.ids(), time.time()
    story.deploy(web="3")
    after = story.cids()
    assert {name: after[name] for name in cids} == cids
    assert {name: story.ids()[name] for name in ids} == ids
    assert stories.scripts_of(story.reported("web/0", "web/1", "lone/0", since=at)) == []
    assert stories.scripts_of(story.reported("web/2", since=at)) == START


def test_fewer_instances_stop_those_that_go_and_keep_their_disks_as_orphans(story: Story) -> None:
    story.deploy(web="3")
    cids, disks = story.cids(), _disks(story)
    gone = next(vm for vm in local_inventory.take(story.compleat).vms if str(vm.created.cid) == cids["web/2"])
    story.deploy(web="2")
    del cids["web/2"]
    assert story.cids() == cids
    assert _disks(story) == disks
    left = next(disk for disk in local_inventory.take(story.compleat).disks if disk.cid in gone.disk_cids)
    assert left.vm_cid is None


def test_an_edited_package_is_compiled_and_restarts_whoever_uses_it(story: Story) -> None:
    cids, at = story.cids(), time.time()
    build = story.release / "src/ticker/build"
    build.write_text("second\n")
    story.deploy()
    assert story.cids() == cids
    lines = story.reported("lone/0", since=at)
    assert stories.scripts_of(lines) == [*STOP, *START]
    assert lines[1].facts["args"] == "job_changed_hash_unchanged_ticker"
    assert [line.facts["build"] for line in lines if line.script == "start"] == ["second"]
    assert ("compile_package", "package ticker") in story.done()


def test_another_address_recreates_that_vm_alone(story: Story) -> None:
    cids, ids = story.cids(), story.ids()
    story.deploy(address="10.0.1.30")
    assert {name for name, cid in story.cids().items() if cids[name] != cid} == {"lone/0"}
    assert story.ids() == ids
    assert story.instances()["lone/0"]["ips"] == ["10.0.1.30"]
    assert "10.0.1.30" in story.shell("lone/0", "hostname -I || ip -4 addr || cat /proc/net/fib_trie")


def test_another_vm_type_recreates_that_vm_alone(story: Story) -> None:
    cids, ids = story.cids(), story.ids()
    story.deploy(type="large")
    assert {name for name, cid in story.cids().items() if cids[name] != cid} == {"lone/0"}
    assert story.ids() == ids


def test_a_disk_grows_in_place_and_keeps_its_content(story: Story) -> None:
    cids, disks = story.cids(), _disks(story)
    for name in ("web/0", "web/1"):
        story.shell(name, f"echo kept by {name} > {DISK}/kept")
    at = time.time()
    story.deploy(disk="large")
    assert story.cids() == cids
    assert [story.shell(name, f"cat {DISK}/kept") for name in ("web/0", "web/1")] == [
        "kept by web/0\n",
        "kept by web/1\n",
    ]
    assert set(_disks(story)) == set(disks)
    assert _attached_sizes(story) == [4096, 4096]
    drain = story.reported("web/0", since=at)[1]
    assert (drain.facts["args"], drain.facts["state"], drain.facts["next_state"]) == (
        "job_shutdown_hash_unchanged",
        '{"persistent_disk":_1024}',
        "",
    )


def test_a_smaller_disk_takes_over_the_content_and_leaves_the_old_one_as_an_orphan(story: Story) -> None:
    story.deploy(disk="large")
    story.shell("web/0", f"echo moved > {DISK}/moved")
    before = _disks(story)
    story.deploy(disk="small")
    assert story.shell("web/0", f"cat {DISK}/moved") == "moved\n"
    assert _attached_sizes(story) == [1024, 1024]
    assert set(before) < set(_disks(story))


def test_the_canary_goes_first_and_then_so_many_at_a_time_as_allowed(story: Story) -> None:
    story.deploy(web="4")
    at = time.time()
    story.deploy(web="4", word="waves", slow_s="1")
    names = ("web/0", "web/1", "web/2", "web/3")
    canary, *rest = [_span(story.reported(name, since=at)) for name in names]
    lone = story.reported("lone/0", since=at)
    assert all(canary[1] < begun for begun, _ in rest)
    assert _most_at_once(rest) == 2
    assert lone == []


def test_a_failed_canary_stops_the_rest_and_the_next_deploy_heals(story: Story) -> None:
    at = time.time()
    planned = story.compleat.run(*story.words("plan", word="bad", failing="true")).ended()
    verb_texts.check(planned, story.compleat, "plan change", story.release)
    verb_texts.check(
        story.try_deploy(word="bad", failing="true").ended(1), story.compleat, "deploy failed", story.release
    )
    assert stories.scripts_of(story.reported("web/0", since=at)) == [*STOP, "pre-start"]
    assert story.reported("web/1", "lone/0", since=at) == []
    healed = time.time()
    story.deploy(word="good")
    assert stories.scripts_of(story.reported("web/0", since=healed))[-3:] == START
    assert stories.scripts_of(story.reported("web/1", since=healed)) == [*STOP, *START]
    assert _states(story) == {"web/0": "running", "web/1": "running", "lone/0": "running"}


@pytest.mark.parametrize(
    ("asked", "touched"),
    [(["web/1"], {"web/1"}), (["web"], {"web/0", "web/1"}), ([], {"web/0", "web/1", "lone/0"})],
)
def test_stop_and_start_of_one_a_group_and_all(story: Story, asked: list[str], touched: set[str]) -> None:
    cids, at = story.cids(), time.time()
    story.change("stop", *asked)
    assert {name for name, state in _states(story).items() if state == "stopped"} == touched
    assert {name: stories.scripts_of(story.reported(name, since=at)) for name in cids} == {
        name: STOP if name in touched else [] for name in cids
    }
    started = time.time()
    story.change("start", *asked)
    assert set(_states(story).values()) == {"running"}
    assert stories.scripts_of(story.reported("web/1", since=started)) == START
    assert story.cids() == cids


@pytest.mark.parametrize(
    ("asked", "touched"), [(["lone/0"], {"lone/0"}), (["web"], {"web/0", "web/1"}), ([], {"web/0", "web/1", "lone/0"})]
)
def test_restart_of_one_a_group_and_all(story: Story, asked: list[str], touched: set[str]) -> None:
    cids, at = story.cids(), time.time()
    story.change("restart", *asked)
    assert story.cids() == cids
    assert {name: stories.scripts_of(story.reported(name, since=at)) for name in cids} == {
        name: [*STOP, *START] if name in touched else [] for name in cids
    }


@pytest.mark.parametrize(
    ("asked", "touched"), [(["web/1"], {"web/1"}), (["web"], {"web/0", "web/1"}), ([], {"web/0", "web/1", "lone/0"})]
)
def test_recreate_makes_new_vms_around_the_same_disks(story: Story, asked: list[str], touched: set[str]) -> None:
    cids, ids, at = story.cids(), story.ids(), time.time()
    story.shell("web/1", f"date > {DISK}/mine; cp {DISK}/mine /root/mine")
    written = story.shell("web/1", "cat /root/mine")
    story.change("recreate", *asked)
    assert {name for name, cid in story.cids().items() if cids[name] != cid} == touched
    assert story.ids() == ids
    assert story.shell("web/1", f"cat {DISK}/mine; ls /root") == written
    reported = story.reported("web/1", since=at, at=DISK)
    assert stories.scripts_of(reported) == [*STOP, *START]
    assert (reported[0].facts["next"], reported[1].facts["args"]) == ("delete,keep,keep", "job_shutdown_hash_unchanged")


def test_stop_hard_deletes_the_vm_and_start_again_finds_its_disk(story: Story) -> None:
    cids, ids = story.cids(), story.ids()
    story.shell("web/1", f"echo waits > {DISK}/waits")
    story.change("stop", "--hard", "web/1")
    assert _states(story) == {"web/0": "running", "web/1": "detached", "lone/0": "running"}
    assert cids["web/1"] not in {str(vm.created.cid) for vm in local_inventory.take(story.compleat).vms}
    story.change("start", "web/1")
    assert story.shell("web/1", f"cat {DISK}/waits") == "waits\n"
    assert story.ids() == ids
    assert {name for name, cid in story.cids().items() if cids[name] != cid} == {"web/1"}


def test_two_deployments_deploy_at_the_same_time(story: Story) -> None:
    other = replace(story, name="other", values={**story.values, "web": "1", "address": "10.0.1.40"})
    started = story.compleat.started
    with started(*story.words("deploy", word="both", slow_s="2")) as one, started(*other.words("deploy", slow_s="2")):
        assert one.wait(timeout=120) == 0
    other.deploy(slow_s="2")
    spans = {name: _span(each.reported("web/0")[-3:]) for name, each in (("story", story), ("other", other))}
    assert max(begun for begun, _ in spans.values()) < min(ended for _, ended in spans.values())
    other.change("delete-deployment")


def test_ctrl_c_stops_within_2_s_and_the_same_command_goes_on(story: Story) -> None:
    words = story.words("deploy", word="resumed", web="3", slow_s="5")
    with story.compleat.started(*words, "--verbose") as process:
        _wait_for(process, "start")
        begun = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        code = process.wait(timeout=20)
        took_s = time.monotonic() - begun
        said = process.stderr.read() if process.stderr else ""
    assert (code, took_s < 2.0) == (4, True), (code, took_s, said)
    assert "Run the same command again" in said
    story.compleat.run(*words).ended()
    assert story.plan(word="resumed", web="3", slow_s="5") == []
    assert set(_states(story)) == {"web/0", "web/1", "web/2", "lone/0"}
    assert [story.reported(name)[-1].facts["word"] for name in ("web/0", "web/1", "web/2")] == ["resumed"] * 3


def test_no_value_of_a_variable_reaches_a_record_however_it_was_typed(story: Story, tmp_path: Path) -> None:
    """Also while it runs, and after it was interrupted and ended: the manifest takes them all, and a password."""
    canaries = [f"c4n4ry-{number}" for number in range(10)]
    (tmp_path / "vars.yml").write_text(f"c4: {canaries[4]}")
    (tmp_path / "value").write_text(canaries[5])
    (tmp_path / "ops.yml").write_text(_TAKING.format(canary=canaries[9]))
    own = story.compleat.home / "environments" / f"{story.compleat.environment}.yml"
    own.write_text(f"{own.read_text()}variables: {{c8: {canaries[8]}}}\n")
    typed = [f"-vc0={canaries[0]}", f"--var=c1={canaries[1]}", "-v", f"c2={canaries[2]}", f"-nvc3={canaries[3]}"]
    files = ["-l", str(tmp_path / "vars.yml"), "--var-file", f"c5={tmp_path}/value", "--vars-env", "CANARY"]
    words = [*story.words("deploy", slow_s="5"), *typed, *files, "-o", str(tmp_path / "ops.yml")]
    env = {**story.compleat.env(), "CANARY_c6": canaries[6], "COMPLEAT_DEPLOY_VAR": f"c7={canaries[7]}"}
    pipe = subprocess.PIPE
    with subprocess.Popen(
        story.compleat.argv(*words, "--verbose"), env=env, cwd=ROOT, stdout=pipe, stderr=pipe, text=True
    ) as process:
        _wait_for(process, "start")
        locked = story.try_deploy(word="other").ended(5).err
        held = _contents(story.compleat.home, but=own)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    reported = [
        story.compleat.run(*each).ended().out for each in (("tasks",), ("tasks", "--json"), ("events",), ("task",))
    ]
    held += _contents(story.compleat.home, but=own)
    assert (process.returncode, "interrupted" in reported[0], "c0=..." in locked + err) == (4, True, True)
    again = subprocess.run(story.compleat.argv(*words), env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    held += _contents(story.compleat.home, but=own)
    password = story.compleat.run("creds", "-d", story.name, "canary").ended().out.strip()
    noted = story.reported("web/0")[-1].facts["word"]
    assert noted == "+".join([*canaries[:7], *canaries[8:], password])  # a flag wins over its variable
    everything = "".join([locked, out, err, *reported, again.stdout, again.stderr]).encode() + b"".join(held)
    assert [canary for canary in [*canaries, password] if canary.encode() in everything] == []


def test_all_below_the_home_stands_in_its_table_and_is_open_to_its_user_alone(story: Story) -> None:
    assert home_table.unlisted(story.compleat.home) == []
    assert home_table.open_to_others(story.compleat.home) == []


def test_delete_deployment_leaves_its_disks_and_down_removes_them(
    new_compleat: Callable[[], Compleat], tmp_path: Path
) -> None:
    compleat = replace(new_compleat(), is_warm=True)
    story = Story(compleat=compleat, release=stories.prepare(compleat, tmp_path))
    try:
        story.deploy(web="1")
        story.change("delete-deployment")
        again = compleat.run("delete-deployment", "-n", "-d", story.name).ended()
        assert again.out == f"Deployment '{story.name}' is already deleted.\n"
        compleat.run("delete-deployment", "-n", "-d", "storie").ended(3)
        left = local_inventory.take(compleat)
        assert [vm.owner.deployment for vm in left.vms] == ["jumpbox"]
        assert [(disk.owner.deployment, disk.vm_cid) for disk in left.disks] == [("story", None)]
    finally:
        down = compleat.run("down", "-n", "--json").ended().json
    assert down["left"] == []
    assert {"kind": "disk", "name": f"disk {left.disks[0].cid}"} in list(down["asked"])
    after = local_inventory.take(compleat)
    assert (after.vms, after.disks, after.stemcells, after.landing) == ((), (), (), ())


def _contents(home: Path, *, but: Path) -> list[bytes]:
    """Every file of the home but one; what is written aside meanwhile may be gone again."""
    found = []
    for path in home.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            found += [path.read_bytes()] if path.is_file() and path != but else []
    return found


def _rows(story: Story) -> list[str]:
    with sqlite3.connect(f"file:{story.compleat.home}/state.db?mode=ro", uri=True) as database:
        return list(database.iterdump())


def _states(story: Story) -> dict[str, object]:
    return {name: row["state"] for name, row in story.instances().items()}


def _disks(story: Story) -> list[str]:
    return sorted(disk.cid for disk in local_inventory.take(story.compleat).disks_of(story.name))


def _attached_sizes(story: Story) -> list[int]:
    disks = local_inventory.take(story.compleat).disks_of(story.name)
    return [disk.size_mib for disk in disks if disk.vm_cid is not None]


def _span(lines: list[Line]) -> tuple[float, float]:
    return lines[0].at, lines[-1].at


def _most_at_once(spans: list[tuple[float, float]]) -> int:
    return max(sum(begun <= moment <= ended for begun, ended in spans) for moment, _ in spans)


def _wait_for(process: subprocess.Popen[str], word: str) -> None:
    """Until the progress says that an action of this name is done."""
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if f" {word} done" in line:
            return
    raise AssertionError(f"it ended before any '{word}' was done: {said[-2000:]}")


def test_a_group_has_a_name_while_its_instances_are_replaced_and_a_failing_one_leaves_it(story: Story) -> None:
    everybody = names.resolve(story, names.WEB, until=2)[-1][1]
    own = f"{story.ids()['web/1']}{names.WEB.removeprefix('q-s0')}"
    assert (len(everybody), names.resolve(story, own, until=1)[-1][1][0] in everybody) == (2, True)
    seen = names.resolve_meanwhile(story, lambda: story.change("recreate", "web/1"))
    assert all(answer and set(answer) <= set(everybody) for _, answer in seen), seen
    assert names.resolve(story, names.WEB, until=2)[-1][1] == everybody
    with names.failing(story, "web/0"):
        at, answer = names.resolve(story, names.WEB, until=1)[-1]
        assert (len(answer), at < 2.0) == (1, True), (at, answer)
    assert names.resolve(story, names.WEB, until=2, most_s=60.0)[-1][1] == everybody
