"""The Runner port for real, and the one place that starts threads: what a thread raises always reaches another one.

Takes calls, gives their answers as they end.
"""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from director.model.ids import ActionId
from director.ports.clock import Clock
from director.ports.runner import Answer, Broken, Finished, Interrupted

Result = TypeVar("Result")
_OBSERVE_LIMIT_S = 0.25
"""A wait is cut into looks this long, so that Ctrl-C is noticed at once whatever the platform's queue does."""


class ThreadRunner:
    """`width` calls at a time at most; further ones wait for a thread. Used by one thread alone."""

    def __init__(self, clock: Clock, *, width: int = 64) -> None:
        self._clock = clock
        self._pool = ThreadPoolExecutor(max_workers=width, thread_name_prefix="call")
        self._finished: queue.SimpleQueue[Finished] = queue.SimpleQueue()
        self._is_interrupted = threading.Event()
        self._in_flight = 0
        self._is_waiting = False

    def start(self, action: ActionId, call: Callable[[], Answer]) -> None:
        """Begin the call in a thread of the pool."""
        self._in_flight += 1
        self._pool.submit(self._run, action, call)

    def wait(self, until: float | None) -> tuple[Finished, ...]:
        """Those calls that ended; waits for one, at most until the time `until`."""
        self._is_waiting = True
        try:
            ended = self._wait(until)
        finally:
            self._is_waiting = False
        self._in_flight -= len(ended)
        return ended

    def now(self) -> float:
        """The clock's time."""
        return self._clock.now()

    def check(self) -> None:
        """Raise Interrupted once it is cancelled."""
        if self._is_interrupted.is_set():
            raise Interrupted

    def cancel(self) -> bool:
        """Make the next look of `wait` raise Interrupted; what runs is not waited for. Safe in a signal handler."""
        self._is_interrupted.set()
        return self._is_waiting or self._in_flight > 0

    def close(self) -> None:
        """Start nothing more. Threads that still run are left alone: the process ends without them."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, action: ActionId, call: Callable[[], Answer]) -> None:
        try:
            answer: Answer | Broken = call()
        except BaseException as error:
            answer = Broken(error=error)
        self._finished.put(Finished(action=action, answer=answer))

    def _wait(self, until: float | None) -> tuple[Finished, ...]:
        while not self._is_interrupted.is_set():
            left_s = _OBSERVE_LIMIT_S if until is None else min(_OBSERVE_LIMIT_S, until - self._clock.now())
            first = self._take(max(left_s, 0.0))
            if first is not None:
                return (first, *self._rest())
            if until is not None and self._clock.now() >= until:
                return ()
        raise Interrupted

    def _take(self, timeout_s: float) -> Finished | None:
        try:
            return self._finished.get(timeout=timeout_s) if timeout_s else self._finished.get_nowait()
        except queue.Empty:
            return None

    def _rest(self) -> Iterator[Finished]:
        while (finished := self._take(0.0)) is not None:
            yield finished


def start_thread(run: Callable[[], None], *, name: str, on_broken: Callable[[BaseException], None]) -> threading.Thread:
    """Run it in a thread of its own; its exception goes to `on_broken`, which must pass it to the waiting code."""

    def guarded() -> None:
        try:
            run()
        except BaseException as error:
            on_broken(error)

    thread = threading.Thread(target=guarded, name=name, daemon=True)
    thread.start()
    return thread


def run_all(calls: Iterable[Callable[[], Result]], *, width: int) -> list[Result]:
    """Make the calls in parallel, at most `width` at a time; give their results in order.

    Raises what the first of them in order raised, once all have ended.
    """
    pool = ThreadPoolExecutor(max_workers=width, thread_name_prefix="all")
    with pool:
        running = [pool.submit(call) for call in calls]
    return [each.result() for each in running]


@contextmanager
def ticking(tick: Callable[[], None], *, every_s: float = 0.5) -> Iterator[None]:
    """Within: `tick` is called again and again beside the work. At the end, raise what it raised."""

    def run(ended: threading.Event) -> None:
        while not ended.wait(every_s):
            tick()

    with _beside(run, name="tick"):
        yield


@contextmanager
def deadline(act: Callable[[], None], *, after_s: float) -> Iterator[None]:
    """Within: `act` is called once if the work takes longer. At the end, raise what it raised."""

    def run(ended: threading.Event) -> None:
        if not ended.wait(after_s):
            act()

    with _beside(run, name="deadline"):
        yield


@contextmanager
def _beside(run: Callable[[threading.Event], None], *, name: str) -> Iterator[None]:
    ended = threading.Event()
    broken: list[BaseException] = []
    thread = start_thread(partial(run, ended), name=name, on_broken=broken.append)
    try:
        yield
    finally:
        ended.set()
        thread.join()
    if broken:
        raise broken[0]
