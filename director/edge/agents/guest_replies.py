"""What a guest says, read: whatever a VM writes gives a reply, or an AgentError that names the VM and what came.

Takes lines, gives replies whose values have the shape of their verb and whose texts are plain and short.
"""

import json
import math
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal, NoReturn, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from cpi.contract.errors import Retry
from cpi.contract.values import JsonValue
from director.errors import ActionFailedError, AgentError
from director.model.agent_state import JobState
from director.model.plain_text import plain_line, plain_lines

LONGEST_LINE = 4 << 20
"""Bytes; ample for a spec and for the output of what failed."""
LONGEST_END_OF_ERRAND = 32 << 20
"""Bytes, while an errand runs: all that it printed, each byte of it escaped."""
_SHOWN = 120


def _encodable(text: str) -> str:
    """Halves of surrogate pairs, which JSON may hold and no file, become question marks."""
    return text.encode("utf-8", "replace").decode()


_Word = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
_Line = Annotated[str, AfterValidator(plain_line)]
_Lines = Annotated[str, AfterValidator(plain_lines)]
_Code = Annotated[str, Field(max_length=60, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
_Count = Annotated[int, Field(ge=0, lt=1 << 63)]
_Whole = Annotated[str, AfterValidator(_encodable)]
_Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


def _plain(value: object) -> object:
    """The same with every text in it plain."""
    if isinstance(value, str):
        return plain_line(value)
    if isinstance(value, dict):
        return {plain_line(str(key)): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


class _Reply(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False, defer_build=True)


class GuestFailure(_Reply):
    """A verb's error."""

    code: _Code
    what: _Line
    why: _Line = ""
    fix: _Line = ""
    output: _Lines = ""


class Reply(_Reply):
    """One line of a guest: a value, an error, or how far it is. `progress` and `error` None: it is a value."""

    id: Annotated[str, Field(max_length=40)]
    progress: str | None = None
    error: GuestFailure | None = None


class _Greeting(_Reply):
    version: _Word
    python: _Word


class _ProcessReply(_Reply):
    name: _Word
    state: _Word
    uptime_s: Annotated[float, Field(ge=0)] = 0.0
    mem_kib: _Count = 0
    cpu_percent: float = 0.0
    restarts: _Count = 0
    problem: _Line = ""
    is_hopeless: bool = False


class _State(_Reply):
    job_state: JobState
    processes: Annotated[tuple[_ProcessReply, ...], Field(max_length=10_000)] = ()
    problem: _Lines = ""
    spec: dict[str, object] = {}
    disks: tuple[_Word, ...] = ()
    vitals: Annotated[dict[str, object], AfterValidator(_plain)] = {}


class _Blob(_Reply):
    """Whatever else is said of it, such as the names of files, is nobody's business."""

    model_config = ConfigDict(extra="ignore")
    digest: _Digest
    size: _Count


class _ErrandBlob(_Blob):
    left_out: _Count = 0


class _ErrandEnd(_Reply):
    exit_code: Annotated[int, Field(ge=-255, le=255)]
    stdout: _Whole
    stderr: _Whole
    blobs: dict[Literal["stdout", "stderr"], _ErrandBlob] = {}


class _LastWords(_Reply):
    text: _Lines


class _Fetched(_Reply):
    digest: _Digest
    why: _Line


_VALUES: Mapping[str, Any] = {
    "compile_package": _Blob,
    "drain": Literal[0],
    "fetch_logs": _Blob,
    "get_state": _State,
    "last_words": _LastWords,
    "list_disk": tuple[_Word, ...],
    "run_errand": _ErrandEnd,
}
"""The shape of what is used; nobody reads the values of other verbs."""


def read_greeting(line: bytes, *, name: str) -> Mapping[str, str]:
    """Version and Python of a guest, from its first line. Raises AgentError, code `agent-answer-broken`."""
    try:
        greeting = _Greeting.model_validate(_object(line).get("value"))
    except ValueError as error:
        raise broken(name, "its greeting", line) from error
    return {"version": greeting.version, "python": greeting.python}


def read_reply(line: bytes, *, name: str) -> tuple[Reply, JsonValue]:
    """A reply, and its value as it came. Raises AgentError, code `agent-answer-broken`."""
    try:
        said = _object(line)
        reply = Reply.model_validate(said)
        if "error" in said and reply.error is None:
            raise ValueError("an error that says nothing")
    except ValueError as error:
        raise broken(name, "a line that is no reply", line) from error
    return reply, said.get("value")


def read_value(verb: str, value: JsonValue, *, name: str) -> JsonValue:
    """The value, if it is what the verb gives; texts in it are plain. Raises AgentError, code `agent-answer-broken`."""
    if verb not in _VALUES:
        return value
    shape = _shape_of(verb)
    try:
        return cast(JsonValue, shape.dump_python(shape.validate_python(value), mode="json", exclude_unset=True))
    except ValueError as error:
        raise broken(name, f"an answer to '{verb}' that is none", json.dumps(value).encode()) from error


def read_fetched(line: bytes, *, name: str) -> tuple[str, str]:
    """A digest, and why that blob is not there. Raises AgentError, code `agent-answer-broken`."""
    try:
        fetched = _Fetched.model_validate(_object(line))
    except ValueError as error:
        raise broken(name, "an answer to 'fetch-blobs' that is none", line) from error
    return fetched.digest, fetched.why


def failure(error: GuestFailure, *, name: str) -> ActionFailedError:
    """The error of a verb that ran and failed."""
    return ActionFailedError(error.code, f"{name}: {error.what}", why=error.why, fix=error.fix, output=error.output)


def broken(name: str, what: str, came: bytes) -> AgentError:
    """A VM that does not answer as a guest does."""
    text = plain_line(came[: 4 * _SHOWN].decode("utf-8", "replace"), most=_SHOWN)
    error = AgentError(
        "agent-answer-broken",
        f"{name} sends what no agent sends: {what}.",
        why=f"It wrote: {text}" if text else "It wrote nothing that can be shown.",
        fix="The VM is damaged or someone changed its agent. Recreate it: `compleat recreate`, or `deploy --fix`.",
    )
    error.retry = Retry.NEVER
    return error


@cache
def _shape_of(verb: str) -> TypeAdapter[object]:
    """Built when it is needed first: a command that asks no agent need not wait for it."""
    return TypeAdapter(_VALUES[verb])


def _object(line: bytes) -> Mapping[str, JsonValue]:
    """The JSON object in the line. Raises ValueError."""
    try:
        said = json.loads(line, parse_constant=_refuse, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    if not isinstance(said, dict):
        raise ValueError("it is no object")
    return said


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too big")
    return number
