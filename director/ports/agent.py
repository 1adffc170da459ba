"""Reach the agent of one VM: a method a verb, in protocols by purpose.

Takes targets and requests, gives answers as values; how they travel, and what of a VM's words is believed, is the
adapter's. What each verb does on the VM is written in docs/reference/guest.md.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from cpi.contract.values import DiskCid
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

Watch = Callable[[str], None]
"""Given the last line of what runs."""


class AgentLink(Protocol):
    """What is open to a VM."""

    def connect(self, target: AgentTarget) -> AgentIdentity:
        """After: the guest of our version runs there. Installs it once; again costs one round trip."""

    def forget(self, target: AgentTarget) -> None:
        """Close what is open to it: the VM is about to go."""


class AgentJobs(Protocol):
    """What a VM runs. A verb done twice is done once, an errand and scripts excepted."""

    def get_state(self, target: AgentTarget, *, is_full: bool = False) -> AgentState:
        """Jobs, disks and the applied spec; `is_full` adds vitals, which take a moment to measure."""

    def query_health(self, target: AgentTarget, addresses: Sequence[str]) -> Mapping[str, JobState]:
        """How other VMs say they are, RUNNING or FAILING by address, asked from this one over the network they share.

        One that does not answer within about a second is left out.
        """

    def last_words(self, target: AgentTarget) -> str:
        """What the processes wrote last that do not run."""

    def prepare(self, target: AgentTarget, packages: Sequence[PackageBlob], *, watch: Watch) -> None:
        """After: the packages are unpacked, not enabled."""

    def apply(self, target: AgentTarget, request: ApplyRequest, *, watch: Watch) -> None:
        """After: jobs and packages are those of the request; nothing is started."""

    def start(self, target: AgentTarget) -> None:
        """Start the jobs; does not wait until they run."""

    def stop(self, target: AgentTarget, *, timeout_s: float) -> None:
        """After: the jobs are down."""

    def drain(self, target: AgentTarget, following: NextSpec | None, *, watch: Watch) -> None:
        """Let the jobs finish their work, for an update to what follows; None: they shut down."""

    def run_script(self, target: AgentTarget, name: str, env: Mapping[str, str], *, watch: Watch) -> None:
        """Run bin/<name> of every job that has it, to the end."""

    def run_errand(self, target: AgentTarget, job: str, *, watch: Watch) -> ErrandEnd:
        """Run the job's errand to its end; its exit code is a result, not an error."""

    def compile_package(self, target: AgentTarget, request: CompileRequest, *, watch: Watch) -> BlobOnVm:
        """Compile a package; gives the blob, which is on the VM."""


class AgentDisks(Protocol):
    """The persistent disks of a VM."""

    def mount_disk(self, target: AgentTarget, cid: DiskCid, *, hint: str) -> None:
        """After: the attached disk is mounted on the store, or beside it while another one is mounted there."""

    def unmount_disk(self, target: AgentTarget, cid: DiskCid) -> None:
        """After: it is not mounted."""

    def migrate_disk(self, target: AgentTarget, *, old: DiskCid, new: DiskCid) -> None:
        """After: the new disk has the old one's content and is mounted in its place."""

    def associate_disk(self, target: AgentTarget, request: DiskAssociation) -> None:
        """After: jobs find the attached disk's device under its name, whose content is as it was."""

    def dissociate_disk(self, target: AgentTarget, cid: DiskCid) -> None:
        """After: no name leads to the disk; twice is once."""


class AgentFiles(Protocol):
    """Files, blobs and logs of a VM."""

    def put_file(self, target: AgentTarget, request: FileRequest) -> None:
        """After: the file is there, with that mode and owner."""

    def sync_dns(self, target: AgentTarget, request: DnsRequest) -> None:
        """After: the VM has these records or newer ones, and answers by them."""

    def put_blob(self, target: AgentTarget, digest: Digest) -> None:
        """After: the VM has the blob of our blobstore. There before costs one round trip."""

    def fetch_blobs(self, target: AgentTarget, blobs: Sequence[StoredBlob]) -> Mapping[Digest, str]:
        """Let the VM fetch what it lacks by itself; gives why, for each that it does not have afterwards."""

    def get_blob(self, target: AgentTarget, digest: Digest) -> None:
        """After: our blobstore has the VM's blob."""

    def fetch_logs(self, target: AgentTarget, logs: LogSelection) -> BlobOnVm:
        """Pack the logs into one archive; gives the blob, which is on the VM."""

    def tail_logs(self, target: AgentTarget, logs: LogSelection, *, lines: int, watch: Watch) -> None:
        """Give so many earlier lines of each log and every new one, for ever: until interrupted."""


class Agent(AgentLink, AgentJobs, AgentDisks, AgentFiles, Protocol):
    """Safe to call from many threads; one connection and one channel for each VM, kept open.

    Every method may raise UnreachableError (which leg broke), AgentError with retry UNKNOWN when the channel died
    after the request was written, AgentError with code `agent-answer-broken` for an answer that is none, and
    ActionFailedError when the verb ran and failed.
    """
