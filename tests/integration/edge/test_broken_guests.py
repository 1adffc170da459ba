"""VMs with a broken Python: their output in place of a greeting is reported as their error, in time."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncssh
import pytest

from director.edge.agents import guest_bundle
from director.edge.agents.agent_ssh import SshAgent
from director.edge.blobs.blobs_dir import BlobsDir
from director.errors import AgentError
from director.model.agents.agent_address import AgentTarget
from director.model.ids import Digest
from tests.support import agent_targets
from tests.support.ssh_server import SshServer

KEY = asyncssh.generate_private_key("ssh-ed25519")
DIGEST = Digest("sha256:" + "0" * 64)
GREETING = """print('{"id": "", "value": {"version": "1", "python": "3"}}', flush=True)"""

Fake = Callable[[str], tuple[SshAgent, AgentTarget]]


@pytest.fixture
def vm(tmp_path: Path) -> Iterator[Fake]:
    """A VM whose python3 runs the given program instead, whatever it is asked; `WORDS` are its arguments."""
    server = SshServer(folder=tmp_path, accepted=[KEY.export_public_key()], patience_s=0.0)
    bundle = guest_bundle.build_guest(guest_bundle.guest_folder())
    agent = SshAgent(
        lambda _: KEY.export_private_key().decode(),
        bundle=bundle,
        blobs=BlobsDir(tmp_path / "blobs"),
        find_endpoint=agent_targets.no_cloud,
    )

    def fake(program: str) -> tuple[SshAgent, AgentTarget]:
        (tmp_path / "bin").mkdir()
        (tmp_path / "fake.py").write_text(f"import sys, time\nWORDS = sys.argv[1:]\n{program}\n")
        python = tmp_path / "bin" / "python3"
        python.write_text(f'#!/bin/sh\nexec {sys.executable} {tmp_path}/fake.py "$@"\n')
        python.chmod(0o755)
        server.path = f"{tmp_path}/bin:{server.path}"
        server.start()
        target = agent_targets.over_ssh(port=server.port)
        return agent, target

    yield fake
    agent.close()
    server.stop()


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("print('{not json', flush=True); time.sleep(60)", "agent-answer-broken"),
        ("print('{\"a\": 1}', flush=True); time.sleep(60)", "agent-answer-broken"),
        ('print(\'{"value": {"version": 1, "python": []}}\', flush=True); time.sleep(60)', "agent-answer-broken"),
        ("sys.stdout.write('{' * 10**6); sys.stdout.flush(); time.sleep(60)", "agent-answer-broken"),
        ("print('refused \\x1b]0;pwned\\x07\\x1b[2J\\x1b[31mEVIL')", "vm-guest-refused"),
        ("print('Welcome to this machine!')", "vm-guest-refused"),
        ("sys.exit(3)", "vm-guest-refused"),
    ],
    ids=["garbage", "another object", "odd version", "no end", "escapes", "banner", "nothing"],
)
def test_a_greeting_that_is_none_is_the_vms_fault(vm: Fake, program: str, code: str) -> None:
    agent, target = vm(program)
    began = time.monotonic()
    with pytest.raises(AgentError) as caught:
        agent.connect(target)
    error = caught.value
    assert (error.code, "web/0" in error.what, (error.what + error.why).isprintable()) == (code, True, True)
    assert time.monotonic() - began < 20


def test_blobs_that_are_fetched_in_a_way_of_its_own_are_the_vms_fault(vm: Fake) -> None:
    program = "\n".join(
        (
            "if 'fetch-blobs' in WORDS:",
            "    print('[1, 2]', flush=True)",
            "elif 'get-blob' in WORDS:",
            "    print('something else')",
            "else:",
            f"    {GREETING}; time.sleep(60)",
        )
    )
    agent, target = vm(program)
    with pytest.raises(AgentError) as fetched:
        agent.fetch_blobs(target, [])
        agent.get_blob(target, DIGEST)
    assert (fetched.value.code, "web/0" in fetched.value.what) == ("blob-not-sent", True)
