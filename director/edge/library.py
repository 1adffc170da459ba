"""The Files port for real: files read and written, what ships with us found.

Takes paths, gives sources.
"""

import difflib
import os
import shutil
import sys
from pathlib import Path
from typing import BinaryIO

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
                raise _unreadable(path, f"it is larger than {_MAX_BYTES >> 20} MiB")
            return Source(name=path, content=place.read_bytes())
        except FileNotFoundError as error:
            raise _missing(path, place) from error
        except OSError as error:
            raise _unreadable(path, str(error.strerror)) from error

    def is_there(self, path: str) -> bool:
        """Whether a file or folder is there."""
        return Path(path).exists()

    def bundled(self, name: str) -> str:
        """The path of what ships with us: beside the package in a wheel, at the top of a checkout."""
        package = Path(__file__).parents[1]
        for folder in (package / "bundled", package.parent):
            if (folder / name).exists():
                return str(folder / name)
        raise InputError(
            "not-bundled",
            f"Nothing called '{name}' ships with compleat.",
            why=f"It is neither in {package / 'bundled'} nor in {package.parent}.",
            fix="Give the path of a file or folder of your own.",
        )

    def write_private(self, path: str, content: str) -> None:
        """Write a file that only this user may read."""
        place = Path(path)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = place.with_name(f".{place.name}.{os.getpid()}")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(content)
        partial.rename(place)

    def save_stream(self, path: str, stream: BinaryIO) -> str:
        """Write what the stream gives to a file of this user alone; gives its whole path."""
        place = Path(path).absolute()
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as target, stream:
            shutil.copyfileobj(stream, target)
        return str(place)

    def remove(self, path: str) -> None:
        """After: absent. Raises StateError for a path that is not below the home folder."""
        place = Path(path).absolute()
        if self._home not in place.parents:
            raise StateError("not-ours", f"{place} is not below {self._home}: it is not ours to remove.")
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)


def _missing(path: str, place: Path) -> InputError:
    folder = place.parent
    names = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    near = difflib.get_close_matches(place.name, names, n=1)
    return InputError(
        "file-missing",
        f"There is no file '{path}'.",
        why=f"Looked in {folder.absolute()}{'' if folder.is_dir() else ', which does not exist'}.",
        fix=f"Did you mean '{near[0]}'?" if near else "Check the path; it is meant from where you are.",
    )


def _unreadable(path: str, reason: str) -> InputError:
    return InputError(
        "file-unreadable",
        f"The file '{path}' cannot be read.",
        why=f"For {reason}.",
        fix="Check its permissions, and that it is a file.",
    )
