"""Standard streams that cannot break the work: closed ones lead nowhere, narrow ones escape, broken ones are dropped.

Takes the process's streams, gives them replaced. Standard error carries words about the work: what of it cannot be
written is dropped. Standard output carries the result: a reader that has left wants no more of it, but a result that
cannot be written for another reason is an error.
"""

import errno
import io
import os
import stat
import sys
from typing import BinaryIO, TextIO

from cpi.contract.errors import ExplainedError

_LEFT = frozenset({errno.EPIPE, errno.ECONNRESET, errno.EIO, errno.EBADF})
"""Errors of a reader that has gone: a pipe's, a socket's, a closed terminal's."""


class StandardStream(io.TextIOBase):
    """A text stream whose reader may leave: `is_read` is False from then on, and what comes after is dropped.

    `is_result` says that any other failure is an error.
    """

    def __init__(self, inner: TextIO, *, is_result: bool) -> None:
        super().__init__()
        self._inner = inner
        self._is_result = is_result
        self.is_read = True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._inner.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        return self._inner.errors

    def fileno(self) -> int:
        return self._inner.fileno()

    def isatty(self) -> bool:
        return self._inner.isatty()

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        """Write as far as the stream takes it. Raises ExplainedError, code `result-not-written`."""
        if not isinstance(text, str):
            raise TypeError("a text stream")  # click tries, to see what kind it is
        if self.is_read and text:
            try:
                self._inner.write(text)
            except (OSError, ValueError) as error:
                self._fail(error)
        return len(text)

    def write_bytes(self, data: bytes) -> None:
        """The same for what is no text."""
        if self.is_read:
            try:
                self._inner.flush()
                _binary(self._inner).write(data)
            except (OSError, ValueError) as error:
                self._fail(error)
        self.flush()

    def flush(self) -> None:
        """Send what was written. Raises as `write`."""
        if self.is_read:
            try:
                self._inner.flush()
            except (OSError, ValueError) as error:
                self._fail(error)

    def _fail(self, error: OSError | ValueError) -> None:
        self.is_read = False
        if self._is_result and not self._has_left(error):
            raise ExplainedError(
                "result-not-written",
                "The result could not be written to standard output.",
                why=f"System error: {error.strerror if isinstance(error, OSError) else error}.",
                fix="Free space there; `compleat tasks` shows how the command itself ended.",
            ) from error

    def _has_left(self, error: OSError | ValueError) -> bool:
        """Whether a reader has gone; a file has none."""
        if isinstance(error, ValueError):
            return True
        return error.errno in _LEFT and not stat.S_ISREG(os.fstat(self._inner.fileno()).st_mode)


def prepare() -> None:
    """Make the process's streams so; before anything else opens a file."""
    for number in range(3):
        _fill(number)
    sys.stdin = sys.stdin or os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = StandardStream(_escaping(sys.stdout, 1), is_result=True)
    sys.stderr = StandardStream(_escaping(sys.stderr, 2), is_result=False)


def write_result(data: bytes) -> None:
    """Write the result as it is, and see that it has gone. Raises as `StandardStream.write`."""
    if isinstance(sys.stdout, StandardStream):
        sys.stdout.write_bytes(data)
    else:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def _fill(number: int) -> None:
    """A closed descriptor would be taken by the next file that is opened: what is printed would land in it."""
    try:
        os.fstat(number)
    except OSError:
        os.open(os.devnull, os.O_RDWR)


def _escaping(stream: TextIO | None, number: int) -> TextIO:
    if stream is None:
        stream = os.fdopen(number, "w", encoding="utf-8", closefd=False)
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


def _binary(stream: TextIO) -> BinaryIO:
    return stream.buffer
