"""Lines of a guest, read: whatever a VM writes gives a reply, or an AgentError that names the VM and what came.

Takes lines, gives replies whose texts are plain and short; what a verb's value must be, agent_messages says.
"""

import json
import math
from collections.abc import Mapping
from typing import Annotated, NoReturn

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from cpi.contract.errors import Retry
from cpi.contract.values import JsonValue
from director.errors import ActionFailedError, AgentError
from director.model.plain_text import plain_line, plain_lines

LONGEST_LINE = 4 << 20
"""Bytes; ample for a spec and for the output of what failed."""
LONGEST_END_OF_ERRAND = 32 << 20
"""Bytes, while an errand runs: all that it printed, each byte of it escaped."""
_SHOWN = 120


def _encodable(text: str) -> str:
    """Halves of surrogate pairs, which JSON may hold and no file, become question marks."""
    return text.encode("utf-8", "replace").decode()


Word = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
OneLine = Annotated[str, AfterValidator(plain_line)]
ManyLines = Annotated[str, AfterValidator(plain_lines)]
CodeText = Annotated[str, Field(max_length=60, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Count = Annotated[int, Field(ge=0, lt=1 << 63)]
WholeText = Annotated[str, AfterValidator(_encodable)]
DigestText = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


class GuestMessage(BaseModel):
    """Read when it is needed first: a command that asks no agent need not wait for it to be built."""

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False, defer_build=True)


class GuestFailure(GuestMessage):
    """A verb's error."""

    code: CodeText
    what: OneLine
    why: OneLine = ""
    fix: OneLine = ""
    output: ManyLines = ""


class Reply(GuestMessage):
    """One line of a guest: a value, an error, or how far it is. `progress` and `error` None: it is a value."""

    id: Annotated[str, Field(max_length=40)]
    progress: str | None = None
    error: GuestFailure | None = None


class _Greeting(GuestMessage):
    version: Word
    python: Word


class _Fetched(GuestMessage):
    digest: DigestText
    why: OneLine


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
        message = _object(line)
        reply = Reply.model_validate(message)
        if "error" in message and reply.error is None:
            raise ValueError("an error without a message")
    except ValueError as error:
        raise broken(name, "a line that is not a reply", line) from error
    return reply, message.get("value")


def read_fetched(line: bytes, *, name: str) -> tuple[str, str]:
    """A digest, and why that blob is not there. Raises AgentError, code `agent-answer-broken`."""
    try:
        fetched = _Fetched.model_validate(_object(line))
    except ValueError as error:
        raise broken(name, "an invalid answer to 'fetch-blobs'", line) from error
    return fetched.digest, fetched.why


def failure(error: GuestFailure, *, name: str) -> ActionFailedError:
    """The error of a verb that ran and failed."""
    return ActionFailedError(error.code, f"{name}: {error.what}", why=error.why, fix=error.fix, output=error.output)


def broken(name: str, what: str, came: bytes) -> AgentError:
    """A VM that does not answer as a guest does."""
    text = plain_line(came[: 4 * _SHOWN].decode("utf-8", "replace"), most=_SHOWN)
    error = AgentError(
        "agent-answer-broken",
        f"{name} sent an invalid agent message: {what}.",
        why=f"The message was: {text}" if text else "The message has no printable text.",
        fix="The VM is damaged or its agent was changed. Recreate it: `compleat recreate`, or `deploy --fix`.",
    )
    error.retry = Retry.NEVER
    return error


def _object(line: bytes) -> Mapping[str, JsonValue]:
    """The JSON object in the line. Raises ValueError."""
    try:
        message = json.loads(line, parse_constant=_refuse, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    if not isinstance(message, dict):
        raise ValueError("it is not an object")
    return message


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too big")
    return number
