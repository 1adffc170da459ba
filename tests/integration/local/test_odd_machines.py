"""Machines with a flaw: it is reported before anything is created, and nothing is lost."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.clouds.local.inside.records import records
from cpi.clouds.local.inside.system.modes import Mode
from cpi.contract.values import DiskRequest, OwnerKey, PreflightRequest, SshAccess, StemcellCid, VmRequest
from tests.integration.local.yard import Yard, kill, run, wait_until_gone

pytestmark = pytest.mark.local
_ROOT = Path(__file__).resolve().parents[3]
_needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a disk with a flaw")


def _on_odd_disk(place: Path, flags: str, scenario: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.local.odd_disks", str(place), flags, scenario],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    reported: list[str] = json.loads(done.stdout)
    return reported


@_needs_root
def test_a_disk_without_exec_is_refused_before_anything_is_made(yard: Yard) -> None:
    assert _on_odd_disk(yard.place, "noexec", "noexec") == ["state-is-noexec", "state-is-noexec"]


@_needs_root
def test_a_full_disk_is_told_and_once_there_is_room_it_goes_on(yard: Yard) -> None:
    assert _on_odd_disk(yard.place, "size=2m", "full") == ["disk-full", "0 VMs", "1 VMs"]


def test_without_overlays_each_vm_has_a_copy(yard: Yard) -> None:
    yard.land("jumpbox")
    boot = records.load(f"{yard.state}/boot.json", records.BootRecord)
    assert boot is not None
    records.save(f"{yard.state}/boot.json", {**boot, "has_overlay": False})
    os.chown(f"{yard.state}/boot.json", os.stat(yard.state).st_uid, -1)
    keeper = yard.keeper()
    kill(keeper)
    wait_until_gone(keeper)

    jumpbox = yard.jumpbox()
    reported = run(yard.login(), "hostname; echo x > /etc/own; echo x > /usr/local/own; python3 -c 'print(1)'").out
    yard.connected.cloud.reboot_vm(jumpbox.cid)

    assert reported == "jumpbox\n1\n"
    assert run(yard.login(), "cat /etc/own; grep -c overlay /proc/mounts").out == "x\n0\n"


def test_the_probe_finds_a_mode_here_and_leaves_nothing(tmp_path: Path) -> None:
    """In a process of its own, with a separate directory of temporary files."""
    asked = [
        sys.executable,
        "-c",
        "from cpi.clouds.local.host import host_probe; print(host_probe.run_probe().best().value)",
    ]
    tmp_path.chmod(0o711)
    found = subprocess.run(asked, env={**os.environ, "TMPDIR": str(tmp_path)}, capture_output=True, text=True)

    assert Mode(found.stdout.strip()) in ((Mode.R1, Mode.R2, Mode.R3) if os.geteuid() == 0 else (Mode.U1, Mode.U2))
    assert os.listdir(tmp_path) == []


def test_preflight_tells_of_wrong_properties_and_disks_too_large(yard: Yard) -> None:
    assert yard.connected.preflight is not None
    wrong = VmRequest(
        name="web-0",
        owner=OwnerKey(environment="e", deployment="d", action="a"),
        agent_id="a",
        stemcell_cid=StemcellCid(""),
        networks=(),
        ssh=SshAccess(user="root", public_key=""),
        cloud_properties={"cpus": 1},
    )
    disk = DiskRequest(owner=wrong.owner, size_mib=1 << 40)
    request = PreflightRequest(vms=(wrong, replace(wrong, cloud_properties={"cpu": 1})), disks=(disk,))

    findings = {finding.code: finding.is_fatal for finding in yard.connected.preflight.preflight(request)}

    assert findings["unknown-cloud-property"] is True
    assert findings["disks-larger-than-space"] is False
    assert not yard.state_root.exists()
