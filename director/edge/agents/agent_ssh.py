"""The Agent port over SSH: verbs as lines of JSON on one kept-open channel for each VM, blobs as streams beside it.

Takes a loader of private keys, the guest's bundle and the local blobstore, gives values and blobs.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import BinaryIO, cast

import paramiko

from cpi.contract.errors import Retry
from cpi.contract.values import DiskCid, JsonValue
from director.edge.agents import agent_messages, guest_replies, guest_start
from director.edge.agents.guest_bundle import GuestBundle
from director.edge.agents.guest_connections import GuestConnections, stderr_of
from director.edge.agents.ssh_channels import LineReader, answering_within
from director.edge.agents.ssh_connections import EndpointFinder, KeyLoader
from director.edge.agents.ssh_targets import SshTarget, ssh_target
from director.errors import AgentError
from director.model.agents.agent_address import AgentTarget
from director.model.agents.agent_answers import AgentIdentity, BlobOnVm, ErrandEnd, StoredBlob
from director.model.agents.agent_requests import (
    ApplyRequest,
    CompileRequest,
    DiskAssociation,
    DnsRequest,
    FileRequest,
    NextSpec,
    PackageBlob,
)
from director.model.agents.agent_state import AgentState, JobState
from director.model.agents.log_selection import LogSelection
from director.model.ids import Digest
from director.ports.agent import Watch
from director.ports.blobstore import Blobstore

_FETCH_S = 600.0
_SLOWEST_BYTES_PER_S = 10_000
_NO_DATA_S = 60.0
_CHUNK = 1 << 18


class SshAgent:
    """Implements ports.agent.Agent. `guests` are its connections; `close` ends every connection and thread."""

    def __init__(
        self, load_key: KeyLoader, *, bundle: GuestBundle, blobs: Blobstore, find_endpoint: EndpointFinder
    ) -> None:
        self.guests = GuestConnections(load_key, bundle, find_endpoint=find_endpoint)
        self._bundle = bundle
        self._blobs = blobs

    def close(self) -> None:
        """End everything: guests on VMs see their input end."""
        self.guests.close()

    def connect(self, target: AgentTarget) -> AgentIdentity:
        return self.guests.connect(ssh_target(target))

    def forget(self, target: AgentTarget) -> None:
        self.guests.forget(ssh_target(target))

    def get_state(self, target: AgentTarget, *, is_full: bool = False) -> AgentState:
        return agent_messages.read_state(self._ask(target, "get_state", {"full": is_full}), name=target.name)

    def query_health(self, target: AgentTarget, addresses: Sequence[str]) -> Mapping[str, JobState]:
        answer = self._ask(target, "query_health", {"addresses": list(addresses)})
        return agent_messages.read_health(answer, addresses, name=target.name)

    def last_words(self, target: AgentTarget) -> str:
        return agent_messages.read_last_words(self._ask(target, "last_words", {}), name=target.name)

    def prepare(self, target: AgentTarget, packages: Sequence[PackageBlob], *, watch: Watch) -> None:
        self._ask(target, "prepare", {"packages": agent_messages.describe_packages(packages)}, watch=watch)

    def apply(self, target: AgentTarget, request: ApplyRequest, *, watch: Watch) -> None:
        self._ask(target, "apply", agent_messages.describe_apply(request), watch=watch)

    def start(self, target: AgentTarget) -> None:
        self._ask(target, "start", {})

    def stop(self, target: AgentTarget, *, timeout_s: float) -> None:
        self._ask(target, "stop", {"timeout_s": timeout_s})

    def drain(self, target: AgentTarget, following: NextSpec | None, *, watch: Watch) -> None:
        answer = self._ask(target, "drain", agent_messages.describe_drain(following), watch=watch)
        agent_messages.check_drained(answer, name=target.name)

    def run_script(self, target: AgentTarget, name: str, env: Mapping[str, str], *, watch: Watch) -> None:
        self._ask(target, "run_script", {"name": name, "env": dict(env)}, watch=watch)

    def run_errand(self, target: AgentTarget, job: str, *, watch: Watch) -> ErrandEnd:
        answer = self._ask(target, "run_errand", {"job": job}, watch=watch)
        return agent_messages.read_errand_end(answer, name=target.name)

    def compile_package(self, target: AgentTarget, request: CompileRequest, *, watch: Watch) -> BlobOnVm:
        answer = self._ask(target, "compile_package", agent_messages.describe_compile(request), watch=watch)
        return agent_messages.read_blob("compile_package", answer, name=target.name)

    def mount_disk(self, target: AgentTarget, cid: DiskCid, *, hint: str) -> None:
        self._ask(target, "mount_disk", {"cid": cid, "hint": hint})

    def unmount_disk(self, target: AgentTarget, cid: DiskCid) -> None:
        self._ask(target, "unmount_disk", {"cid": cid})

    def migrate_disk(self, target: AgentTarget, *, old: DiskCid, new: DiskCid) -> None:
        self._ask(target, "migrate_disk", {"from_cid": old, "to_cid": new})

    def associate_disk(self, target: AgentTarget, request: DiskAssociation) -> None:
        disk = {"name": request.name, "cid": request.cid, "hint": request.hint}
        self._ask(target, "associate_disk", {**disk, "size_mib": request.size_mib})

    def dissociate_disk(self, target: AgentTarget, cid: DiskCid) -> None:
        self._ask(target, "dissociate_disk", {"cid": cid})

    def put_file(self, target: AgentTarget, request: FileRequest) -> None:
        self._ask(target, "put_file", agent_messages.describe_file(request))

    def sync_dns(self, target: AgentTarget, request: DnsRequest) -> None:
        self._ask(target, "sync_dns", agent_messages.describe_dns(request))

    def fetch_logs(self, target: AgentTarget, logs: LogSelection) -> BlobOnVm:
        answer = self._ask(target, "fetch_logs", {"kind": logs.kind, "filters": list(logs.globs)})
        return agent_messages.read_blob("fetch_logs", answer, name=target.name)

    def tail_logs(self, target: AgentTarget, logs: LogSelection, *, lines: int, watch: Watch) -> None:
        wanted: dict[str, JsonValue] = {"kind": logs.kind, "filters": list(logs.globs), "lines": lines, "follow": True}
        self._ask(target, "tail_logs", wanted, watch=watch)

    def put_blob(self, target: AgentTarget, digest: Digest) -> None:
        there = self._ready(target)
        with self.guests.open_command(there, guest_start.guest_command(self._bundle, "put-blob", digest)) as channel:
            channel.settimeout(_NO_DATA_S)
            lines = LineReader(channel)
            word = lines.read_line().decode("utf-8", "replace")
            if word == "send":
                with self._blobs.open_blob(digest) as stream:
                    _send(channel, stream, name=target.name)
                word = lines.read_line().decode("utf-8", "replace")
            if word not in ("have", "done"):
                raise _transfer_failed(target, digest, stderr_of(channel))

    def fetch_blobs(self, target: AgentTarget, blobs: Sequence[StoredBlob]) -> Mapping[Digest, str]:
        there = self._ready(target)
        with self.guests.open_command(there, guest_start.guest_command(self._bundle, "fetch-blobs")) as channel:
            channel.settimeout(_NO_DATA_S)
            channel.sendall(_fetch_list(blobs))
            with answering_within(channel, _FETCH_S + sum(blob.size for blob in blobs) / _SLOWEST_BYTES_PER_S):
                replies = dict(_read_fetched(LineReader(channel), len(blobs), name=target.name))
            no_reply = "" if len(replies) == len(blobs) else stderr_of(channel) or "The VM stopped responding."
        whys = {blob.digest: replies.get(blob.digest, no_reply) for blob in blobs}
        return {digest: why for digest, why in whys.items() if why}

    def get_blob(self, target: AgentTarget, digest: Digest) -> None:
        if self._blobs.has_blob(digest):
            return
        there = self._ready(target)
        with self.guests.open_command(there, guest_start.guest_command(self._bundle, "get-blob", digest)) as channel:
            channel.settimeout(_NO_DATA_S)
            stored = self._blobs.put_blob(cast(BinaryIO, channel.makefile("rb", _CHUNK)))
            if stored != digest:
                raise _transfer_failed(target, digest, stderr_of(channel))

    def _ready(self, target: AgentTarget) -> SshTarget:
        """The VM, the guest of our version being installed there."""
        there = ssh_target(target)
        self.guests.channel(there)
        return there

    def _ask(
        self,
        target: AgentTarget,
        verb: str,
        arguments: Mapping[str, JsonValue],
        *,
        watch: Callable[[str], None] | None = None,
    ) -> JsonValue:
        return self.guests.call(ssh_target(target), verb, arguments, watch=watch or _leave_aside)


def _leave_aside(_line: str) -> None:
    """A verb that ends at once reports no progress."""


def _send(channel: paramiko.Channel, stream: BinaryIO, *, name: str) -> None:
    for chunk in iter(lambda: stream.read(_CHUNK), b""):
        channel.sendall(chunk)
    channel.shutdown_write()


def _fetch_list(blobs: Sequence[StoredBlob]) -> bytes:
    """What the guest's fetch-blobs reads; over the stream, for a signed URL is a secret."""
    wanted = [{"digest": blob.digest, "size": blob.size, "url": blob.url.url, "ca": blob.url.ca} for blob in blobs]
    return json.dumps(wanted).encode() + b"\n"


def _read_fetched(lines: LineReader, number: int, *, name: str) -> Iterator[tuple[Digest, str]]:
    """What the guest says of each; less when it ends early. A line with a dot is a sign of life."""
    while number and (line := lines.read_line()):
        if line != b".":
            digest, why = guest_replies.read_fetched(line, name=name)
            number -= 1
            yield Digest(digest), why


def _transfer_failed(target: AgentTarget, digest: Digest, why: str) -> AgentError:
    failed = AgentError(
        "blob-not-sent",
        f"The blob {digest} could not be transferred to or from {target.name}.",
        why=why or "The connection broke.",
        fix="Run the command again; check that the VM's disk has free space.",
    )
    failed.retry = Retry.SAFE
    return failed
