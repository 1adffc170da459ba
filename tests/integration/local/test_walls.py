"""Root of a VM against the machine: what it must not see, read, change or leave behind."""

import os
from pathlib import Path

import pytest

from cpi.clouds.local.inside.records import records
from tests.integration.local.yard import Yard, run

pytestmark = pytest.mark.local


def _mode(yard: Yard) -> str:
    cloud = records.load_cloud(yard.state)
    assert cloud is not None
    return cloud["mode"]


def test_the_machines_own_files_are_not_there(shared_yard: Yard) -> None:
    canary = shared_yard.place / "canary"
    canary.write_text("secret")
    checkout = Path(__file__).resolve().parents[3]
    hidden = [str(canary), shared_yard.state, str(checkout), "/etc/machine-id", *map(str, Path("/home").iterdir())]

    client = shared_yard.login()

    assert [path for path in hidden if run(client, f"ls -d {path}").code == 0] == []
    assert run(client, "grep -v ':[*]:' /etc/shadow").out == ""


def test_the_tools_packages_are_not_there(shared_yard: Yard) -> None:
    assert run(shared_yard.login(), "find / -xdev -name asyncssh -o -xdev -name keeper.py | head").out == ""


def test_the_machines_processes_are_not_there(shared_yard: Yard) -> None:
    reported = run(shared_yard.login(), "ls /proc | grep -c '^[0-9]'; cat /proc/1/comm")

    count, name = reported.out.split()
    assert int(count) < 12
    assert name == "vm-init"


def test_the_first_processes_cannot_be_looked_into(shared_yard: Yard) -> None:
    if _mode(shared_yard) == "R3":
        pytest.skip("in mode R3 root of a VM is the machine's root")
    reported = run(
        shared_yard.login(), "for p in 1 2; do cat /proc/$p/environ; ls -l /proc/$p/fd/; readlink /proc/$p/root; done"
    )

    assert reported.out.replace("total 0", "").strip() == ""


def test_devices_cannot_be_made_nor_mounted(shared_yard: Yard) -> None:
    client = shared_yard.login()
    (device,) = {line.split()[0] for line in Path("/proc/self/mounts").read_text().splitlines() if " / " in line}

    run(client, "mknod /tmp/disk b 254 0")
    assert run(client, "mkdir -p /mnt/x; mount -t ext4 /tmp/disk /mnt/x").code != 0
    assert run(client, f"mount {device} /mnt/x").code != 0
    assert run(client, "head -c 1 /dev/mem || head -c 1 /dev/kmsg").code != 0


def test_the_machines_settings_cannot_be_written(shared_yard: Yard) -> None:
    client = shared_yard.login()
    before = Path("/proc/sys/kernel/core_pattern").read_text()

    assert run(client, "echo x > /proc/sys/kernel/core_pattern").code != 0
    assert run(client, "echo b > /proc/sysrq-trigger").code != 0
    assert run(client, "echo 1 > /sys/kernel/mm/ksm/run").code != 0
    assert Path("/proc/sys/kernel/core_pattern").read_text() == before


def test_a_setuid_file_of_a_vm_is_not_the_machines_roots(shared_yard: Yard) -> None:
    if _mode(shared_yard) == "R3":
        pytest.skip("in mode R3 root of a VM is the machine's root")
    run(shared_yard.login(), "cp /bin/sh /root/sh && chmod 4755 /root/sh && mkdir -p /tmp/d")
    (made,) = Path(shared_yard.state, "vms").glob("*/upper/root/sh")

    assert made.stat().st_mode & 0o4000
    assert made.stat().st_uid != 0


def test_the_machine_does_not_change(shared_yard: Yard) -> None:
    shared_yard.login()

    assert not any("br-" in link or link.startswith("v") for link in os.listdir("/sys/class/net"))
    assert str(shared_yard.place) not in Path("/proc/self/mounts").read_text()


def test_a_private_vm_cannot_be_reached_from_the_machine(shared_yard: Yard) -> None:
    routes = Path("/proc/net/route").read_text()
    shared_yard.vm("private", "10.0.0.9")

    assert Path("/proc/net/route").read_text() == routes


def test_only_loopback_is_listened_on(shared_yard: Yard) -> None:
    shared_yard.login()
    inodes = {os.readlink(f"/proc/{shared_yard.edge()}/fd/{fd}") for fd in os.listdir(f"/proc/{shared_yard.edge()}/fd")}
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = {line[1] for line in lines if line[3] == "0A" and f"socket:[{line[9]}]" in inodes}

    assert listening
    assert all(address.split(":")[0].endswith("7F") for address in listening)
