"""What every Agent promises, run on the SSH one against a real SSH server and the real guest."""

import hashlib
import io
import os
import re
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from cpi.contract.errors import Retry
from cpi.contract.values import SignedUrl
from director.edge.agents import guest_bundle
from director.edge.agents.agent_ssh import SshAgent
from director.edge.agents.ssh_targets import ssh_target
from director.edge.blobs.blobs_dir import BlobsDir
from director.edge.login_checks.login_checks import UserLoginChecks
from director.errors import ActionFailedError, AgentError, InputError, UnreachableError
from director.model.agents.agent_address import AgentTarget
from director.model.agents.agent_answers import AgentIdentity, ErrandEnd, ErrandOutput, StoredBlob
from director.model.agents.agent_requests import ApplyRequest
from director.model.ids import Digest
from director.model.rendered import RenderedFile
from director.model.secret_ref import SecretRef
from director.ports.agent import Agent
from tests.support import agent_targets
from tests.support.blob_server import Store, open_store
from tests.support.ssh_server import SshServer

KEY = asyncssh.generate_private_key("ssh-ed25519")
STRANGER = asyncssh.generate_private_key("ssh-ed25519")
BUNDLE = guest_bundle.build_guest(guest_bundle.guest_folder())
KEYS = {
    "ssh": KEY.export_private_key().decode(),
    "stranger": STRANGER.export_private_key().decode(),
    "rubbish": "-----BEGIN nothing",
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SshServer]:
    running = SshServer(folder=tmp_path, accepted=[KEY.export_public_key()]).start()
    yield running
    running.stop()


@pytest.fixture
def blobs(tmp_path: Path) -> BlobsDir:
    return BlobsDir(tmp_path / "blobs")


@pytest.fixture
def agent(blobs: BlobsDir) -> Iterator[SshAgent]:
    agent = SshAgent(lambda ref: KEYS[ref.name], bundle=BUNDLE, blobs=blobs, find_endpoint=agent_targets.no_cloud)
    yield agent
    agent.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


def _target(server: SshServer, *, port: int = 0, host_key: str | None = None, key: str = "ssh") -> AgentTarget:
    target = agent_targets.over_ssh(port=port or server.port, host_key=host_key)
    return replace(target, login=replace(target.login, key=SecretRef(name=key)))


def _host_key(server: SshServer) -> str:
    return " ".join(server.host_key.export_public_key().decode().split()[:2])


def _ignore(_line: str) -> None:
    return


def _install_errand(agent: Agent, target: AgentTarget, script: str) -> None:
    files = {"it": {"bin/run": RenderedFile(content=script.encode(), is_executable=True)}}
    request = ApplyRequest(facts={}, jobs=("it",), packages=(), configuration_hash="x", files=files)
    agent.apply(target, request, watch=_ignore)


def _expected(server: SshServer) -> AgentIdentity:
    return AgentIdentity(
        guest_version=BUNDLE.version,
        python="{}.{}.{}".format(*sys.version_info[:3]),
        identity=_host_key(server),
    )


def test_connecting_installs_the_guest_once(agent: SshAgent, server: SshServer, tmp_path: Path) -> None:
    target = _target(server)
    first = agent.connect(target)
    installed = tmp_path / "vcap" / "bosh" / BUNDLE.file_name
    written = installed.stat().st_mtime_ns
    agent.forget(target)
    again = agent.connect(target)
    assert (first, again) == (_expected(server), _expected(server))
    assert installed.stat().st_mtime_ns == written


@pytest.mark.parametrize("content", [b"", b"damaged"])
def test_a_damaged_guest_heals_with_the_next_connection(
    agent: SshAgent, server: SshServer, tmp_path: Path, content: bytes
) -> None:
    target = _target(server)
    agent.connect(target)
    installed = tmp_path / "vcap" / "bosh" / BUNDLE.file_name
    installed.write_bytes(content)
    agent.forget(target)
    assert agent.connect(target) == _expected(server)
    assert installed.read_bytes() == BUNDLE.content


def test_connecting_again_uses_the_channel_that_is_open(agent: SshAgent, server: SshServer) -> None:
    agent.connect(_target(server))
    agent.connect(_target(server))
    agent.get_state(_target(server))
    assert len(server.commands) == 1


def test_a_vm_behind_a_jumpbox_is_reached_over_one_connection_to_it(agent: SshAgent, server: SshServer) -> None:
    jump = replace(_target(server), name="jumpbox")
    behind = replace(_target(server), jump=jump)
    assert agent.connect(behind) == _expected(server)
    agent.get_state(behind)
    assert (len(server.connections), server.forwarded) == (2, 1)


def test_what_runs_tells_its_last_line(agent: SshAgent, server: SshServer) -> None:
    target = _target(server)
    _install_errand(agent, target, "#!/bin/sh\necho one; sleep 0.6; echo two; sleep 0.6; exit 3\n")
    reported: list[str] = []
    ended = agent.run_errand(target, "it", watch=reported.append)
    said = ErrandEnd(exit_code=3, stdout=ErrandOutput(end="one\ntwo"), stderr=ErrandOutput(end=""))
    assert (ended, reported) == (said, ["one", "two"])


def test_a_verb_that_fails_gives_its_own_code_and_output(agent: SshAgent, server: SshServer) -> None:
    with pytest.raises(ActionFailedError) as caught:
        agent.run_errand(_target(server), "nothing", watch=_ignore)
    assert (caught.value.code, caught.value.retry) == ("errand-without-script", Retry.NEVER)
    assert caught.value.what == "web/0: The job 'nothing' has no bin/run on this VM."


def test_many_calls_run_at_the_same_time(agent: SshAgent, server: SshServer) -> None:
    target = _target(server)
    _install_errand(agent, target, "#!/bin/sh\nsleep 1\n")
    threads = [
        threading.Thread(target=agent.run_errand, args=(target, "it"), kwargs={"watch": _ignore}) for _ in range(5)
    ]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    assert agent.get_state(target).disks == ()
    assert time.monotonic() - began < 1
    for thread in threads:
        thread.join()
    assert time.monotonic() - began < 4


def test_a_blob_goes_there_once_and_comes_back(
    agent: SshAgent, server: SshServer, blobs: BlobsDir, tmp_path: Path
) -> None:
    content = os.urandom(3 << 20)
    digest = blobs.put_blob(io.BytesIO(content))
    agent.put_blob(_target(server), digest)
    there = tmp_path / "vcap" / "data" / "blobs" / digest.removeprefix("sha256:")
    written = there.stat()
    agent.put_blob(_target(server), digest)
    other = SshAgent(
        lambda ref: KEYS[ref.name],
        bundle=BUNDLE,
        blobs=BlobsDir(tmp_path / "others"),
        find_endpoint=agent_targets.no_cloud,
    )
    other.get_blob(_target(server), digest)
    other.close()
    assert (there.read_bytes() == content, oct(written.st_mode), there.stat().st_mtime_ns) == (
        True,
        "0o100600",
        written.st_mtime_ns,
    )
    with BlobsDir(tmp_path / "others").open_blob(digest) as stream:
        assert stream.read() == content


def test_a_blob_that_the_vm_does_not_have_is_an_error_that_names_it(agent: SshAgent, server: SshServer) -> None:
    digest = Digest("sha256:" + hashlib.sha256(b"never").hexdigest())
    with pytest.raises(AgentError) as caught:
        agent.get_blob(_target(server), digest)
    assert (caught.value.code, digest in caught.value.what, "blob-missing" in caught.value.why) == (
        "blob-not-sent",
        True,
        True,
    )


def test_a_vm_fetches_blobs_by_their_urls(agent: SshAgent, server: SshServer, store: Store, tmp_path: Path) -> None:
    content = os.urandom(3 << 20)
    wanted = store.keep(content)
    assert agent.fetch_blobs(_target(server), [wanted, store.keep(b"small")]) == {}
    there = tmp_path / "vcap" / "data" / "blobs" / wanted.digest.removeprefix("sha256:")
    assert (there.read_bytes() == content, oct(there.stat().st_mode)) == (True, "0o100600")
    assert agent.fetch_blobs(_target(server), [wanted]) == {}
    assert len(store.asked) == 2, "what is there is not fetched again"


def test_what_a_vm_cannot_fetch_is_told_for_each_without_its_url(
    agent: SshAgent, server: SshServer, store: Store, tmp_path: Path
) -> None:
    gone, damaged, cut = store.keep(b"gone"), store.keep(b"damaged"), store.keep(b"more than announced")
    store.blobs[damaged.digest] = b"DAMAGED"
    del store.blobs[gone.digest]
    nowhere = replace(store.keep(b"nowhere"), url=SignedUrl(url="http://127.0.0.1:1/secret"))
    broken = replace(store.keep(b"broken"), url=SignedUrl(url="nothing://secret"))
    spaced = replace(store.keep(b"spaced"), url=SignedUrl(url="http://127.0.0.1:2/secret is\tspaced"))
    asked = [gone, damaged, replace(cut, size=4), nowhere, broken, spaced, store.keep(b"good")]
    whys = agent.fetch_blobs(_target(server), asked)
    named = {"gone": gone, "damaged": damaged, "cut": cut, "nowhere": nowhere, "broken": broken, "spaced": spaced}
    assert {name: re.sub("[0-9a-f]{64}", "X", whys[blob.digest]) for name, blob in named.items()} == {
        "gone": "HTTP 404 Not Found",
        "damaged": "A blob arrived damaged. its SHA-256 is X, expected X",
        "cut": "A blob arrived damaged. its SHA-256 is X, expected X",
        "nowhere": "[Errno 111] Connection refused",
        "broken": "unknown url type: nothing",
        "spaced": "InvalidURL",
    }
    assert len(whys) == len(named)
    left = tmp_path / "vcap" / "data" / "blobs"
    assert [each.name for each in left.iterdir()] == [hashlib.sha256(b"good").hexdigest()]
    assert not any("secret" in command for command in server.commands)


def test_a_server_that_is_silent_is_asked_once(agent: SshAgent, server: SshServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = SignedUrl(url=f"http://127.0.0.1:{silent.getsockname()[1]}/secret")
        asked = [StoredBlob(digest=Digest(f"sha256:{letter * 64}"), size=1, url=url) for letter in "abc"]
        began = time.monotonic()
        whys = agent.fetch_blobs(_target(server), asked)
        assert time.monotonic() - began < 20
    assert whys == {blob.digest: "timed out" for blob in asked}


def test_a_store_with_a_certificate_of_its_own_is_trusted_by_that_alone(
    agent: SshAgent, server: SshServer, tmp_path: Path
) -> None:
    with open_store(tmp_path, is_tls=True) as store:
        trusted = store.keep(b"trusted")
        untrusted = replace(store.keep(b"untrusted"), url=SignedUrl(url=store.keep(b"untrusted").url.url))
        whys = agent.fetch_blobs(_target(server), [trusted, untrusted])
    assert set(whys) == {untrusted.digest}
    assert "CERTIFICATE_VERIFY_FAILED" in whys[untrusted.digest]


def test_a_closed_port_is_told(agent: SshAgent, server: SshServer) -> None:
    with pytest.raises(UnreachableError) as caught:
        agent.connect(_target(server, port=1))
    assert caught.value.code == "vm-port-closed"


def test_a_closed_port_behind_the_jumpbox_names_the_jumpbox(agent: SshAgent, server: SshServer) -> None:
    with pytest.raises(UnreachableError) as caught:
        agent.connect(replace(_target(server, port=1), jump=replace(_target(server), name="jumpbox")))
    assert (caught.value.code, caught.value.what) == (
        "vm-port-closed",
        "web/0 does not answer SSH at 127.0.0.1:1 through jumpbox.",
    )


def test_a_refused_key_is_told(agent: SshAgent, server: SshServer) -> None:
    with pytest.raises(UnreachableError) as caught:
        agent.connect(_target(server, key="stranger"))
    assert caught.value.code == "vm-key-refused"


def test_a_key_is_tried_over_a_connection_of_its_own(agent: SshAgent, server: SshServer) -> None:
    checks = UserLoginChecks(agent.guests)
    agent.connect(_target(server))
    tried = [checks.is_key_accepted(_target(server, key=key)) for key in ("ssh", "stranger", "ssh")]
    behind = replace(_target(server, key="stranger"), jump=replace(_target(server), name="jumpbox"))
    assert (tried, checks.is_key_accepted(behind)) == ([True, False, True], False)
    with pytest.raises(UnreachableError) as caught:
        checks.is_key_accepted(_target(server, port=1))
    assert caught.value.code == "vm-port-closed"
    agent.connect(_target(server))


def test_an_unreadable_key_is_told_without_its_text(agent: SshAgent, server: SshServer) -> None:
    with pytest.raises(InputError) as caught:
        agent.connect(_target(server, key="rubbish"))
    assert (caught.value.code, "nothing" in f"{caught.value.what} {caught.value.why}") == ("ssh-key-unreadable", False)


def test_a_host_key_other_than_the_pinned_one_is_refused(agent: SshAgent, server: SshServer) -> None:
    pinned = " ".join(STRANGER.export_public_key().decode().split()[:2])
    with pytest.raises(UnreachableError) as caught:
        agent.connect(_target(server, host_key=pinned))
    assert (caught.value.code, server.commands) == ("vm-host-key-changed", [])


def test_a_host_key_seen_once_is_pinned_until_the_vm_is_forgotten(agent: SshAgent, server: SshServer) -> None:
    agent.connect(_target(server))
    server.replace_host_key()
    with pytest.raises(UnreachableError) as caught:
        agent.connect(_target(server))
    agent.forget(_target(server))
    assert (caught.value.code, agent.connect(_target(server))) == ("vm-host-key-changed", _expected(server))


def test_a_vm_without_python_is_too_old(agent: SshAgent, server: SshServer, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "id").symlink_to("/usr/bin/id")
    server.path = str(tmp_path / "bin")
    with pytest.raises(UnreachableError) as caught:
        agent.connect(_target(server))
    assert caught.value.code == "vm-too-old"


def test_a_vm_whose_disk_refuses_the_guest_says_so(agent: SshAgent, server: SshServer, tmp_path: Path) -> None:
    (tmp_path / "vcap").write_text("in the way")
    with pytest.raises(UnreachableError) as caught:
        agent.connect(_target(server))
    assert (caught.value.code, "Not a directory" in caught.value.why) == ("vm-guest-refused", True)


def test_a_channel_that_died_before_the_call_is_opened_again(agent: SshAgent, server: SshServer) -> None:
    agent.connect(_target(server))
    server.drop_connections()
    state = agent.get_state(_target(server))
    assert (state.disks, len(server.connections)) == ((), 2)


def test_health_is_queried_through_a_vm_and_nobody_answers_for_one_without_records(
    agent: SshAgent, server: SshServer
) -> None:
    agent.connect(_target(server))
    assert agent.query_health(_target(server), ["127.0.0.1", "::1"]) == {}


def test_a_call_whose_channel_dies_may_have_happened(agent: SshAgent, server: SshServer, tmp_path: Path) -> None:
    target = _target(server)
    _install_errand(agent, target, f"#!/bin/sh\necho $$ > {tmp_path}/pid\necho begun\nsleep 600\n")
    with pytest.raises(AgentError) as caught:
        agent.run_errand(target, "it", watch=lambda _line: server.drop_connections())
    assert (caught.value.code, caught.value.retry) == ("agent-lost", Retry.UNKNOWN)
    _await_end(int((tmp_path / "pid").read_text()))


def test_an_interrupted_caller_ends_the_verb(agent: SshAgent, server: SshServer, tmp_path: Path) -> None:
    target = _target(server)
    _install_errand(agent, target, f"#!/bin/sh\necho $$ > {tmp_path}/pid\necho begun\nsleep 600\n")

    def interrupt(_line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        agent.run_errand(target, "it", watch=interrupt)
    _await_end(int((tmp_path / "pid").read_text()))


def test_plain_commands_and_files_go_over_the_same_connection(
    agent: SshAgent, server: SshServer, tmp_path: Path
) -> None:
    target = _target(server)
    with agent.guests.open_command(ssh_target(target), "echo $((6 * 7))") as channel:
        said = channel.makefile("rb").read()
    with agent.guests.open_files(ssh_target(target)) as files, files.open(str(tmp_path / "note"), "wb") as note:
        note.write(b"hello")
    assert (said, (tmp_path / "note").read_bytes(), len(server.connections)) == (b"42\n", b"hello", 1)


def test_no_secret_is_in_what_runs_on_the_vm(agent: SshAgent, server: SshServer) -> None:
    agent.connect(_target(server))
    assert not re.search("PRIVATE|" + KEYS["ssh"].splitlines()[2], "".join(server.commands))


def _await_end(pid: int) -> None:
    """The process goes within seconds, or this fails."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    pytest.fail(f"process {pid} still ran 10 s after its caller had gone")
