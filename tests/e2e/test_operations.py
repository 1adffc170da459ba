"""What an operator does with a deployment that runs: each command as it is typed, its text compared whole."""

import os
import re
import signal
import subprocess
import tarfile
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.contract.values import VmCid
from tests.e2e import story as stories
from tests.e2e.story import Story
from tests.support import local_inventory, typed_terminal, verb_texts
from tests.support.command import ROOT, without_times
from tests.support.environments import local_compleat

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def story(ours: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """One deployment for all tests, each of which leaves it whole. Its home is its own: it is cleaned up."""
    home = tmp_path_factory.mktemp("home")
    home.chmod(0o700)
    compleat = replace(local_compleat(home, f"{ours}-{uuid.uuid4().hex[:4]}"), is_warm=True)
    release = stories.prepare(compleat, tmp_path_factory.mktemp("operations"), jumpbox="none")
    shared = Story(compleat=compleat, release=release)
    shared.deploy()
    try:
        yield shared
    finally:
        compleat.run("down", "-n").ended()


def test_cloud_check_asks_about_each_problem_and_resolves_it(story: Story) -> None:
    _break(story)
    words = ("cloud-check", "-d", "story")
    assert _plain(story.compleat.run(*words, "--report").ended(1).out) == _FOUND
    refused = story.compleat.run(*words, "-n").ended(2)
    assert "not-answered: No resolution was chosen; nothing was changed.\n" in refused.err
    env = {**story.compleat.env(), "TERM": "dumb"}
    with typed_terminal.typed_terminal(story.compleat.argv(*words, "--no-watch"), env, cwd=ROOT) as terminal:
        terminal.answer("Resolution [ignore]: ", "reboot_vm")
        terminal.answer("Resolution [recreate_vm_without_wait]: ", "9")
        terminal.answer("Resolution [recreate_vm_without_wait]: ", "3")
        terminal.answer("Resolution [ignore]: ", "2")
        terminal.answer("Continue? [y/N]: ", "y")
        assert terminal.end(timeout_s=120) == 0
    screen = _plain(without_times(terminal.screen))
    assert _ASKED in screen
    assert max(map(len, screen.splitlines())) <= 80
    assert story.compleat.run("cck", "-d", "story", "-r").ended().out == "Deployment 'story': no problems.\n"
    assert {row["state"] for row in story.instances().values()} == {"running"}
    assert story.plan() == []


def test_cloud_check_that_is_killed_is_continued_by_the_same_command(story: Story) -> None:
    cloud = local_inventory.connect(story.compleat).cloud
    cloud.delete_vm(VmCid(story.cids()["web/1"]))
    words = ("cloud-check", "-d", "story", "-n", "--resolution", "recreate_vm")
    with story.compleat.started(*words) as process:
        assert process.stderr
        for line in process.stderr:
            if line.endswith(" actions)\n"):
                break
        os.kill(process.pid, signal.SIGKILL)
    story.compleat.run(*words).ended()
    assert story.compleat.run("cck", "-d", "story", "--report", "--json").ended().json == {
        "schema": "compleat.problems/1",
        "deployment": "story",
        "problems": [],
        "run": None,
    }
    assert story.plan() == []


def test_a_disk_is_orphaned_and_comes_back_with_its_content(story: Story) -> None:
    run = story.compleat.run
    (old,) = _disks(story, "web/1")
    assert _plain(run("disks", "-d", "story").ended().out) == _DISKS
    assert run("disks", "--orphaned").ended().out == "No orphaned disks.\n"
    story.shell("web/1", "echo precious > /var/vcap/store/kept")
    assert run("orphan-disk", old, "-n").ended(3).err.splitlines()[-3:] == [
        f"disk-in-use: Disk '{old}' is used by web/1.",
        f"  why: web/1 has VM '{story.cids()['web/1']}'; a disk is orphaned once its instance has none.",
        "  fix: Run `compleat stop -d story web/1 --hard` first.",
    ]
    story.change("stop", "web/1", "--hard")
    verb_texts.check(run("orphan-disk", old, "-n").ended(), story.compleat, "orphan-disk")
    assert run("orphan-disk", old, "-n").ended().out == f"Disk '{old}' is orphaned already.\n"
    assert _plain(run("disks", "-o").ended().out) == _ORPHANED
    story.change("start", "web/1")
    assert "kept" not in story.shell("web/1", "ls /var/vcap/store")
    assert "instance-not-stopped" in run("attach-disk", "-d", "story", "web/1", old, "-n").ended(3).err
    story.change("stop", "web/1")
    (empty,) = _disks(story, "web/1")
    verb_texts.check(run("attach-disk", "-d", "story", "web/1", old, "-n").ended(), story.compleat, "attach-disk")
    story.change("start", "web/1")
    assert story.shell("web/1", "cat /var/vcap/store/kept") == "precious\n"
    assert story.plan() == []
    unasked = run("delete-disk", empty).ended(2).err
    assert f"  - disk {empty}: delete disk (orphan of web/1, 1024 MiB)\n" in unasked
    assert "disk-in-use" in run("delete-disk", old, "-n").ended(3).err
    assert run("clean-up", "-n").ended().out == "Nothing to clean up.\n"
    assert "not-confirmed" in run("clean-up", "--all").ended(2).err
    assert _plain(run("clean-up", "--all", "-n").ended().out) == _CLEANED
    verb_texts.check(run("delete-disk", empty, "-n").ended(), story.compleat, "delete-disk")
    assert _plain(run("disks").ended().out) == _DISKS


def test_packages_that_nothing_uses_are_listed_and_deleted(story: Story) -> None:
    """The release is a directory: what it was before is in no revision."""
    run = story.compleat.run
    packaging = story.release / "packages" / "ticker" / "packaging"
    packaging.write_text(f"{packaging.read_text()}\n# another one\n")
    story.deploy()
    listed = run("clean-up", "--dry-run").ended().out
    assert re.sub(r"[\d.]+ (KiB|bytes)", "N", listed) == _TO_CLEAN
    assert run("clean-up", "--dry-run", "--json").ended().json["in_all"]["deleted"] is False
    assert "--keep-orphaned-disks changes what --all deletes" in run("clean-up", "--keep-orphaned-disks").ended(2).err
    assert re.sub(r"[\d.]+ (KiB|bytes)", "N", run("clean-up", "-n").ended().out) == _TO_CLEAN.replace(
        "To delete:", "Deleted"
    )
    assert run("clean-up", "-n").ended().out == "Nothing to clean up.\n"
    assert story.plan() == []


def test_snapshots_are_taken_listed_and_deleted(story: Story) -> None:
    run = story.compleat.run
    assert run("snapshots").ended().out == "No snapshots.\n"
    run("take-snapshot", "-d", "story", "-n").ended()
    verb_texts.check(run("take-snapshot", "-d", "story", "web/1", "-n").ended(), story.compleat, "take-snapshot")
    assert _plain(run("snapshots", "-d", "story").ended().out) == _SNAPSHOTS
    (first, *_) = run("snapshots", "web/1", "-d", "story", "--json").ended().json["snapshots"]
    assert first["disk_cid"] == _disks(story, "web/1")[0]
    verb_texts.check(run("delete-snapshot", first["snapshot_cid"], "-n").ended(), story.compleat, "delete-snapshot")
    assert "snapshot-unknown" in run("delete-snapshot", "snapshot-0", "-n").ended(3).err
    verb_texts.check(run("delete-snapshots", "-d", "story", "-n").ended(), story.compleat, "delete-snapshots")
    assert run("delete-snapshots", "-d", "story", "-n").ended().out == "Deployment 'story' has no snapshots.\n"


def test_what_is_there_is_listed(story: Story) -> None:
    run, name = story.compleat.run, story.compleat.environment
    (row,) = [one for one in run("environments", "--json").ended().json["environments"] if one["name"] == name]
    assert (row["cloud"], row["deployments"], row["vms"], row["disks"]) == ("local", "story", 3, 2)
    assert _plain(run("vms", "-d", "story").ended().out) == _VMS
    assert run("locks").ended().out == "No locks.\n"
    with story.compleat.started("restart", "-d", "story", "lone/0", "-n", "--skip-drain") as process:
        assert process.stderr
        for line in process.stderr:
            if line.endswith(" actions)\n"):
                break
        (lock,) = run("locks", "--json").ended().json["locks"]
        assert (lock["type"], lock["resource"]) == ("deployment", "story")
        assert process.wait() == 0
    assert "drain" not in {action for action, _ in story.done()}


def test_failing_instances_and_events_are_filtered(story: Story) -> None:
    run = story.compleat.run
    assert run("instances", "--failing", "--ps").ended().out == "No failing instances.\n"
    cid = story.cids()["lone/0"]
    verb_texts.check(run("delete-vm", cid, "-n").ended(), story.compleat, "delete-vm")
    assert "vm-unknown" in run("delete-vm", cid, "-n").ended(3).err
    assert run("instances", "--failing", "-d", "story").ended().out == _FAILING
    story.change("recreate", "lone", "--fix", "--canaries", "1", "--max-in-flight", "1")
    task = run("tasks", "--recent", "1", "--json").ended().json["tasks"][0]
    events = run("events", "--task", str(task["task"]), "--action", "create vm", "--json").ended().json["events"]
    assert [event["subject"] for event in events] == ["lone/0"]
    assert run("events", "--instance", "lone/0", "--before", "2020-01-01").ended().out == "No events yet.\n"
    assert "'soon' is not a time" in run("tasks", "--after", "soon").ended(2).err
    cids = story.cids()
    run(*story.words("deploy"), "--recreate").ended()
    assert not set(cids.values()) & set(story.cids().values())


def test_disks_are_recreated_with_their_content(story: Story) -> None:
    run = story.compleat.run
    (old,) = _disks(story, "web/1")
    story.shell("web/1", "echo precious > /var/vcap/store/copied")
    asked = run(*(word for word in story.words("deploy", web="2") if word != "-n"), "--recreate-persistent-disks")
    assert "is copied to the new disk, and becomes an orphan" in " ".join(asked.ended(2).err.split())
    run(*story.words("deploy"), "--recreate-persistent-disks").ended()
    assert story.shell("web/1", "cat /var/vcap/store/copied") == "precious\n"
    (new,) = _disks(story, "web/1")
    assert new != old
    assert old in {row["disk_cid"] for row in run("disks", "-o", "--json").ended().json["disks"]}
    assert story.plan() == []
    run("clean-up", "--all", "-n").ended()


def test_a_command_runs_on_a_group_or_a_deployment_at_once(story: Story) -> None:
    run = story.compleat.run
    assert run("ssh", "-d", "story", "web", "-c", "echo a; echo b >&2").ended().out == _BY_INSTANCE
    assert run("ssh", "-d", "story", "-r", "-c", "test -d /var/vcap/store/x || exit 3").ended(1).out == _RESULTS
    assert "instance-unknown" in run("ssh", "-d", "story", "wab", "-c", "true").ended(3).err
    assert run("ssh", "-d", "story", "web/0", "-c", "echo plain").ended().out == "plain\n"
    assert run("ssh", "-d", "story").ended(2).err.startswith("wrong-usage: Name an INSTANCE")


def _disks(story: Story, instance: str) -> list[str]:
    rows = story.compleat.run("disks", "-d", "story", "--json").ended().json["disks"]
    return [str(row["disk_cid"]) for row in rows if row["instance"] == instance and row["state"] != "orphaned"]


def _break(story: Story) -> None:
    """A VM that is gone, one that is off, and a disk that is not mounted."""
    cloud = local_inventory.connect(story.compleat)
    cids = story.cids()
    story.shell("web/1", "umount -l /var/vcap/store")
    cloud.cloud.delete_vm(VmCid(cids["web/0"]))
    assert cloud.power
    cloud.power.stop_vm(VmCid(cids["lone/0"]))


def _plain(text: str) -> str:
    """The text with every CID and every time the same."""
    timeless = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|\b\d+ s$", "then", text, flags=re.MULTILINE)
    return re.sub(r"\b(vm|disk|snapshot)-[0-9a-f]{16}", r"\1-0123456789abcdef", timeless)


_FOUND = """\
Deployment 'story': 3 problems.
  1  unresponsive_agent   VM for 'lone/0' with cloud ID 'vm-0123456789abcdef' is
                          not responding: it is switched off.
  2  missing_vm           VM for 'web/0' with cloud ID 'vm-0123456789abcdef'
                          missing.
  3  mount_info_mismatch  Disk 'disk-0123456789abcdef' (web/1, 1024M) should be
                          mounted on VM 'vm-0123456789abcdef', but is not
                          mounted there.
"""
_ASKED = """
1. unresponsive_agent  VM for 'lone/0' with cloud ID 'vm-0123456789abcdef' is
                       not responding: it is switched off.
  1 ignore                    Skip for now
  2 reboot_vm                 Reboot VM
  3 recreate_vm_without_wait  Recreate VM without waiting for processes to start
  4 recreate_vm               Recreate VM and wait for processes to start
  5 delete_vm                 Delete VM
  6 delete_vm_reference       Delete VM reference
Resolution [ignore]: reboot_vm

2. missing_vm  VM for 'web/0' with cloud ID 'vm-0123456789abcdef' missing.
  1 ignore                    Skip for now
  2 recreate_vm_without_wait  Recreate VM without waiting for processes to start
  3 recreate_vm               Recreate VM and wait for processes to start
  4 delete_vm_reference       Delete VM reference
Resolution [recreate_vm_without_wait]: 9
  '9' is none of them: type a number or a name.
Resolution [recreate_vm_without_wait]: 3

3. mount_info_mismatch  Disk 'disk-0123456789abcdef' (web/1, 1024M) should be
                        mounted on VM 'vm-0123456789abcdef', but is not mounted
                        there.
  1 ignore                    Skip for now
  2 reattach_disk             Reattach disk; jobs are restarted
  3 reattach_disk_and_reboot  Reboot VM, then reattach disk
Resolution [ignore]: 2
Deployment 'story':
  ~ lone/0  updated    z1  small  10.0.1.20
      unresponsive_agent: reboot_vm
  ± web/0   recreated  z1  small  10.0.0.10  disk 1 GiB
      missing_vm: recreate_vm
  ~ web/1   updated    z1  small  10.0.0.11  disk 1 GiB
      mount_info_mismatch: reattach_disk
  26 actions; 0 instances unchanged.
  at most 2 at a time: web/z1
"""
_DISKS = """\
Disk CID               Size   Deployment  Instance  State     Age
disk-0123456789abcdef  1 GiB  story       web/0     attached  -
disk-0123456789abcdef  1 GiB  story       web/1     attached  -

2 disks
"""
_ORPHANED = """\
Disk CID               Size   Deployment  Instance  State     Age
disk-0123456789abcdef  1 GiB  story       web/1     orphaned  then

1 disk
"""
_SNAPSHOTS = """\
Instance  Snapshot CID               Created              Deployment
web/0     snapshot-0123456789abcdef  then  story
web/1     snapshot-0123456789abcdef  then  story
web/1     snapshot-0123456789abcdef  then  story

3 snapshots
"""
_TO_CLEAN = """\
Kind              Name             Count  Size
compiled package  on this machine  1      N

1 deletion
To delete: 1 compiled package: N (N).
"""
_CLEANED = """\
Kind  Name                   Count  Size     Orphan of       Age
disk  disk-0123456789abcdef  1      1.0 GiB  web/1 of story  then

1 deletion
Deleted 1 disk: 1.0 GiB (1073741824 bytes).
"""
_VMS = """\
Deployment  Instance  State    AZ  IPs        VM CID
story       lone/0    running  z1  10.0.1.20  vm-0123456789abcdef
story       web/0     running  z1  10.0.0.10  vm-0123456789abcdef
story       web/1     running  z1  10.0.0.11  vm-0123456789abcdef

3 VMs
"""
_FAILING = """\
Deployment  Instance  State  AZ  IPs        VM CID
story       lone/0    no vm  z1  10.0.1.20  -

1 instance
"""
_BY_INSTANCE = """\
web/0 | a
web/0 | b
web/1 | a
web/1 | b
"""
_RESULTS = """\
Instance  Exit code  Output  Error
lone/0    3          -       -
web/0     3          -       -
web/1     3          -       -

3 results
"""


def test_logs_and_files_of_a_group_or_a_deployment_at_once(story: Story, tmp_path: Path) -> None:
    run = story.compleat.run
    paths = run("logs", "-d", "story", "--dir", str(tmp_path)).ended().out.split()
    names = ["lone-0-job-logs.tgz", "web-0-job-logs.tgz", "web-1-job-logs.tgz"]
    assert [Path(path).name for path in paths] == names
    run("logs", "-d", "story", "web/0", "--job", "probe", "--only", "*.nothing", "--dir", str(tmp_path)).ended()
    with tarfile.open(tmp_path / "web-0-job-logs.tgz") as archive:
        assert {name.removeprefix("./").partition("/")[0] for name in archive.getnames()} == {"probe"}
    assert len(run("logs", "-d", "story", "lone", "--all-logs", "--dir", str(tmp_path)).ended().out.split()) == 3
    assert "--job is about the logs of jobs" in run("logs", "-d", "story", "--agent", "--job", "x").ended(2).err
    missing = run("logs", "-d", "story", "--job", "prob").ended(3).err
    assert "job-without-logs: No instance of these has a job 'prob'." in missing and "Did you mean 'probe'?" in missing
    assert "-f follows one kind of logs" in run("logs", "-d", "story", "-f", "--all-logs").ended(2).err
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    (tmp_path / "folder" / "deep" / "file").write_text("sent")
    run("scp", "-d", "story", "-r", str(tmp_path / "folder"), "web:/tmp/folder").ended()
    assert (
        run("ssh", "-d", "story", "web", "-c", "cat /tmp/folder/deep/file").ended().out
        == "web/0 | sent\nweb/1 | sent\n"
    )
    assert "copies-in-one-place" in run("scp", "-d", "story", "web:/tmp/folder", str(tmp_path)).ended(3).err
    run("scp", "-d", "story", "-r", "web:/tmp/folder", str(tmp_path / "of-((instance_id))")).ended()
    assert {path.name for path in tmp_path.glob("of-*")} == {
        f"of-{id_}" for name, id_ in story.ids().items() if "web" in name
    }
    assert [path.read_text() for path in tmp_path.glob("of-*/deep/file")] == ["sent", "sent"]
    assert "copy-of-folder" in run("scp", "-d", "story", "web/0:/tmp/folder", str(tmp_path)).ended(3).err


def test_logs_of_a_group_are_followed_until_ctrl_c_and_a_vm_that_dies_is_named(story: Story) -> None:
    with story.compleat.started("logs", "-d", "story", "web", "-f", "--num", "1") as following:
        _read_from(following, "web/0", "web/1")
        following.send_signal(signal.SIGINT)
        assert (following.wait(timeout=10), following.stderr and following.stderr.read()) == (0, "")
    with story.compleat.started("logs", "-d", "story", "-f", "--num", "1") as following:
        _read_from(following, "lone/0", "web/0", "web/1")
        cloud = local_inventory.connect(story.compleat)
        assert cloud.power and following.stderr
        cloud.power.stop_vm(VmCid(story.cids()["lone/0"]))
        assert following.stderr.readline().startswith("lone/0: The connection to lone/0 broke")
        story.shell("web/1", "echo written-after >> /var/vcap/sys/log/probe/followed.log")
        _read_from(following, "written-after")
        following.send_signal(signal.SIGINT)
        assert following.wait(timeout=10) == 1
    story.change("recreate", "lone", "--fix")


def _read_from(following: subprocess.Popen[str], *wanted: str) -> None:
    """Read until each of these words was in a line."""
    left = set(wanted)
    while left:
        assert following.stdout
        line = following.stdout.readline()
        assert line, f"it ended before {left}"
        left -= {word for word in left if word in line}
