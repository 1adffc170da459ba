"""The Sources port for real. Imports nothing slow: reading documents is most of what `interpolate` does.

Takes paths, gives sources.
"""

import importlib
import os
import sys
from typing import BinaryIO

from director.errors import InputError
from director.model.documents import Source

_MAX_BYTES = 64 * 1024 * 1024
"""A document larger than this is no manifest; reading it whole would only fill the memory."""


class SourceFiles:
    """Files of this machine."""

    def read_source(self, path: str, *, base: str = "") -> Source:
        """The file's bytes, under the name the person used."""
        if path == "-":
            return Source(name="<stdin>", content=_whole(sys.stdin.buffer, "<stdin>"))
        place = os.path.join(base, path)
        try:
            with open(place, "rb") as stream:
                return Source(name=_shown(path, place, base), content=_whole(stream, path))
        except FileNotFoundError as error:
            raise missing_file(path, place) from error
        except OSError as error:
            raise unreadable_file(path, f"System error: {error.strerror}") from error

    def is_there(self, path: str) -> bool:
        """Whether a file or folder is there."""
        return os.path.exists(path)


def missing_file(path: str, place: str) -> InputError:
    """What to say when nothing is at that place, with the nearest name that is."""
    folder, name = os.path.split(os.path.abspath(place))
    near = importlib.import_module("difflib").get_close_matches(name, names_in(folder), n=1)
    return InputError(
        "file-missing",
        f"File '{path}' does not exist.",
        why=f"Looked in {folder}{'' if os.path.isdir(folder) else ', which does not exist'}.",
        fix=f"Did you mean '{near[0]}'?" if near else "Check the path; it is relative to the current folder.",
    )


def names_in(folder: str) -> list[str]:
    """The names in a folder, sorted; none where there is no such folder."""
    try:
        return sorted(os.listdir(folder or "."))
    except OSError:
        return []


def unreadable_file(path: str, reason: str) -> InputError:
    """What to say of a file that is there and cannot be read."""
    return InputError(
        "file-unreadable",
        f"The file '{path}' cannot be read.",
        why=f"{reason}.",
        fix="Check its permissions, and that it is a file.",
    )


def _whole(stream: BinaryIO, path: str) -> bytes:
    """All of it, also of a device or a pipe, which have no size."""
    content = stream.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise unreadable_file(path, f"It is larger than {_MAX_BYTES >> 20} MiB")
    return content


def _shown(path: str, place: str, base: str) -> str:
    """What messages call the file: as the person wrote it, or from where they are if it was meant from elsewhere."""
    if not base or os.path.isabs(path):
        return path
    whole, here = os.path.abspath(place), os.getcwd()
    return os.path.relpath(whole, here) if whole.startswith(os.path.join(here, "")) else whole
