"""A release directory read from disk: small files whole, src/ and blobs/ as listings, digests on demand.

Takes a directory, gives a ReleaseTree; decides nothing about what it means.
"""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from director.edge.blobs import digests
from director.errors import InputError
from director.model.releases.release import DirectoryFile
from director.model.releases.release_files import ListedFile, ReleaseTree, TextFile

_TEXTS = ("config", "jobs", "packages")
_INDICES = (".final_builds/*/*/index.yml", "releases/*/index.yml", "dev_releases/*/index.yml")
_OF_THIS_MACHINE = ("config/private.yml", "config/dev.yml")
_MAX_TEXT_BYTES = 16 << 20
_MAX_DEPTH = 200
_Seen = tuple[int, int, int, int]


def read_tree(directory: Path, where: str = "") -> ReleaseTree:
    """Read the directory; its packages' files are only listed. Raises InputError: release-unreadable."""
    texts: dict[str, TextFile] = {}
    try:
        for root in _TEXTS:
            texts.update(
                (f"{root}/{path}", _read_text(f"{directory}/{root}/{path}")) for path in _followed(directory / root)
            )
        for index in sorted(path for pattern in _INDICES for path in directory.glob(pattern)):
            texts[index.relative_to(directory).as_posix()] = _read_text(str(index))
        if (modules := directory / ".gitmodules").is_file():
            texts[modules.name] = _read_text(str(modules))
        sources, blobs = dict(_walk(directory / "src")), dict(_walk(directory / "blobs"))
    except OSError as error:
        raise _unreadable(error, where) from error
    return ReleaseTree(origin=str(directory), texts=texts, sources=sources, blobs=blobs)


def listed_files(tree: ReleaseTree) -> tuple[DirectoryFile, ...]:
    """All that was read or listed, but for credentials and what `bosh create-release` keeps of earlier versions."""
    texts = {
        path: ListedFile(permissions=file.permissions)
        for path, file in tree.texts.items()
        if path not in _OF_THIS_MACHINE and not path.startswith("dev_releases/")
    }
    found = {
        **texts,
        **{f"src/{path}": file for path, file in tree.sources.items()},
        **{f"blobs/{path}": file for path, file in tree.blobs.items()},
    }
    return tuple(
        DirectoryFile(path=path, is_executable=bool(file.permissions & 0o100), link=file.link)
        for path, file in sorted(found.items())
    )


def read_text(path: Path, where: str = "") -> TextFile:
    """Read one more small file. Raises InputError: release-unreadable."""
    try:
        return _read_text(str(path))
    except OSError as error:
        raise _unreadable(error, where) from error


class FileDigests:
    """Digests of files, each read once as long as it stays as it is."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[_Seen, str]] = {}

    def digest_files(self, directory: Path, files: Iterable[str], where: str = "") -> dict[str, str]:
        """Hash the named files of the directory. Raises InputError: release-unreadable."""
        try:
            return {file: self._digest(directory / file) for file in files}
        except OSError as error:
            raise _unreadable(error, where) from error

    def _digest(self, path: Path) -> str:
        with path.open("rb") as stream:
            status = os.fstat(stream.fileno())
            seen = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
            known = self._known.get(str(path))
            if known and known[0] == seen:
                return known[1]
            digest = digests.hash_stream(stream)
        self._known[str(path)] = (seen, digest)
        return digest


def _walk(root: Path) -> Iterator[tuple[str, ListedFile]]:
    """Every file and symbolic link below root, by its path from there; linked folders are not entered."""
    for folder, folders, files in os.walk(root, onerror=_raise):
        folders.sort()
        prefix = os.path.relpath(folder, root)
        if prefix.count("/") >= _MAX_DEPTH:
            raise OSError(errno.ELOOP, f"folders nest deeper than {_MAX_DEPTH} levels", folder)
        links = [name for name in folders if Path(folder, name).is_symlink()]
        for name in sorted(files + links):
            listed = _list(os.path.join(folder, name))
            if listed:
                yield (name if prefix == "." else f"{prefix}/{name}"), listed


def _followed(root: Path) -> Iterator[str]:
    """Every file below root, also those in a linked folder; but links within that are not entered again."""
    for path, listed in _walk(root):
        if listed.link is not None and (root / path).is_dir():
            yield from (f"{path}/{inner}" for inner, file in _walk(root / path) if file.link is None)
        else:
            yield path


def _list(path: str) -> ListedFile | None:
    """None for what is neither a file nor a link: sockets, pipes, devices."""
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        return ListedFile(permissions=0o777, link=os.readlink(path))  # noqa: PTH115  # a Path would tidy the text
    return ListedFile(permissions=stat.S_IMODE(status.st_mode)) if stat.S_ISREG(status.st_mode) else None


def _read_text(path: str) -> TextFile:
    """Links are followed, as BOSH does for jobs; the permissions stay those of the link, as in its fingerprints."""
    with open(path, "rb") as stream:
        content = stream.read(_MAX_TEXT_BYTES + 1)
    if len(content) > _MAX_TEXT_BYTES:
        raise OSError(0, f"it has more than {_MAX_TEXT_BYTES} bytes", path)
    return TextFile(content=content, permissions=stat.S_IMODE(os.lstat(path).st_mode))


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _unreadable(error: OSError, where: str) -> InputError:
    return InputError(
        "release-unreadable",
        f"Cannot read '{error.filename}' of the release.",
        why=f"System error: {error.strerror}.",
        fix="Check that the file exists, that its links resolve, and that your user may read it.",
        where=where,
    )
