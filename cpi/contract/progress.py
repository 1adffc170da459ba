"""What a plugin has to say while a call is under way. A plugin prints nothing: it reports here.

Takes lines of text, gives nothing.
"""

from typing import Protocol


class Progress(Protocol):
    """Both methods return at once and raise nothing; they may be called from many threads."""

    def report(self, text: str) -> None:
        """How far a long call is, in one line."""

    def prompt(self, text: str) -> None:
        """What a person must do now for the call to continue, such as entering a device code."""


class NoProgress:
    """A Progress that is discarded."""

    def report(self, text: str) -> None:
        """Dropped."""

    def prompt(self, text: str) -> None:
        """Dropped."""


NO_PROGRESS = NoProgress()
