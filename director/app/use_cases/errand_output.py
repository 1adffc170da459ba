"""What an errand said, kept in files below the home where it is too long for the journal.

Takes an errand's result, gives its ErrandResult. Secrets of the environment are taken out line by line, so a file of
any length costs the memory of one line.
"""

import io
from typing import BinaryIO, cast

from director.actions.run_errand import RunErrand, RunErrandResult
from director.app.sessions.session import Session
from director.errors import StateError
from director.model.ids import Digest
from director.model.report import ErrandResult
from director.model.tasks.entries import Run
from director.model.tasks.plan import Action
from director.model.tasks.work import Result
from director.report.redact import Redactor

SHOWN_BYTES = 1 << 20
"""So much of each stream is the result's own text; the file has all of it."""
_LINE_BYTES = 1 << 16


def read_result(session: Session, run: Run, action: Action, *, result: Result) -> ErrandResult:
    """The errand's result; what is long is written to a file that the result names."""
    assert isinstance(action.work, RunErrand)
    assert isinstance(result, RunErrandResult)
    called = f"{run.number}-{run.deployment}-{action.subject.replace('/', '-')}"
    path = session.path("errands", called)
    stdout = _OutputStream(session, result.stdout, result.stdout_blob, path=f"{path}.stdout.log")
    stderr = _OutputStream(session, result.stderr, result.stderr_blob, path=f"{path}.stderr.log")
    return ErrandResult(
        errand=action.work.job,
        instance=action.subject,
        exit_code=result.exit_code,
        stdout=stdout.text,
        stderr=stderr.text,
        stdout_path=stdout.path,
        stderr_path=stderr.path,
        stdout_left_out=stdout.left_out + result.stdout_left_out if stdout.path else 0,
        stderr_left_out=stderr.left_out + result.stderr_left_out if stderr.path else 0,
    )


class _OutputStream:
    """One output stream of an errand: its last part, the file with all of it, and how many bytes are left out here."""

    def __init__(self, session: Session, end: str, blob: Digest | None, *, path: str) -> None:
        self.text, self.path, self.left_out = end, "", 0
        if blob is None:
            return
        try:
            self.path = _save(session, blob, path)
            self.text, self.left_out = session.files.read_end(self.path, SHOWN_BYTES)
        except StateError:
            return  # no room for the file: the errand ran, and its end is known


def _save(session: Session, digest: Digest, path: str) -> str:
    prefix = f"/{session.settings.environment}/"
    secrets = [session.world.vault.get_secret(name) for name in session.world.vault.list_secrets(prefix)]
    redacted = _Redacted(session.world.blobs.open_blob(digest), Redactor(secrets))
    return session.files.save_stream(path, cast(BinaryIO, redacted))


class _Redacted(io.RawIOBase):
    """A stream of lines with the secrets taken out."""

    def __init__(self, source: BinaryIO, redactor: Redactor) -> None:
        super().__init__()
        self._source = source
        self._redactor = redactor

    def read(self, size: int = -1) -> bytes:
        """The next line, or so much of it; b"" at the end."""
        line = self._source.readline(_LINE_BYTES)
        return self._redactor.redact(line.decode("utf-8", "replace")).encode()

    def close(self) -> None:
        self._source.close()
        super().close()
