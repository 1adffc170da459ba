"""Tells the file system that what is below a directory belongs together only within each child.

Takes directories that this process owns; gives nothing. ext4 places a new directory's files near its parent's: all VMs
would share the block groups of one folder, and where those are full a place for each new file is searched for (20 times
as slow, measured). As the "top of a directory hierarchy" (chattr +T) the folder gives each child a place of its own.
"""

import contextlib
import fcntl
import os
import struct

_TOP_OF_HIERARCHY = 0x00020000  # linux/fs.h: FS_TOPDIR_FL
_GET_FLAGS = 0x80086601  # linux/fs.h: FS_IOC_GETFLAGS; the size in it says long, what is read and written is an int
_SET_FLAGS = 0x40086602


def spread_children(directory: str) -> None:
    """Mark the directory; a file system that knows no such mark is left as it is."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):
            _write_flags(descriptor, _read_flags(descriptor) | _TOP_OF_HIERARCHY)
    finally:
        os.close(descriptor)


def _read_flags(descriptor: int) -> int:
    answer = fcntl.ioctl(descriptor, _GET_FLAGS, bytes(8))
    return int(struct.unpack("I", answer[:4])[0])


def _write_flags(descriptor: int, flags: int) -> None:
    fcntl.ioctl(descriptor, _SET_FLAGS, struct.pack("Q", flags))
