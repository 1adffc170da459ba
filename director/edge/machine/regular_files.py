"""Files that are files: a pipe or a device in the place of one is refused, where opening or reading it would never end.

Takes paths, gives open files.
"""

import errno
import os
import stat
from contextlib import ExitStack
from io import BufferedReader
from pathlib import Path


def open_file(path: Path) -> BufferedReader:
    """Open a file to read it. Raises OSError, as `open` does, also for what is neither a file nor a folder."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with ExitStack() as unless_opened:
        unless_opened.callback(os.close, descriptor)
        mode = os.fstat(descriptor).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise OSError(errno.EINVAL, "Not a regular file", str(path))
        stream = os.fdopen(descriptor, "rb")
        unless_opened.pop_all()
    return stream


def read_file(path: Path) -> bytes:
    """The content of a file. Raises OSError."""
    with open_file(path) as stream:
        return stream.read()
