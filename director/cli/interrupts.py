"""Ctrl-C, SIGTERM and SIGHUP: they cancel a run that is under way, and interrupt anything else where it is.

Takes signals, calls a run's cancel or raises KeyboardInterrupt; while modules load they wait until that is done. An
error after a noted signal is that signal's: importers and libraries wrap KeyboardInterrupt into errors of their own.
"""

import os
import signal
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Interrupts:
    """Of one process; used by its main thread alone."""

    def __init__(self) -> None:
        self.noted: signal.Signals | None = None
        self._is_deferring = False
        self._cancel: Callable[[], bool] = _cancels_nothing

    def install(self) -> None:
        """Take the signals over. A SIGHUP that is ignored (nohup) stays so."""
        signal.signal(signal.SIGINT, self._on_signal)
        signal.signal(signal.SIGTERM, self._on_signal)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._on_signal)

    def ignore(self) -> None:
        """From here on the process ends by itself."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)

    def hold(self) -> None:
        """From here on signals are noted alone."""
        self._is_deferring = True

    def release(self) -> None:
        """From here on signals interrupt; one that came before does it now."""
        self._is_deferring = False
        if self.noted is not None:
            raise KeyboardInterrupt

    def interrupt(self) -> None:
        """Interrupt the process as Ctrl-C does, from any of its threads."""
        os.kill(os.getpid(), signal.SIGINT)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Within nothing is interrupted; what came is raised at the end."""
        before, self._is_deferring = self._is_deferring, True
        try:
            yield
        finally:
            self._is_deferring = before
            if self.noted is not None and not before:
                raise KeyboardInterrupt

    @contextmanager
    def cancelling(self, cancel: Callable[[], bool]) -> Iterator[None]:
        """Within, a signal calls this first; where it says that a run stops by itself, nothing else is interrupted."""
        before, self._cancel = self._cancel, cancel
        try:
            yield
        finally:
            self._cancel = before

    def _on_signal(self, number: int, frame: types.FrameType | None) -> None:
        self.noted = signal.Signals(number)
        if not self._cancel() and not self._is_deferring:
            raise KeyboardInterrupt


def _cancels_nothing() -> bool:
    return False
