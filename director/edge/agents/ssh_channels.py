"""What every use of an SSH channel needs: lines, and an end to what is asked.

Takes a paramiko channel, gives its lines.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import paramiko

from director.edge.agents import ssh_closing
from director.edge.machine import threads

_READ = 1 << 16
_LONGEST_LINE = 1 << 16


class LineReader:
    """Lines from a channel that has no other reader."""

    def __init__(self, channel: paramiko.Channel) -> None:
        self._channel = channel
        self._rest = b""

    def read_line(self) -> bytes:
        """The next line without its end, or the beginning of a longer one.

        b"" when the channel is closed or silent for too long.
        """
        while b"\n" not in self._rest and len(self._rest) < _LONGEST_LINE:
            try:
                chunk = self._channel.recv(_READ)
            except OSError:
                return b""
            if not chunk:
                return b""
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def take_rest(self) -> bytes:
        """What was read beyond the last line."""
        rest, self._rest = self._rest, b""
        return rest


@contextmanager
def answering_within(channel: paramiko.Channel, timeout_s: float) -> Iterator[None]:
    """Close the channel if what is asked within takes longer: paramiko itself waits for an answer without end.

    A VM that dies right then sends no answer and no end; the wait ends with SSHException.
    """
    with threads.deadline(partial(ssh_closing.close_quietly, channel), after_s=timeout_s):
        yield
