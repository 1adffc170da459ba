"""A release tarball read: its manifest and its jobs whole, its packages' archives on demand.

Takes a stream, gives a ReleaseArchive, or puts a package's archive into the blobstore.
"""

import io
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from director.edge.blobs import archives, digests
from director.edge.blobs.archives import ArchiveLimits, MemberKind
from director.errors import InputError, raise_all
from director.model.ids import Digest
from director.model.releases.multi_digest import read_multi_digest
from director.model.releases.release_files import ReleaseArchive, TextFile
from director.ports.blobstore import Blobstore

_JOB_LIMITS = ArchiveLimits(entries=10_000, size_bytes=16 << 20)
_MAX_WHOLE_BYTES = 16 << 20
_JOB = re.compile(r"jobs/[^/]+\.tgz")
_MAX_JOBS_BYTES = 128 << 20
_PACKAGES = ("packages/", "compiled_packages/")


class TarballReader:
    """Reads one tarball; `name` is what messages call it, `where` who named it."""

    def __init__(self, name: str, where: str) -> None:
        self._name = name
        self._where = where

    def read_files(self, stream: BinaryIO) -> tuple[ReleaseArchive, Mapping[str, bytes]]:
        """Read release.MF and all jobs; give the jobs' archives by path too, for their digests to be checked.

        Raises InputError: those of read_members, release-manifest-missing.
        """
        manifest: bytes | None = None
        packed: dict[str, bytes] = {}
        for name, content in self._files(stream):
            if name == "release.MF":
                manifest = self._whole(content, name)
            elif _JOB.fullmatch(name):
                packed[name] = self._whole(content, name)
                if sum(map(len, packed.values())) > _MAX_JOBS_BYTES:
                    raise self._too_large("jobs/", _MAX_JOBS_BYTES)
        if manifest is None:
            raise self._without_manifest()
        return ReleaseArchive(origin=self._name, manifest=manifest, jobs=self._read_jobs(packed)), packed

    def check_jobs(self, packed: Mapping[str, bytes], wanted: Mapping[str, str]) -> None:
        """See that each job's archive has the digest that release.MF lists. Raises InputError: release-damaged."""
        for name, data in packed.items():
            if name in wanted:
                self._checked(name, io.BytesIO(data), wanted[name]).read()

    def store_packages(self, stream: BinaryIO, blobstore: Blobstore, wanted: Mapping[str, str]) -> dict[str, Digest]:
        """Put every package's archive into the blobstore; give its digests by path ("packages/redis.tgz").

        Raises InputError: release-damaged, those of read_members.
        """
        found = {}
        for name, content in self._files(stream):
            if name.startswith(_PACKAGES) and name in wanted:
                found[name] = blobstore.put_blob(self._checked(name, content, wanted[name]))
        return found

    def check_package(self, path: str, stream: BinaryIO) -> None:
        """See that a package's archive can be unpacked safely. Raises what read_members raises."""
        for _ in archives.read_members(stream, f"{self._name}:{path}", where=self._where):
            pass

    def check_packages(self, stream: BinaryIO, wanted: Mapping[str, str]) -> dict[str, InputError | None]:
        """Look at every package's archive; give what is wrong with each by path, None where nothing is.

        Writes nothing. Raises InputError: those of read_members, of the tarball itself.
        """
        found: dict[str, InputError | None] = {}
        for name, content in self._files(stream):
            if name.startswith(_PACKAGES) and name in wanted:
                found[name] = self._problem_of(name, content, wanted[name])
        return found

    def _problem_of(self, name: str, content: BinaryIO, wanted: str) -> InputError | None:
        """A wrong digest explains every other problem, so it is reported first."""
        problem = None
        try:
            checked = self._checked(name, content, wanted)
            try:
                self.check_package(name, checked)
            except InputError as error:
                problem = error
            while checked.read(digests.CHUNK_BYTES):
                pass
        except InputError as error:
            return error
        return problem

    def _files(self, stream: BinaryIO) -> Iterator[tuple[str, BinaryIO]]:
        for member, content in archives.read_members(stream, self._name, where=self._where):
            if member.kind is MemberKind.FILE:
                yield member.name, content

    def _read_jobs(self, packed: Mapping[str, bytes]) -> dict[str, Mapping[str, TextFile]]:
        jobs: dict[str, Mapping[str, TextFile]] = {}
        problems: list[InputError] = []
        left = _MAX_JOBS_BYTES
        for path, data in packed.items():
            try:
                job = self._read_job(path, data)
            except InputError as error:
                problems.append(error)
                continue
            left -= sum(len(file.content) for file in job.values())
            if left < 0:
                raise self._too_large("jobs/", _MAX_JOBS_BYTES)
            jobs[posixpath.basename(path)[:-4]] = job
        raise_all(problems)
        return jobs

    def _read_job(self, path: str, packed: bytes) -> dict[str, TextFile]:
        name = f"{self._name}:{path}"
        members = archives.read_members(io.BytesIO(packed), name, where=self._where, limits=_JOB_LIMITS)
        return {
            member.name: TextFile(content=content.read(), permissions=member.mode)
            for member, content in members
            if member.kind is MemberKind.FILE
        }

    def _whole(self, content: BinaryIO, name: str) -> bytes:
        data = content.read(_MAX_WHOLE_BYTES + 1)
        if len(data) > _MAX_WHOLE_BYTES:
            raise self._too_large(name, _MAX_WHOLE_BYTES)
        return data

    def _too_large(self, name: str, limit: int) -> InputError:
        return InputError(
            "release-part-too-large",
            f"'{name}' in '{self._name}' has more than {limit} bytes.",
            why="Release manifests and jobs are held in memory during planning.",
            fix="Check the source of the tarball; large files belong in packages.",
            where=self._where,
        )

    def _checked(self, name: str, stream: BinaryIO, multi_digest: str) -> BinaryIO:
        expected = read_multi_digest(multi_digest, f"{self._name}:release.MF")[0]

        def refuse(got: str) -> InputError:
            return InputError(
                "release-damaged",
                f"'{name}' in '{self._name}' does not match release.MF.",
                why=f"Expected {expected}, got {got}.",
                fix="Download or build the release again.",
                where=self._where,
            )

        return digests.checked_stream(stream, expected, refuse)

    def _without_manifest(self) -> InputError:
        return InputError(
            "release-manifest-missing",
            f"'{self._name}' is not a release.",
            why="It has no file release.MF.",
            fix="Name a tarball made by `create-release --tarball`.",
            where=self._where,
        )
