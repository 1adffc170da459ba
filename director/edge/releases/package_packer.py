"""A package of a release directory packed: its files, its fetched blobs, and what its pre_packaging script makes.

Takes a draft whose digests are all known, gives the digest of its archive in the blobstore.
"""

import os
import stat
import subprocess
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO

from director.edge.blobs import archives
from director.edge.releases import packing
from director.edge.releases.fetch import Fetcher
from director.edge.releases.packing import PackEntry
from director.errors import InputError
from director.model.ids import Digest
from director.model.releases.release_files import BlobPin, PackageDraft, PackagePart
from director.ports.blobstore import Blobstore

_PRE_PACKAGING = "pre_packaging"
_LAST_BYTES = 2000
_SCRIPT_TIMEOUT_S = 1800.0


class PackagePacker:
    """Packs packages of the release in `directory`; pre_packaging scripts see `environment`."""

    def __init__(
        self, directory: Path, blobstore: Blobstore, *, fetcher: Fetcher, environment: Mapping[str, str]
    ) -> None:
        self._directory = directory
        self._blobstore = blobstore
        self._fetcher = fetcher
        self._environment = environment

    def pack(self, package: PackageDraft, architecture: str, workspace: Path) -> Digest:
        """Pack for one architecture; `workspace` is an empty folder.

        Raises InputError: those of Fetcher.fetch_pins, release-changed, pre-packaging-failed.
        """
        if package.vendored:
            return self._vendored(package.name, package.vendored)
        parts = [part for part in package.parts if _is_for(part, architecture)]
        blobs = self._fetcher.fetch_pins(missing_pins(package, architecture), self._directory)
        entries = [self._entry(part, blobs, package.name) for part in parts]
        scripts = [self._directory / part.file for part in parts if part.path == _PRE_PACKAGING]
        if scripts:
            entries = self._prepared(entries, package.name, scripts[0], staging=workspace / "staging")
        with packing.packed_stream(entries, is_compressed=package.is_compressed) as stream:
            return self._blobstore.put_blob(stream)

    def _vendored(self, name: str, pin: BlobPin) -> Digest:
        """A ready archive, looked through before it goes to a VM."""
        digest = self._fetcher.fetch_pins([pin], self._directory)[pin.path]
        with self._blobstore.open_blob(digest) as stream:
            for _ in archives.read_members(stream, f"package {name}", where=pin.where):
                pass
        return digest

    def _entry(self, part: PackagePart, blobs: Mapping[str, Digest], package: str) -> PackEntry:
        path = self._directory / part.file
        opened: Callable[[], BinaryIO] = partial(_open, path, package)
        if part.is_missing and part.pin:
            opened = partial(self._blobstore.open_blob, blobs[part.pin.path])
        return PackEntry(
            path=part.path,
            permissions=part.permissions,
            link=part.link,
            open=opened,
            digest=part.digest,
            refuse=lambda got: changed(package, f"{path} has digest {got}, expected {part.digest}"),
        )

    def _prepared(self, entries: list[PackEntry], package: str, script: Path, *, staging: Path) -> list[PackEntry]:
        """Lay the files out as BOSH does, run the script there, and take what is there afterwards."""
        for entry in entries:
            _lay_out(entry, staging)
        self._run_script(script, staging)
        (staging / _PRE_PACKAGING).unlink(missing_ok=True)
        return [_staged(path, staging, package) for path in sorted(staging.rglob("*")) if not _is_folder(path)]

    def _run_script(self, script: Path, staging: Path) -> None:
        environment = {**self._environment, "BUILD_DIR": str(staging), "RELEASE_DIR": str(self._directory.absolute())}
        log = staging.parent / "said"
        with log.open("w+b") as output:
            try:
                status = subprocess.run(
                    ["bash", "-x", str(script.absolute())],
                    cwd=staging,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    timeout=_SCRIPT_TIMEOUT_S,
                    check=False,
                ).returncode
            except subprocess.TimeoutExpired as error:
                raise _script_failed(f"did not end within {_SCRIPT_TIMEOUT_S:.0f} s", output, str(script)) from error
            if status != 0:
                raise _script_failed(f"ended with status {status}", output, str(script))


def missing_pins(package: PackageDraft, architecture: str) -> list[BlobPin]:
    """The pins of what must be fetched to pack it for one architecture, "" for every one."""
    if package.vendored:
        return [package.vendored]
    parts = [part for part in package.parts if _is_for(part, architecture)]
    return [part.pin for part in parts if part.is_missing and part.pin]


def changed(package: str, why: str) -> InputError:
    """What to say when a package is no longer what was planned."""
    return InputError(
        "release-changed",
        f"Package '{package}' changed after planning.",
        why=f"{why}.",
        fix="Run the command again: it plans with the current files.",
    )


def _is_for(part: PackagePart, architecture: str) -> bool:
    return not (part.pin and architecture) or part.pin.architecture in ("", architecture)


def _open(path: Path, package: str) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise changed(package, f"{path} can no longer be read: {error.strerror}") from error


def _lay_out(entry: PackEntry, staging: Path) -> None:
    target = staging / entry.path
    target.parent.mkdir(parents=True, exist_ok=True)
    if entry.link is not None:
        target.symlink_to(entry.link)
        return
    with entry.open() as source, target.open("xb") as copy:
        while data := source.read(1 << 20):
            copy.write(data)
    target.chmod(0o755 if entry.permissions & stat.S_IXUSR else 0o644)


def _staged(path: Path, staging: Path, package: str) -> PackEntry:
    is_link = path.is_symlink()
    return PackEntry(
        path=path.relative_to(staging).as_posix(),
        permissions=path.lstat().st_mode,
        link=os.readlink(path) if is_link else None,  # noqa: PTH115  # a Path would tidy the text
        open=partial(_open, path, package),
        digest="",
        refuse=lambda got: changed(package, f"{path} changed while it was read: {got}"),
    )


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _script_failed(what: str, output: BinaryIO, where: str) -> InputError:
    size = output.seek(0, os.SEEK_END)
    output.seek(max(0, size - _LAST_BYTES))
    last = " | ".join(output.read().decode(errors="replace").split("\n")[-12:]).strip(" |")
    return InputError(
        "pre-packaging-failed",
        f"The script pre_packaging {what}.",
        why=f"Its last output: {last}." if last else "It printed nothing.",
        fix="Correct the script; it runs with `bash -x` in BUILD_DIR, a copy of the package's files.",
        where=where,
    )
