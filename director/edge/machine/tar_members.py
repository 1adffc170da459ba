"""Tar archives whose headers follow from a list of their members, so that they are compared and never interpreted.

Takes names, sizes and digests, gives bytes; reads members back from unchecked bytes. Source: POSIX ustar.
"""

import hashlib
import tarfile
from collections.abc import Sequence
from typing import BinaryIO

BLOCK = 512
MOST_MEMBER_BYTES = (8 << 30) - 1
"""What the size field of a header holds."""
END = bytes(2 * BLOCK)
_CHUNK_BYTES = 1 << 20


class UnlistedBytesError(Exception):
    """The archive is another than its list of members says; the text says where."""


def header(path: str, size: int, *, mode: int = 0o644) -> bytes:
    """The header of a member: nothing of the machine or of the time is in it. Raises ValueError for a long path."""
    member = tarfile.TarInfo(path)
    member.size = size
    member.mode = mode
    return member.tobuf(tarfile.USTAR_FORMAT, "utf-8", "strict")


def padding(size: int) -> bytes:
    """What fills a member's last block."""
    return bytes(-size % BLOCK)


def whole_size(sizes: Sequence[int]) -> int:
    """The size of the archive of members of these sizes, with the two empty blocks at its end."""
    return sum(BLOCK + size + len(padding(size)) for size in sizes) + len(END)


def read_first(stream: BinaryIO, name: str, limit: int) -> bytes | None:
    """The next member, of which only the size is not known before; None where another one begins, or a larger one.

    Raises UnlistedBytesError.
    """
    head = stream.read(BLOCK)
    digits = head[124:135]
    size = int(digits, 8) if digits.isdigit() and not digits.strip(b"01234567") else -1
    if not 0 < size <= limit or head != header(name, size):
        return None
    content = stream.read(size)
    expect(stream, padding(size), name)
    return content


def expect(stream: BinaryIO, wanted: bytes, where: str) -> None:
    """Read these bytes and no others. Raises UnlistedBytesError."""
    if stream.read(len(wanted)) != wanted:
        raise UnlistedBytesError(f"The archive is another than its inventory says, at {where}")


def copy_content(stream: BinaryIO, size: int, out: BinaryIO | None) -> str:
    """Copy so many bytes, or what there is; gives the SHA-256 of a whole content, with a note behind it otherwise."""
    hashed, left = hashlib.sha256(), size
    while left and (data := stream.read(min(left, _CHUNK_BYTES))):
        hashed.update(data)
        left -= len(data)
        if out is not None:
            out.write(data)
    return hashed.hexdigest() + (" of what is there" if left else "")
