"""Tarballs opened safely: nothing outside, nothing special, nothing endless, nothing cut short.

Takes a stream, gives its members one after the other; writes nothing itself.
"""

import io
import posixpath
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import BinaryIO, Self

from cpi.contract.value_classes import dataclass
from director.errors import InputError

_BLOCK = 512
_BUFFER_BYTES = 1 << 17
_END_OF_ARCHIVE = ("EOFHeaderError", "EmptyHeaderError")  # tarfile does not export their classes
_GZIP_MAGIC = b"\x1f\x8b"
_RATIO_COUNTS_FROM_BYTES = 16 << 20
_MAX_HEADER_BYTES = 1 << 20
_DESCRIBING = (
    tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE,
)  # fmt: skip
_OF_BAD_HEADERS = (ValueError, LookupError, OverflowError, RecursionError)
"""What tarfile raises of numbers, maps and chains in a header that are none."""
_LONGEST_NAME, _LONGEST_PATH, _MAX_DEPTH, _SHOWN = 255, 2048, 200, 120


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLimits:
    """The most an archive may hold once unpacked; `ratio` is unpacked to packed and counts beyond 16 MiB."""

    entries: int = 200_000
    size_bytes: int = 16 << 30
    ratio: int = 250


DEFAULT_LIMITS = ArchiveLimits()


class MemberKind(Enum):
    FILE = "file"
    FOLDER = "folder"
    LINK = "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """`name` has no leading "./" and is "" for the root itself; `link` is the target's text.

    `same_as` is the member that a hard link is another name of.
    """

    name: str
    kind: MemberKind
    same_as: str = ""
    size: int = 0
    mode: int = 0o644
    link: str = ""


def read_members(
    stream: BinaryIO, name: str, *, where: str = "", limits: ArchiveLimits = DEFAULT_LIMITS
) -> Iterator[tuple[Member, BinaryIO]]:
    """Give each member with its content, which must be read before the next is requested.

    The first bytes tell plain from gzip tarballs. Read to the end: only there is the tarball known to be complete.
    Raises InputError: archive-truncated, archive-unreadable, archive-escapes, archive-special-file, archive-too-large,
    archive-name-twice, archive-name-too-long, archive-contradictory.
    """
    errors = _ArchiveErrors(name=name, where=where)
    unpacked = _Unpacked(stream, errors, limits)
    names = _SeenNames(errors)
    with unpacked.explained(), tarfile.open(fileobj=unpacked, mode="r|", bufsize=_BUFFER_BYTES, tarinfo=_Info) as tar:
        for info in tar:
            unpacked.count_entry()
            member = _member(info, errors)
            names.add(member)
            yield member, io.BufferedReader(_Content(unpacked, tar, info))
        unpacked.finish()


def shown(member: str) -> str:
    """A member's name for a message: what cannot be printed is escaped, and a long one is cut."""
    plain = member if member.isprintable() else ascii(member)[1:-1]
    return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN]}..."


@dataclass(frozen=True, slots=True, kw_only=True)
class _ArchiveErrors:
    """The errors of one archive."""

    name: str
    where: str

    def unreadable(self, error: Exception) -> InputError:
        return InputError(
            "archive-unreadable",
            f"'{self.name}' is not a readable tarball.",
            why=f"Parser error: {error}.",
            fix="Check that it is a .tgz or .tar file, then build or download it again.",
            where=self.where,
        )

    def unread(self, error: OSError) -> InputError:
        return InputError(
            "archive-unreadable",
            f"'{self.name}' could not be read to its end.",
            why=f"System error: {error.strerror}.",
            fix="Check that it is a file, and the disk or share that it is on.",
            where=self.where,
        )

    def cut(self, why: str) -> InputError:
        return InputError(
            "archive-truncated",
            f"'{self.name}' is truncated.",
            why=f"The last part is missing: {why}.",
            fix="Download or build it again, then compare its size and digest with the original.",
            where=self.where,
        )

    def escapes(self, member: str, why: str) -> InputError:
        return InputError(
            "archive-escapes",
            f"'{self.name}' contains '{shown(member)}', which points outside the archive.",
            why=why,
            fix="Do not use this archive; ask its author for one without this entry.",
            where=self.where,
        )

    def special(self, member: str) -> InputError:
        return InputError(
            "archive-special-file",
            f"'{self.name}' contains '{shown(member)}', which is not a file, folder or link.",
            why="Releases do not contain devices, pipes or sparse files.",
            fix="Build the archive again without it.",
            where=self.where,
        )

    def twice(self, member: str) -> InputError:
        return InputError(
            "archive-name-twice",
            f"'{self.name}' contains '{shown(member)}' twice.",
            why="Which of the two is kept depends on the program that unpacks it.",
            fix="Build the archive again, or report the duplicate to its author.",
            where=self.where,
        )

    def too_long(self, member: str, why: str) -> InputError:
        return InputError(
            "archive-name-too-long",
            f"'{self.name}' contains '{shown(member)}', whose path is too long.",
            why=why,
            fix="Build the archive again with shorter paths.",
            where=self.where,
        )

    def contradictory(self, member: str, why: str) -> InputError:
        return InputError(
            "archive-contradictory",
            f"'{self.name}' contains '{shown(member)}', which cannot be unpacked.",
            why=why,
            fix="Build the archive again.",
            where=self.where,
        )

    def too_large(self, why: str) -> InputError:
        return InputError(
            "archive-too-large",
            f"'{self.name}' unpacks to more than the limit.",
            why=why,
            fix="Check its source; releases are far smaller.",
            where=self.where,
        )


class _Info(tarfile.TarInfo):
    """A header that must be one: tarfile itself takes a broken header behind the first for the end.

    What only describes the next header (a long name, pax records) is read whole, so its size is bounded.
    """

    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(tarfile_)
        except tarfile.HeaderError as error:
            if type(error).__name__ in _END_OF_ARCHIVE:
                raise
            raise tarfile.ReadError(str(error)) from error

    def _proc_member(self, tarfile_: tarfile.TarFile) -> Self | tarfile.TarInfo:
        if self.type in _DESCRIBING and self.size > _MAX_HEADER_BYTES:
            raise tarfile.ReadError(f"a header says that it has {self.size} bytes")
        if self.size < 0:
            raise tarfile.ReadError(f"an entry says that it has {self.size} bytes")
        return super()._proc_member(tarfile_)  # type: ignore[misc,no-any-return]  # not in the stubs


class _SeenNames:
    """The names seen so far: none twice, none that leads through a link or a file, no hard link to what is no file."""

    def __init__(self, errors: _ArchiveErrors) -> None:
        self._errors = errors
        self._files: set[str] = set()
        self._links: set[str] = set()
        self._symbolic: set[str] = set()

    def add(self, member: Member) -> None:
        if member.name in self._files:
            raise self._errors.twice(member.name)
        if member.same_as:
            self._require_file(member)
        if member.kind is not MemberKind.FOLDER:
            self._files.add(member.name)
        if self._links and any(folder in self._links for folder in _folders_above(member.name)):
            raise self._errors.escapes(member.name, "Its path goes through a link in the archive.")
        in_file = next((folder for folder in _folders_above(member.name) if folder in self._files), "")
        if in_file:
            raise self._errors.contradictory(member.name, f"'{shown(in_file)}' is a file, not a folder.")
        if member.kind is MemberKind.LINK:
            self._links.add(member.name)
            self._symbolic |= set() if member.same_as else {member.name}

    def _require_file(self, member: Member) -> None:
        """Of a hard link: what it is another name of."""
        if member.same_as in self._symbolic:
            why = f"It is a hard link to '{shown(member.same_as)}', a symbolic link."
            raise self._errors.contradictory(member.name, why)
        if member.same_as not in self._files:
            why = f"It is a hard link to '{shown(member.same_as)}', and no such file is before it."
            raise self._errors.contradictory(member.name, why)


class _Unpacked(io.RawIOBase):
    """The tar stream inside, counted; knows afterwards if it was cut short."""

    def __init__(self, stream: BinaryIO, errors: _ArchiveErrors, limits: ArchiveLimits) -> None:
        super().__init__()
        self._stream = stream
        self._errors = errors
        self._limits = limits
        self._entries = 0
        self._packed_bytes = 0
        self._unpacked_bytes = 0
        self._pending = self._take(_BLOCK)
        self._gzip = zlib.decompressobj(31) if self._pending.startswith(_GZIP_MAGIC) else None
        self._last = b""
        self.is_cut = False
        if not self._pending:
            raise errors.cut("it is empty")

    def readable(self) -> bool:
        return True

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn what the readers below raise into what is wrong with the archive."""
        try:
            yield
        except EOFError as error:
            raise self._errors.cut(str(error)) from error
        except (tarfile.TarError, zlib.error, *_OF_BAD_HEADERS) as error:
            is_cut = self._entries and self.is_cut
            raise self._errors.cut(str(error)) if is_cut else self._errors.unreadable(error) from error

    def count_entry(self) -> None:
        self._entries += 1
        if self._entries > self._limits.entries:
            raise self._errors.too_large(f"It has more than {self._limits.entries} entries.")

    def read(self, size: int = -1) -> bytes:
        data = self._next(size if size > 0 else io.DEFAULT_BUFFER_SIZE)
        self._unpacked_bytes += len(data)
        self._last = (self._last + data)[-_BLOCK:]
        if not data:
            self.is_cut = self.is_cut or not self._has_end()
        self._check_limits()
        return data

    def finish(self) -> None:
        """Read what follows the last member and see that the archive ends as it should."""
        while self.read(1 << 16):
            pass
        if self.is_cut:
            raise self._errors.cut("its end-of-archive mark is missing")

    def _next(self, size: int) -> bytes:
        if self._gzip is None:
            data, self._pending = self._pending, b""
            return data or self._take(size)
        while not self._gzip.eof:
            packed = self._gzip.unconsumed_tail or self._pending or self._take(size)
            self._pending = b""
            data = self._gzip.decompress(packed, size)
            if data:
                return data
            if not packed:
                raise EOFError("the compressed stream stops in the middle")
        return self._following_stream(size)

    def _following_stream(self, size: int) -> bytes:
        """A gzip file may be several streams one after the other; anything else behind it is padding."""
        assert self._gzip is not None
        rest = self._gzip.unused_data or self._take(size)
        if not rest.startswith(_GZIP_MAGIC):
            return b""
        self._gzip = zlib.decompressobj(31)
        self._pending = rest
        return self._next(size)

    def _take(self, size: int) -> bytes:
        try:
            data = self._stream.read(size)
        except OSError as error:
            raise self._errors.unread(error) from error
        self._packed_bytes += len(data)
        return data

    def _has_end(self) -> bool:
        return len(self._last) == _BLOCK and not any(self._last)

    def _check_limits(self) -> None:
        if self._unpacked_bytes > self._limits.size_bytes:
            raise self._errors.too_large(f"It unpacks to more than {self._limits.size_bytes} bytes.")
        counted = self._unpacked_bytes > _RATIO_COUNTS_FROM_BYTES
        if counted and self._unpacked_bytes > self._limits.ratio * self._packed_bytes:
            raise self._errors.too_large(f"It unpacks to more than {self._limits.ratio} times its size.")


class _Content(io.RawIOBase):
    """One member's content."""

    def __init__(self, unpacked: _Unpacked, tar: tarfile.TarFile, info: tarfile.TarInfo) -> None:
        super().__init__()
        self._unpacked = unpacked
        self._content = tar.extractfile(info) if info.isreg() else None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        with self._unpacked.explained():
            data = self._content.read(len(buffer)) if self._content else b""
        buffer[: len(data)] = data
        return len(data)


def _member(info: tarfile.TarInfo, errors: _ArchiveErrors) -> Member:
    name = _inside(info.name, info.name, errors)
    if info.issym() or info.islnk():
        same_as = _inside(info.linkname, info.name, errors) if info.islnk() else ""
        return Member(name=name, kind=MemberKind.LINK, same_as=same_as, mode=info.mode, link=_link(info, name, errors))
    if info.isdir():
        return Member(name=name, kind=MemberKind.FOLDER, mode=info.mode)
    if not info.isreg() or info.issparse():
        raise errors.special(info.name)
    return Member(name=name, kind=MemberKind.FILE, size=info.size, mode=info.mode)


def _link(info: tarfile.TarInfo, name: str, errors: _ArchiveErrors) -> str:
    """A symbolic link is meant from its own folder, a hard link from the root."""
    target = posixpath.join(posixpath.dirname(name), info.linkname) if info.issym() else info.linkname
    if posixpath.normpath(target).split("/")[0] in ("..", ""):
        raise errors.escapes(info.name, f"It links to '{info.linkname}'.")
    return info.linkname


def _inside(path: str, member: str, errors: _ArchiveErrors) -> str:
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or ".." in parts or "\0" in path:
        raise errors.escapes(member, "Its path is absolute or climbs with '..'.")
    if any(len(part) > _LONGEST_NAME // 4 and len(_bytes(part)) > _LONGEST_NAME for part in parts):
        raise errors.too_long(member, f"A file's name has at most {_LONGEST_NAME} bytes.")
    if len(path) > _LONGEST_PATH or len(parts) > _MAX_DEPTH:
        raise errors.too_long(member, f"A path has at most {_LONGEST_PATH} characters and {_MAX_DEPTH} folders here.")
    return "/".join(parts)


def _folders_above(name: str) -> Iterator[str]:
    at = name.find("/")
    while at > 0:
        yield name[:at]
        at = name.find("/", at + 1)


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
