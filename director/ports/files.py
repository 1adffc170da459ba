"""Files of the person who runs us: documents read, logins and keys written for them.

Takes paths, gives sources; writes whole files or none.
"""

from typing import BinaryIO, Protocol

from director.ports.sources import Sources


class Files(Sources, Protocol):
    def list_folder(self, path: str) -> tuple[str, ...]:
        """The names in a folder, sorted; none where there is no such folder."""

    def open_file(self, path: str) -> BinaryIO:
        """Read a file of any size. Raises InputError: file-missing, file-unreadable."""

    def size_of(self, path: str) -> int | None:
        """How many bytes a file has; None where there is no such file."""

    def bundled(self, name: str) -> str:
        """The path of what ships with us: "manifests/platform". Raises InputError, code `not-bundled`."""

    def write_private(self, path: str, content: str) -> None:
        """Write a file that only this user may read (0600), in a folder of the same kind (0700)."""

    def save_stream(self, path: str, stream: BinaryIO) -> str:
        """Write what the stream gives to a file of this user alone; gives its whole path."""

    def read_end(self, path: str, size: int) -> tuple[str, int]:
        """The last bytes of a file as text, and how many stand before them; whole lines if there is more than one."""

    def remove(self, path: str) -> None:
        """After: absent, a folder with all that is in it. Only below the home folder."""
