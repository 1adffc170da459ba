"""Streams hashed, and checked against a digest while they are read.

Takes streams and digests, gives digests or a stream that refuses at its end.
"""

import hashlib
import io
from collections.abc import Callable
from typing import BinaryIO

from cpi.contract.errors import ExplainedError
from director.model.ids import Digest
from director.model.releases.multi_digest import SingleDigest

CHUNK_BYTES = 1 << 20


def hash_stream(stream: BinaryIO) -> Digest:
    """Read to the end; give the SHA-256."""
    hashed = hashlib.sha256()
    while data := stream.read(CHUNK_BYTES):
        hashed.update(data)
    return Digest(f"sha256:{hashed.hexdigest()}")


class CheckedStream(io.RawIOBase):
    """A stream that raises at its end when what went through is not what was expected.

    `refuse` is given what came ("sha256:...") and makes the error. Read it to the end, or nothing was checked.
    """

    def __init__(self, stream: BinaryIO, expected: SingleDigest, refuse: Callable[[str], ExplainedError]) -> None:
        super().__init__()
        self._stream = stream
        self._expected = expected
        self._refuse = refuse
        self._hash = hashlib.new(expected.algorithm)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._hash.update(data)
        if not data and self._hash.hexdigest() != self._expected.value:
            raise self._refuse(f"{self._expected.algorithm}:{self._hash.hexdigest()}")
        return len(data)


def checked_stream(
    stream: BinaryIO, expected: SingleDigest, refuse: Callable[[str], ExplainedError]
) -> io.BufferedReader:
    """Wrap a stream so that its end is reached only by what was expected."""
    return io.BufferedReader(CheckedStream(stream, expected, refuse), CHUNK_BYTES)
