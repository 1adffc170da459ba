"""The Files port for real: files read and written, what ships with us found.

Takes paths, gives sources.
"""

import difflib
import os
import shutil
from pathlib import Path
from typing import BinaryIO

from director.edge.machine import atomic_files, sources
from director.edge.machine.sources import SourceFiles
from director.errors import InputError, StateError


class Library(SourceFiles):
    """`home` is the folder below which files may be removed."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def list_folder(self, path: str) -> tuple[str, ...]:
        """The names in a folder, sorted; none where there is no such folder."""
        return tuple(sources.names_in(path))

    def open_file(self, path: str) -> BinaryIO:
        """Read a file of any size. Raises InputError: file-missing, file-unreadable."""
        try:
            return Path(path).open("rb")
        except FileNotFoundError as error:
            raise sources.missing_file(path, path) from error
        except OSError as error:
            raise sources.unreadable_file(path, f"System error: {error.strerror}") from error

    def size_of(self, path: str) -> int | None:
        """How many bytes a file has; None where there is no such file."""
        place = Path(path)
        return place.stat().st_size if place.is_file() else None

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


def _not_bundled(name: str, folders: list[Path]) -> InputError:
    kind, _, last = name.rpartition("/")
    known = sorted({entry for folder in folders for entry in sources.names_in(str(folder / kind))})
    near = difflib.get_close_matches(last, known, n=1)
    return InputError(
        "not-bundled",
        f"compleat ships no '{last}'.",
        why=f"Available in {kind}: {', '.join(known) or 'none'}.",
        fix=f"Did you mean '{near[0]}'?" if near else "Give the path of a file or folder of your own, as ./NAME.",
    )
