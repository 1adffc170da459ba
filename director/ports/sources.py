"""Documents that a person names, read as they are: all that a command needs which writes nothing.

Takes paths, gives sources.
"""

from typing import Protocol

from director.model.documents import Source


class Sources(Protocol):
    def read_source(self, path: str, *, base: str = "") -> Source:
        """The file's bytes, under the name the person used; "-" is standard input.

        `base` is the folder a relative path is meant from. Raises InputError: file-missing (nearest name),
        file-unreadable.
        """

    def is_there(self, path: str) -> bool:
        """Whether a file or folder is there."""
