"""How `interpolate` ends where nothing has to be explained; the general door explains.

Takes words and the signals of the process, gives an exit code. Imports no click: its import takes longer than most
manifests.
"""

import importlib
import os
from collections.abc import Sequence
from typing import Protocol

from cpi.contract.errors import ExplainedError
from director.app.use_cases import interpolate
from director.app.wiring.sources import open_sources
from director.cli import interpolation
from director.cli.interrupts import Interrupts
from director.cli.terminal import streams


class GeneralDoor(Protocol):
    """The door of all commands."""

    def run(self) -> int: ...
    def end_refused(self, error: ExplainedError) -> int: ...
    def end_interrupted(self) -> int: ...
    def end_broken(self, error: Exception) -> int: ...


class QuickDoor:
    """One `interpolate` of one process."""

    def __init__(self, words: Sequence[str], interrupts: Interrupts) -> None:
        self._words = words
        self._interrupts = interrupts

    def run(self) -> int:
        """Run the command to its end. Raises KeyboardInterrupt and unexpected exceptions."""
        flags = interpolation.read_words(self._words[1:], os.environ)
        if flags is None:
            with self._interrupts.deferred():
                general = self._general()
            return general.run()
        try:
            request = interpolation.read_request(flags, open_sources(), environ=os.environ)
            result = interpolate.run_interpolate(request)
            if result.remarks:
                self._note(interpolation.remark_lines(result))
            streams.write_result(result.output.encode())
        except ExplainedError as error:
            with self._interrupts.deferred():
                general = self._general()
            return general.end_refused(error)
        return 0

    def end_interrupted(self) -> int:
        """Somebody stopped it."""
        return self._general().end_interrupted()

    def end_broken(self, error: Exception) -> int:
        """Describe an unexpected exception."""
        return self._general().end_broken(error)

    def _general(self) -> GeneralDoor:
        door: GeneralDoor = importlib.import_module("director.cli.door").Door(self._words, self._interrupts)
        return door

    def _note(self, lines: Sequence[str]) -> None:
        with self._interrupts.deferred():
            refusals = importlib.import_module("director.cli.terminal.refusals")
        refusals.show_words(lines)
