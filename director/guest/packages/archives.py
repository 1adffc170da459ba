"""Archives packed so that the same content gives the same bytes, and unpacked so that nothing escapes.

Takes directories and tar files, gives tar files and directories.
"""

from __future__ import annotations

import gzip
import os
import posixpath
import shutil
import tarfile
import zlib
from typing import BinaryIO, List, Set, Tuple

from director.guest.failures import GuestError
from director.guest.system import files

EPOCH = 315532800  # 1980-01-01, the first instant that zip files know too
_MOST_ENTRIES = 1_000_000
_MOST_BYTES = 64 << 30
_MOST_DEPTH = 200
_MOST_PATH_BYTES = 3000


def pack_directory(directory: str, stream: BinaryIO) -> None:
    """Write the directory's content as tar.gz: sorted, owned by root, one date for all, no leading directory."""
    with gzip.GzipFile(filename="", mode="wb", compresslevel=3, fileobj=stream, mtime=0) as zipped:
        archive = tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 closed below
        for path, name in _entries(directory):
            _add(archive, path, name)
        archive.close()


def pack_files(root: str, names: List[str], stream: BinaryIO) -> None:
    """Write the named files below `root` as tar.gz, with their own dates."""
    with tarfile.open(fileobj=stream, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(names):
            archive.add(os.path.join(root, name), arcname=name, recursive=False)


def unpack_archive(archive_file: str, directory: str) -> None:
    """Unpack a tar (gzipped or plain) into an empty directory that it makes; nothing is written outside.

    Raises archive-broken, archive-escapes, archive-too-big, disk-full.
    """
    os.makedirs(directory)
    try:
        with tarfile.open(archive_file, mode="r:*") as archive:
            _Unpacking(directory).take_all(archive)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise GuestError(
            "archive-broken",
            "The archive %s cannot be read." % os.path.basename(archive_file),
            why=str(error),
            fix="Run the command again; if it fails again, rebuild the package.",
        ) from error
    except OSError as error:
        raise files.full_or(error, directory) from error


class _Unpacking:
    """One archive being unpacked: what is a link so far, and how much was written."""

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self._links: Set[str] = set()
        self._bytes = 0

    def take_all(self, archive: tarfile.TarFile) -> None:
        directories: List[Tuple[str, int]] = []
        for count, member in enumerate(archive):
            if count >= _MOST_ENTRIES:
                raise GuestError("archive-too-big", "The archive has more than %d entries." % _MOST_ENTRIES)
            name = self._safe_name(member.name)
            if member.isdir():
                os.makedirs(os.path.join(self._directory, name), exist_ok=True)
                directories.append((name, member.mode))
            else:
                self._take(archive, member, name=name)
        for name, mode in directories:
            os.chmod(os.path.join(self._directory, name), (mode & 0o777) | 0o700)

    def _take(self, archive: tarfile.TarFile, member: tarfile.TarInfo, *, name: str) -> None:
        path = os.path.join(self._directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.lexists(path):
            files.remove_path(path)
            self._links.discard(name)
        if "\0" in member.linkname:
            raise _escape(member.name, "it links to an invalid name")
        if member.issym():
            os.symlink(member.linkname, path)
            self._links.add(name)
        elif member.islnk():
            self._link(member, path)
        elif member.isfile():
            self._write(archive, member, path=path)
        else:
            raise _escape(member.name, "it is a device or a pipe")

    def _link(self, member: tarfile.TarInfo, path: str) -> None:
        source = self._safe_name(member.linkname)
        if source in self._links:
            raise _escape(member.name, "it is a hard link to a symbolic link")
        os.link(os.path.join(self._directory, source), path, follow_symlinks=False)

    def _write(self, archive: tarfile.TarFile, member: tarfile.TarInfo, *, path: str) -> None:
        self._bytes += member.size
        if self._bytes > _MOST_BYTES:
            raise GuestError("archive-too-big", "The archive unpacks to more than %d GiB." % (_MOST_BYTES >> 30))
        source = archive.extractfile(member)
        if source is None:
            raise tarfile.ReadError("no content for %s" % member.name)
        with source, open(path, "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
            if target.tell() != member.size:
                raise tarfile.ReadError("unexpected end of data")
            os.fchmod(target.fileno(), (member.mode & 0o777) | 0o400)
        os.utime(path, (member.mtime, member.mtime))

    def _safe_name(self, name: str) -> str:
        """The name, relative and plain; every folder above it must be a real one."""
        plain = posixpath.normpath(name)
        if plain == ".." or plain.startswith(("/", "../")) or "\0" in name:
            raise _escape(name, "it points outside the archive")
        parts = plain.split("/")
        if any(len(part.encode("utf-8", "surrogateescape")) > files.MOST_NAME_BYTES for part in parts):
            raise _escape(name[:100] + "...", "a file's name has at most %d bytes" % files.MOST_NAME_BYTES)
        if len(parts) > _MOST_DEPTH or len(plain.encode("utf-8", "surrogateescape")) > _MOST_PATH_BYTES:
            raise _escape(name[:100] + "...", "it is nested deeper than %d folders" % _MOST_DEPTH)
        for length in range(1, len(parts)):
            if "/".join(parts[:length]) in self._links:
                raise _escape(name, "a folder above it is a symbolic link")
        return plain


def _escape(name: str, why: str) -> GuestError:
    return GuestError(
        "archive-escapes",
        "The archive entry %r is refused." % name,
        why=why,
        fix="Rebuild the package without that entry.",
    )


def _entries(directory: str) -> List[Tuple[str, str]]:
    """Every path below the directory with its name in the archive, in byte order."""
    found = []
    for folder, directories, names in os.walk(directory):
        for name in directories + names:
            path = os.path.join(folder, name)
            found.append((path, "./" + os.path.relpath(path, directory)))
    return sorted(found, key=lambda entry: entry[1])


def _add(archive: tarfile.TarFile, path: str, name: str) -> None:
    entry = archive.gettarinfo(path, arcname=name)
    if entry is None or not (entry.isfile() or entry.isdir() or entry.issym() or entry.islnk()):
        return
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mtime = EPOCH
    if entry.isfile():
        with open(path, "rb") as source:
            archive.addfile(entry, source)
    else:
        archive.addfile(entry)
