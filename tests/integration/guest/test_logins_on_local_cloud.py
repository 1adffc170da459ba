"""A person's login made and taken away on a VM of the local cloud, whose /etc is its own."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from director.edge.agents import guest_bundle
from director.edge.agents.agent_ssh import SshAgent
from director.edge.agents.ssh_targets import ssh_target
from director.edge.blobs.blobs_dir import BlobsDir
from director.errors import UnreachableError
from director.model.agents.agent_address import AgentTarget
from tests.integration.guest.test_on_local_cloud import _key_text, _say, _target
from tests.integration.local.conftest import MakeYard, make_yard
from tests.support import agent_targets

__all__ = ["make_yard"]  # a fixture, found by its name

pytestmark = pytest.mark.local

_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl someone"
_LOOK = (
    "getent passwd bosh_someone | cut -d: -f1,6,7; "
    "stat -c '%U %a' /var/vcap/bosh_ssh/bosh_someone/.ssh /var/vcap/bosh_ssh/bosh_someone/.ssh/authorized_keys; "
    "cat /var/vcap/bosh_ssh/bosh_someone/.ssh/authorized_keys; "
    "getent shadow bosh_someone | cut -d: -f2; id -nG bosh_someone"
)
_GUEST = "pgrep -f 'pyz serve'"
_LEFT = (
    "getent passwd bosh_someone; ls -d /var/vcap/bosh_ssh/bosh_someone /etc/sudoers.d/bosh_someone 2>/dev/null; echo"
)


@pytest.fixture(params=["", "R2"], ids=["best", "R2"])
def machine(
    request: pytest.FixtureRequest, make_yard: MakeYard, tmp_path: Path
) -> Iterator[tuple[SshAgent, AgentTarget]]:
    yard = make_yard(mode=request.param)
    bundle = guest_bundle.build_guest(guest_bundle.guest_folder())
    agent = SshAgent(
        lambda _ref: _key_text(yard),
        bundle=bundle,
        blobs=BlobsDir(tmp_path / "blobs"),
        find_endpoint=agent_targets.no_cloud,
    )
    yard.land("jumpbox")
    jumpbox, vm = yard.jumpbox(), yard.vm("web-0", "10.0.0.10")
    target = _target(yard, vm, jumpbox)
    agent.connect(target)
    yield agent, target
    agent.close()


def test_the_person_logs_in_with_the_key_and_no_longer_after_the_cleanup(
    machine: tuple[SshAgent, AgentTarget],
) -> None:
    agent, target = machine
    known = _say(agent, target, "cat /root/.ssh/authorized_keys").decode().splitlines()[0]
    guest = _say(agent, target, _GUEST)
    agent.guests.call(
        ssh_target(target), "ssh", {"action": "setup", "user": "bosh_someone", "public_key": known}, watch=print
    )
    person = replace(target, name="someone", login=replace(target.login, user="bosh_someone"))
    assert _say(agent, person, "id -un; pwd").decode().split() == [
        "bosh_someone",
        "/var/vcap/bosh_ssh/bosh_someone",
    ]
    agent.forget(person)
    assert _say(agent, target, _GUEST) == guest
    _change_access(agent, target, action="cleanup")
    with pytest.raises(UnreachableError):
        _say(agent, person, "id -un")


def test_a_login_is_made_and_taken_away(machine: tuple[SshAgent, AgentTarget]) -> None:
    agent, target = machine
    before = Path("/etc/passwd").read_bytes()
    for _ in range(2):
        agent.guests.call(
            ssh_target(target), "ssh", {"action": "setup", "user": "bosh_someone", "public_key": _KEY}, watch=print
        )
    assert _say(agent, target, _LOOK).decode().splitlines() == [
        "bosh_someone:/var/vcap/bosh_ssh/bosh_someone:/bin/bash",
        "bosh_someone 700",
        "bosh_someone 600",
        _KEY,
        "*",
        "bosh_someone vcap",
    ]
    assert _say(agent, target, "test ! -d /etc/sudoers.d || cat /etc/sudoers.d/bosh_someone").decode() in (
        "",
        "bosh_someone ALL=(ALL) NOPASSWD:ALL\n",
    )
    for _ in range(2):
        _change_access(agent, target, action="cleanup")
    assert _say(agent, target, _LEFT).decode() == "\n"
    assert Path("/etc/passwd").read_bytes() == before


def _change_access(agent: SshAgent, target: AgentTarget, **asked: str) -> None:
    """The guest's verb `ssh`, which has no method in the port: no use case changes logins yet."""
    agent.guests.call(ssh_target(target), "ssh", {"user": "bosh_someone", **asked}, watch=print)
