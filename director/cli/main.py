"""The command line's door: what stands between a command and the terminal it was typed at.

Takes arguments, gives an exit code: 0 done, 1 failed, 2 wrong use, 3 refused before anything was created,
4 interrupted and resumable, 5 lock held.
"""

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Protocol

from director.cli import late_modules
from director.cli.interrupts import Interrupts
from director.cli.terminal import streams


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code. A user never sees a traceback.

    Nothing slow is imported before the signals are ours: a Ctrl-C while modules load ends with words, too.
    """
    code = _run(sys.argv[1:] if arguments is None else arguments)
    # Threads may still wait for a call whose answer is no longer needed: exit without them.
    os._exit(code)


_OBJECTS_PER_COLLECTION = 500_000
"""A command makes values that live until it ends: looking for cycles every 700 of them costs a tenth of a plan. The
modules alone are 70,000, so that with fewer than 100,000 each plan would look through all of them once."""


_NO_PLUGINS = ("PYDANTIC_DISABLE_PLUGINS", "__all__")
"""pydantic would look for plugins of its own in every installed package; nothing may change what is valid here."""

_INTERPOLATE = frozenset({"int", "interpolate"})


class ProcessDoor(Protocol):
    """What runs a command, and says how it ended."""

    def run(self) -> int: ...
    def end_interrupted(self) -> int: ...
    def end_broken(self, error: Exception) -> int: ...


def _run(words: Sequence[str]) -> int:
    os.environ.setdefault(*_NO_PLUGINS)
    gc.set_threshold(_OBJECTS_PER_COLLECTION, 50, 50)
    interrupts = Interrupts()
    interrupts.hold()
    interrupts.install()
    streams.prepare()
    door = _door(words, interrupts)
    try:
        interrupts.release()
        code = door.run()
    except KeyboardInterrupt:
        interrupts.ignore()
        code = door.end_interrupted()
    except Exception as error:
        interrupts.ignore()
        code = door.end_broken(error)
    return int(code)


def _door(words: Sequence[str], interrupts: Interrupts) -> ProcessDoor:
    """The door of all commands, or the one of the command that must start at once."""
    door: ProcessDoor
    if words and words[0] in _INTERPOLATE:
        late_modules.load_late(["copy", "inspect", "json"])  # dataclasses and errors of ops files import them
        door = importlib.import_module("director.cli.quick_door").QuickDoor(words, interrupts)
    else:
        # paramiko imports it, with asyncio and unittest.mock, for `Match exec` of OpenSSH's configuration files alone
        late_modules.load_late(["invoke"])
        # with fractions and decimals, for medians of former runs
        late_modules.load_late(["statistics"])
        # pydantic imports it for plugins, and looks for none
        late_modules.load_late_with("importlib.metadata", "entry_points")
        door = importlib.import_module("director.cli.door").Door(words, interrupts)
    return door


if __name__ == "__main__":
    main()
