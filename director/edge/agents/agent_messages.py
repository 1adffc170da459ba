"""Requests to a guest as JSON, and its answers read: what a VM writes is bounded and checked before it is a value.

Takes requests, gives the arguments of verbs; takes what a guest answered, gives values, or an AgentError that names the
VM and what came.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, RootModel

from cpi.contract.values import DiskCid, JsonValue
from director.edge.agents import guest_replies
from director.edge.agents.guest_replies import Count, DigestText, GuestMessage, ManyLines, OneLine, WholeText, Word
from director.model.agents.agent_answers import BlobOnVm, ErrandEnd, ErrandOutput, LongOutput
from director.model.agents.agent_requests import (
    ApplyRequest,
    CompileRequest,
    DnsRequest,
    FileRequest,
    NextSpec,
    PackageBlob,
)
from director.model.agents.agent_state import AgentState, JobState, Process, Vitals
from director.model.ids import Digest
from director.model.rendered import RenderedJobs


def describe_packages(packages: Sequence[PackageBlob]) -> list[JsonValue]:
    """One {name, version, digest} for each."""
    return [{"name": each.name, "version": each.version, "digest": each.digest} for each in packages]


def describe_apply(request: ApplyRequest) -> Mapping[str, JsonValue]:
    """The spec that the agent keeps, and the files of its jobs."""
    spec = {
        **request.facts,
        "jobs": list(request.jobs),
        "packages": describe_packages(request.packages),
        "configuration_hash": request.configuration_hash,
    }
    return {"spec": spec, "files": _describe_files(request.files)}


def describe_drain(following: NextSpec | None) -> Mapping[str, JsonValue]:
    """BOSH's two types of drain."""
    if following is None:
        return {"type": "shutdown"}
    packages = describe_packages(following.packages)
    return {"type": "update", "next_spec": {"packages": packages, "configuration_hash": following.configuration_hash}}


def describe_compile(request: CompileRequest) -> Mapping[str, JsonValue]:
    return {
        "name": request.name,
        "version": request.version,
        "source_digest": request.source,
        "dependencies": describe_packages(request.dependencies),
    }


def describe_file(request: FileRequest) -> Mapping[str, JsonValue]:
    return {
        "path": request.path,
        "content_base64": base64.b64encode(request.content).decode(),
        "mode": f"{request.mode:04o}",
        "owner": request.owner,
    }


def describe_dns(request: DnsRequest) -> Mapping[str, JsonValue]:
    return {"version": request.version, "records": request.document, "health_key": request.health_key}


def read_state(value: JsonValue, *, name: str) -> AgentState:
    """What `get_state` answers; what a later guest adds is left aside."""
    answer = _read(_State, "get_state", value, name=name)
    return AgentState(
        job_state=answer.job_state,
        processes=tuple(_process(each) for each in answer.processes),
        spec=answer.spec,
        disks=tuple(DiskCid(cid) for cid in answer.disks),
        vitals=_vitals(answer.vitals) if answer.vitals else None,
    )


def read_health(value: JsonValue, addresses: Sequence[str], *, name: str) -> Mapping[str, JobState]:
    """What `query_health` answers, for those that it was asked about."""
    states = _read(_Health, "query_health", value, name=name).root
    return {address: JobState(states[address]) for address in addresses if address in states}


def read_last_words(value: JsonValue, *, name: str) -> str:
    """What `last_words` answers."""
    return _read(_LastWords, "last_words", value, name=name).text


def read_errand_end(value: JsonValue, *, name: str) -> ErrandEnd:
    """What `run_errand` answers."""
    answer = _read(_ErrandEnd, "run_errand", value, name=name)
    return ErrandEnd(
        exit_code=answer.exit_code,
        stdout=ErrandOutput(end=answer.stdout, whole=_long_output(answer.blobs.get("stdout"))),
        stderr=ErrandOutput(end=answer.stderr, whole=_long_output(answer.blobs.get("stderr"))),
    )


def read_blob(verb: str, value: JsonValue, *, name: str) -> BlobOnVm:
    """What `compile_package` and `fetch_logs` answer."""
    answer = _read(_Blob, verb, value, name=name)
    return BlobOnVm(digest=Digest(answer.digest), size=answer.size)


def check_drained(value: JsonValue, *, name: str) -> None:
    """A drain that ended well answers 0."""
    if value != 0 or isinstance(value, bool):
        raise _no_answer("drain", value, name=name)


class _Process(GuestMessage):
    name: Word
    state: Word
    uptime_s: Annotated[float, Field(ge=0)] = 0.0
    mem_kib: Count = 0
    cpu_percent: float = 0.0
    problem: OneLine = ""
    is_hopeless: bool = False


class _Share(GuestMessage):
    percent: float


class _Vitals(GuestMessage):
    load: Annotated[tuple[float, ...], Field(max_length=3)] = ()
    cpu: Annotated[dict[Word, float], Field(default_factory=dict, max_length=20)]
    mem: _Share | None = None
    swap: _Share | None = None
    disk: Annotated[dict[Word, _Share], Field(default_factory=dict, max_length=20)]
    uptime_s: Count | None = None


class _State(GuestMessage):
    job_state: JobState
    processes: Annotated[tuple[_Process, ...], Field(max_length=10_000)] = ()
    spec: Annotated[dict[str, Any], Field(default_factory=dict)]
    disks: tuple[Word, ...] = ()
    vitals: _Vitals | None = None


class _Blob(GuestMessage):
    """Other fields of the answer, such as file names, are ignored."""

    model_config = ConfigDict(extra="ignore")
    digest: DigestText
    size: Count


class _ErrandBlob(_Blob):
    left_out: Count = 0


class _ErrandEnd(GuestMessage):
    exit_code: Annotated[int, Field(ge=-255, le=255)]
    stdout: WholeText
    stderr: WholeText
    blobs: Annotated[dict[Literal["stdout", "stderr"], _ErrandBlob], Field(default_factory=dict)]


class _Health(RootModel[dict[Word, Literal["running", "failing"]]]):
    model_config = ConfigDict(frozen=True, defer_build=True)


class _LastWords(GuestMessage):
    text: ManyLines


Answer = TypeVar("Answer", bound=BaseModel)


def _read(shape: type[Answer], verb: str, value: JsonValue, *, name: str) -> Answer:
    """The value in that shape. Raises AgentError, code `agent-answer-broken`."""
    try:
        return shape.model_validate(value)
    except ValueError as error:
        raise _no_answer(verb, value, name=name) from error


def _no_answer(verb: str, value: JsonValue, *, name: str) -> Exception:
    return guest_replies.broken(name, f"an invalid answer to '{verb}'", json.dumps(value).encode())


def _process(answer: _Process) -> Process:
    return Process(
        name=answer.name,
        state=answer.state,
        uptime_s=answer.uptime_s,
        mem_kib=answer.mem_kib,
        cpu_percent=answer.cpu_percent,
        problem=answer.problem,
        is_hopeless=answer.is_hopeless,
    )


def _vitals(answer: _Vitals) -> Vitals:
    return Vitals(
        load=answer.load,
        cpu_percent=answer.cpu,
        memory_percent=answer.mem.percent if answer.mem else None,
        swap_percent=answer.swap.percent if answer.swap else None,
        disk_percent={place: share.percent for place, share in answer.disk.items()},
        uptime_s=answer.uptime_s,
    )


def _long_output(answer: _ErrandBlob | None) -> LongOutput | None:
    return LongOutput(digest=Digest(answer.digest), left_out=answer.left_out) if answer else None


def _describe_files(files: RenderedJobs) -> Mapping[str, JsonValue]:
    return {
        job: {
            path: {
                "content_base64": base64.b64encode(file.content).decode(),
                "is_executable": file.is_executable,
            }
            for path, file in rendered.items()
        }
        for job, rendered in files.items()
    }
