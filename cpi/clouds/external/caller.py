"""Calls of an external CPI: request written, executable run, answer read, its log kept.

Takes a method and arguments, gives the result or raises what the CPI refused.
"""

import contextlib
import os
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from cpi.clouds.external import last_output
from cpi.clouds.external.config import ExternalConfig
from cpi.clouds.external.process import Output
from cpi.clouds.external.secrets import redact
from cpi.contract.errors import CloudError, LostReplyError
from cpi.contract.protocol import envelope, failures
from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue, OwnerKey, deployment_text
from cpi.kit import private_folders

_LOG_BYTES = 4 * 1024 * 1024
_HARMLESS = frozenset({"info", "has_vm", "has_disk", "get_disks", "calculate_vm_cloud_properties"})
"""Methods that change nothing: whatever becomes of their answer, nothing happened."""


class CpiRefusedError(Exception):
    """The CPI's refusal unchanged, for callers that take some of them as success."""

    def __init__(self, refusal: envelope.CpiError, log: Path) -> None:
        super().__init__(refusal.type)
        self.refusal = refusal
        self.log = log


class CpiRunner(Protocol):
    """Whatever turns a request into a response."""

    def run(self, sent: bytes) -> Output: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CpiCaller:
    """One executable with its settings; `path` is its name in messages, `log` the file that keeps what it says."""

    path: str
    runs: CpiRunner
    config: ExternalConfig
    director_uuid: str
    log: Path

    def call(
        self,
        method: str,
        arguments: Sequence[JsonValue] = (),
        *,
        version: int | None = None,
        owner: OwnerKey | None = None,
    ) -> JsonValue:
        """Send one request. Raises RefusedError, or LostReplyError when the answer cannot be read."""
        request = envelope.Request(
            method=method,
            arguments=tuple(arguments),
            context=self._context(owner),
            api_version=version,
        )
        try:
            output = self.runs.run(envelope.write_request(request))
        except LostReplyError as error:
            raise _doubtful(error, method) from error
        response = self._read(output, request)
        if response.refusal is not None:
            message = redact(response.refusal.message, [request.context, *request.arguments])
            refusal = envelope.CpiError(
                type=last_output.message(response.refusal.type),
                message=last_output.message(message),
                ok_to_retry=response.refusal.ok_to_retry,
            )
            raise CpiRefusedError(refusal, self.log)
        return response.result

    def _context(self, owner: OwnerKey | None) -> Mapping[str, JsonValue]:
        """Our own CPI executable finds the owner key in the request's id; to any other it is a name."""
        name = (
            "/".join((owner.environment, deployment_text(owner.deployment), owner.action))
            if owner
            else uuid.uuid4().hex
        )
        return {"director_uuid": self.director_uuid, "request_id": f"cpi-{name}", **self.config.context}

    def _read(self, output: Output, request: envelope.Request) -> envelope.Response:
        given = [request.context, *request.arguments]
        log = output.log.decode(errors="replace")
        try:
            response = envelope.read_response(output.out)
        except CloudError as error:
            log = redact(log, given)
            self._keep_log(request, log)
            raise _doubtful(
                self._no_answer(error, request.method, exit_code=output.exit_code, log=log), request.method
            ) from error
        self._keep_log(request, redact(log + response.log, given))
        return response

    def _no_answer(self, error: CloudError, method: str, *, exit_code: int, log: str) -> CloudError:
        """Who gave no answer to what, how it ended, its last words, and where the others are."""
        last = last_output.last_lines(log)
        words = f"Its standard error ends with: {last}" if last else "It wrote nothing to standard error."
        kept = f"; its whole standard error is in {self.log}" if last else ""
        return CloudError(
            error.code,
            f"{self.path} gave no valid answer to {method} under BOSH's CPI protocol.",
            why=f"{error.why} It {last_output.how_it_ended(exit_code)}. {words}",
            fix=f"Correct what it reports, or the path of the executable{kept}.",
        )

    def _keep_log(self, request: envelope.Request, text: str) -> None:
        """Append to the log, of which the older half goes when it is full. A log that cannot be kept stops nothing."""
        if not text.strip():
            return
        with contextlib.suppress(OSError):
            private_folders.make_private(self.log.parent)
            if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            with open(os.open(self.log, flags, 0o600), "w", encoding="utf-8") as file:
                file.write(f"--- {request.method} {request.request_id}\n{text.rstrip()}\n")


def _doubtful(error: CloudError, method: str) -> CloudError:
    """What is known of a call whose answer was not understood."""
    if method in _HARMLESS:
        return CloudError(error.code, error.what, why=error.why, fix=error.fix)
    return LostReplyError(error.code, f"{method} may have taken effect: {error.what}", why=error.why, fix=error.fix)


def failure_of(refused: CpiRefusedError, method: str) -> CloudError:
    """The error that a refusal means."""
    error = failures.read_failure(refused.refusal, method)
    error.fix = f"The message is the CPI's own; its log is in {refused.log}."
    return error
