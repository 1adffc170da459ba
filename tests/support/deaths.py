"""Dying at the n-th boundary: before and after everything that lasts.

Takes the number of a boundary, raises there; without one it counts them.
"""


class Death(BaseException):
    """The process is killed here. No Exception, so nothing may catch it on its way."""


class Deaths:
    """`at` counts boundaries from 1; None: never."""

    def __init__(self, at: int | None = None) -> None:
        self._at = at
        self.passed: list[str] = []

    def passing(self, boundary: str) -> None:
        """Pass a boundary, or die at it; after death nothing passes any more."""
        self.passed.append(boundary)
        if self._at is not None and len(self.passed) >= self._at:
            raise Death(boundary)

    @property
    def has_struck(self) -> bool:
        """Whether the process died."""
        return self._at is not None and len(self.passed) >= self._at
