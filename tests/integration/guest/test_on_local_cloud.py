"""The guest on real VMs of the local cloud, reached through its jumpbox as a director does."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from cpi.contract.values import VmCreated
from director.edge.agents import guest_bundle
from director.edge.agents.agent_ssh import SshAgent
from director.edge.agents.ssh_targets import ssh_target
from director.edge.blobs.blobs_dir import BlobsDir
from director.errors import UnreachableError
from director.model.agents.agent_address import AgentTarget
from director.model.agents.agent_requests import ApplyRequest, DiskAssociation
from director.model.agents.agent_state import JobState
from director.model.rendered import RenderedFile
from tests.integration.local.conftest import MakeYard, make_yard
from tests.integration.local.yard import Yard
from tests.support import agent_targets

__all__ = ["make_yard"]  # a fixture, found by its name

_ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.local

MONIT = """check process web
  with pidfile /var/vcap/sys/run/web/web.pid
  start program "/var/vcap/jobs/web/bin/ctl start"
  stop program "/var/vcap/jobs/web/bin/ctl stop"
  group vcap
"""
CONTROL = """#!/bin/sh
case $1 in
start) setsid chpst -u vcap:vcap sh -c 'id -u > /var/vcap/store/web/who; exec sleep 600' > /dev/null 2>&1 &
       echo $! > /var/vcap/sys/run/web/web.pid ;;
stop) kill $(cat /var/vcap/sys/run/web/web.pid) ;;
esac
"""
_WHO = "timeout 20 sh -c 'until [ -s /var/vcap/store/web/who ]; do sleep 0.1; done'; cat /var/vcap/store/web/who"
_RAW = "/var/vcap/instance/disks/raw"
PRE_START = "#!/bin/sh\nset -e\nmkdir -p /var/vcap/store/web\nchown vcap:vcap /var/vcap/store/web\n"


@pytest.fixture
def agent(yard: Yard, tmp_path: Path) -> Iterator[SshAgent]:
    bundle = guest_bundle.build_guest(guest_bundle.guest_folder())
    agent = SshAgent(
        lambda _ref: _key_text(yard),
        bundle=bundle,
        blobs=BlobsDir(tmp_path / "blobs"),
        find_endpoint=agent_targets.no_cloud,
    )
    yield agent
    agent.close()


@pytest.fixture(params=["", "R2"], ids=["best", "R2"])
def yard(request: pytest.FixtureRequest, make_yard: MakeYard) -> Yard:
    return make_yard(mode=request.param)


def _key_text(yard: Yard) -> str:
    form = serialization.PrivateFormat.OpenSSH
    return yard._private.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def _target(yard: Yard, vm: VmCreated, jumpbox: VmCreated) -> AgentTarget:
    door = yard.landing.endpoint_of("203.0.113.1", 22)
    jump = agent_targets.over_ssh(door.host, door.port, host_key=jumpbox.host_key, name="jumpbox")
    return replace(agent_targets.over_ssh(str(vm.networks[0].ip), host_key=vm.host_key), jump=jump)


def _apply(agent: SshAgent, target: AgentTarget) -> None:
    texts = {"monit": MONIT, "bin/ctl": CONTROL, "bin/pre-start": PRE_START}
    files = {path: RenderedFile(content=text.encode(), is_executable=path != "monit") for path, text in texts.items()}
    request = ApplyRequest(facts={}, jobs=("web",), packages=(), configuration_hash="x", files={"web": files})
    agent.apply(target, request, watch=print)


def _await(agent: SshAgent, target: AgentTarget, wanted: JobState) -> None:
    deadline = time.monotonic() + 20
    while (state := agent.get_state(target)).job_state is not wanted:
        assert time.monotonic() < deadline, state
        time.sleep(0.1)


def test_a_vm_runs_a_job_on_its_disk_and_again_after_a_reboot(yard: Yard, agent: SshAgent) -> None:
    yard.land("jumpbox")
    jumpbox, vm = yard.jumpbox(), yard.vm("web-0", "10.0.0.10")
    target = _target(yard, vm, jumpbox)
    assert vm.host_key is not None
    assert agent.connect(target).identity.split()[:2] == vm.host_key.split()[:2]
    disk = yard.disk("store")
    hint = yard.connected.cloud.attach_disk(vm.cid, disk)
    agent.mount_disk(target, disk, hint=hint)
    raw = yard.disk("raw")
    raw_hint = yard.connected.cloud.attach_disk(vm.cid, raw)
    agent.associate_disk(target, DiskAssociation(name="raw", cid=raw, hint=raw_hint, size_mib=1))
    assert (
        _say(agent, target, f"printf kept | dd of={_RAW} conv=notrunc status=none; stat -Lc %s {_RAW}") == b"1048576\n"
    )
    _apply(agent, target)
    agent.run_script(target, "pre-start", {}, watch=print)
    agent.start(target)
    _await(agent, target, JobState.RUNNING)
    assert _say(agent, target, f"{_WHO}; rm /var/vcap/store/web/who") == b"1000\n"

    yard.connected.cloud.reboot_vm(vm.cid)
    agent.forget(target)
    _await_connect(agent, target)
    _await(agent, target, JobState.RUNNING)
    assert agent.get_state(target).disks == (disk,)
    assert _say(agent, target, _WHO) == b"1000\n"
    assert _say(agent, target, f"head -c 4 {_RAW}") == b"kept"
    agent.dissociate_disk(target, raw)
    yard.connected.cloud.detach_disk(vm.cid, raw)

    agent.drain(target, None, watch=print)
    agent.stop(target, timeout_s=60.0)
    agent.unmount_disk(target, disk)
    yard.connected.cloud.detach_disk(vm.cid, disk)
    _await(agent, target, JobState.STOPPED)


def _say(agent: SshAgent, target: AgentTarget, command: str) -> bytes:
    with agent.guests.open_command(ssh_target(target), command) as channel:
        said: bytes = channel.makefile("rb").read()
        return said


def _await_connect(agent: SshAgent, target: AgentTarget) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            agent.connect(target)
            return
        except UnreachableError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user; the other tests are a user's already")
def test_it_does_so_for_an_ordinary_user_too() -> None:
    arguments = [
        f"{Path(__file__).relative_to(_ROOT)}::test_a_vm_runs_a_job_on_its_disk_and_again_after_a_reboot[best]"
    ]
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.local.as_user", "64123", "-q", *arguments],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, "." in done.stdout) == (0, True), done.stdout[-4000:]
