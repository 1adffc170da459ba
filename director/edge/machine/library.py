"""The Files port for real: files read and written, what ships with us found.

Takes paths, gives sources.
"""

import difflib
import os
import shutil
import sys
from pathlib import Path
from typing import BinaryIO

from director.edge.machine import atomic_files
from director.errors import InputError, StateError
from director.model.documents import Source

_MAX_BYTES = 64 * 1024 * 1024
"""A document larger than this is no manifest; reading it whole would only fill the memory."""


class Library:
    """`home` is the folder below which files may be removed."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def read_source(self, path: str, *, base: str = "") -> Source:
        """The file's bytes, under the name the person used."""
        if path == "-":
            return Source(name="<stdin>", content=sys.stdin.buffer.read(_MAX_BYTES))
        place = Path(base, path)
        try:
            if place.stat().st_size > _MAX_BYTES:
                raise _unreadable(path, f"It is larger than {_MAX_BYTES >> 20} MiB")
            return Source(name=_shown(path, place, base), content=place.read_bytes())
        except FileNotFoundError as error:
            raise missing_file(path, place) from error
        except OSError as error:
            raise _unreadable(path, f"System error: {error.strerror}") from error

    def is_there(self, path: str) -> bool:
        """Whether a file or folder is there."""
        return Path(path).exists()

    def list_folder(self, path: str) -> tuple[str, ...]:
        """The names in a folder, sorted; none where there is no such folder."""
        return tuple(_names_in(Path(path)))

    def bundled(self, name: str) -> str:
        """The path of what ships with us: beside the package in a wheel, at the top of a checkout."""
        package = Path(__file__).parents[2]
        for folder in (package / "bundled", package.parent):
            if (folder / name).exists():
                return str(folder / name)
        raise _not_bundled(name, [package / "bundled", package.parent])

    def write_private(self, path: str, content: str) -> None:
        """Write a file of this user alone, whole or not at all. Raises StateError: disk-full, storage-denied."""
        atomic_files.replace_file(Path(path), content.encode())

    def save_stream(self, path: str, stream: BinaryIO) -> str:
        """Write what the stream gives to a file of this user alone; gives its whole path."""
        place = Path(path).absolute()
        with stream:
            atomic_files.replace_by_stream(place, stream)
        return str(place)

    def read_end(self, path: str, size: int) -> tuple[str, int]:
        """The last bytes of a file as text, and how many stand before them; whole lines if there is more than one."""
        with Path(path).open("rb") as stream:
            before = max(0, stream.seek(0, os.SEEK_END) - size)
            stream.seek(before)
            end = stream.read(size)
        whole = end.partition(b"\n")[2] if before else end
        kept = whole or end
        return kept.decode("utf-8", "replace"), before + len(end) - len(kept)

    def remove(self, path: str) -> None:
        """After: absent. Raises StateError for a path that is not below the home folder."""
        place = Path(path).resolve()
        if self._home.resolve() not in place.parents:
            raise StateError("not-ours", f"{place} is not below {self._home}, so compleat does not remove it.")
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)


def missing_file(path: str, place: Path) -> InputError:
    """What to say when nothing is at that place, with the nearest name that is."""
    folder = Path(os.path.normpath(place.absolute())).parent
    near = difflib.get_close_matches(place.name, _names_in(folder), n=1)
    return InputError(
        "file-missing",
        f"File '{path}' does not exist.",
        why=f"Looked in {folder}{'' if folder.is_dir() else ', which does not exist'}.",
        fix=f"Did you mean '{near[0]}'?" if near else "Check the path; it is relative to the current folder.",
    )


def _unreadable(path: str, reason: str) -> InputError:
    return InputError(
        "file-unreadable",
        f"The file '{path}' cannot be read.",
        why=f"{reason}.",
        fix="Check its permissions, and that it is a file.",
    )


def _shown(path: str, place: Path, base: str) -> str:
    """What messages call the file: as the person wrote it, or from where they are if it was meant from elsewhere."""
    if not base or Path(path).is_absolute():
        return path
    whole = Path(os.path.normpath(place.absolute()))
    return str(whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else whole)


def _not_bundled(name: str, folders: list[Path]) -> InputError:
    kind, _, last = name.rpartition("/")
    known = sorted({entry for folder in folders for entry in _names_in(folder / kind)})
    near = difflib.get_close_matches(last, known, n=1)
    return InputError(
        "not-bundled",
        f"compleat ships no '{last}'.",
        why=f"Available in {kind}: {', '.join(known) or 'none'}.",
        fix=f"Did you mean '{near[0]}'?" if near else "Give the path of a file or folder of your own, as ./NAME.",
    )


def _names_in(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except OSError:
        return []
