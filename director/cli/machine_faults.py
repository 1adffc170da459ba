"""Exceptions whose cause is the machine, not the program: no working folder, no free descriptor, no memory.

Takes an unexpected exception, gives what to say, or None where it is a bug.
"""

import errno
from pathlib import Path

from cpi.contract.errors import ExplainedError

_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE})


def explain(error: BaseException) -> ExplainedError | None:
    """What of this machine the exception is about. Codes: working-folder-missing, too-many-open-files, out-of-memory.

    Libraries wrap a system's error in one of their own, so causes count, too.
    """
    for each in _causes(error):
        if isinstance(each, FileNotFoundError) and not _has_working_folder():
            return _folder_missing()
        if isinstance(each, OSError) and each.errno in _DESCRIPTORS:
            return _descriptors_used_up()
        if isinstance(each, MemoryError) or (isinstance(each, OSError) and each.errno == errno.ENOMEM):
            return _out_of_memory()
    return None


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    each: BaseException | None = error
    while each is not None and each not in found:
        found.append(each)
        each = each.__cause__ or each.__context__
    return found


def _has_working_folder() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def _folder_missing() -> ExplainedError:
    return ExplainedError(
        "working-folder-missing",
        "The current folder does not exist any more.",
        why="It was deleted or replaced after the shell entered it; relative paths lead nowhere.",
        fix="Change to another folder, such as with `cd`, and run the command again.",
    )


def _descriptors_used_up() -> ExplainedError:
    return ExplainedError(
        "too-many-open-files",
        "This machine allows no further open file.",
        why="The limit of the process or of the machine is reached.",
        fix="Raise it, such as with `ulimit -n 1024`, and run the same command again: it observes and continues.",
    )


def _out_of_memory() -> ExplainedError:
    return ExplainedError(
        "out-of-memory",
        "This machine has no memory left for the command.",
        why="The limit of the process or of the machine is reached.",
        fix="Free memory, or raise the limit (`ulimit -v`), and run the same command again: it observes and continues.",
    )
