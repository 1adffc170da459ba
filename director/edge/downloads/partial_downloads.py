"""Downloads that continue where they were cut off, in this process or a later one.

Takes a URL and a key, gives the whole file as a stream; what came of it so far is kept in a folder.
"""

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar

from cpi.contract.value_classes import dataclass
from director.edge.downloads import downloads
from director.edge.downloads.downloads import Body, DownloadProgress, DownloadSettings, TemporaryDownloadError
from director.edge.machine import atomic_files
from director.errors import InputError, StateError

Result = TypeVar("Result")

_CHUNK_BYTES = 1 << 18
_FAR_BYTES = 1 << 20
"""A try that came so much further does not count as one that failed."""
_KEPT_S = 7 * 86_400.0
"""How long the beginning of a file is kept without a further try."""
_REPORT_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedFile:
    """`key` tells it from all other files. `is_checked`: its digest is known, so any server may continue it."""

    url: str
    key: str
    is_checked: bool


class PartialDownloads:
    """Safe to use from many threads and processes: a file is downloaded by one at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def download(self, wanted: WantedFile, settings: DownloadSettings, take: Callable[[BinaryIO], Result]) -> Result:
        """Give the file to `take`, once it is whole.

        A file that was put together of several answers and that `take` refuses is downloaded once more as a whole.
        Raises DownloadError, and what `take` raises; then nothing of a refused file is kept.
        """
        downloads.check_url(wanted.url, settings)
        part = self._folder / hashlib.sha256(wanted.key.encode()).hexdigest()
        with atomic_files.locked(part.with_suffix(".lock")):
            try:
                self._remove_old()
                return _download(_Part(part, wanted, settings), take)
            except OSError as error:
                if atomic_files.is_full(error):
                    _Part(part, wanted, settings).forget()  # it is in the way of what is to be stored
                raise atomic_files.storage_error(part, error) from error

    def _remove_old(self) -> None:
        """The locks stay: one that is removed while another process waits for it would be two."""
        for path in self._folder.iterdir():
            try:
                if path.suffix != ".lock" and time.time() - path.stat().st_mtime > _KEPT_S:
                    path.unlink()
            except FileNotFoundError:
                continue  # another process was faster


def _download(part: "_Part", take: Callable[[BinaryIO], Result]) -> Result:
    is_pieced = part.complete()
    try:
        return part.taken(take)
    except InputError:
        if not is_pieced:
            raise
    part.complete()
    return part.taken(take)


class _Part:
    """What came of a file so far, at `path`; beside it the validator of that content."""

    def __init__(self, path: Path, wanted: WantedFile, settings: DownloadSettings) -> None:
        self._path = path
        self._validator = path.with_suffix(".etag")
        self._wanted = wanted
        self._settings = settings

    def complete(self) -> bool:
        """Download what is missing; gives whether the file is of several answers."""
        delays, is_pieced = list(self._settings.retry_delays_s), self._size() > 0
        while True:
            before = self._size()
            try:
                self._continue()
                return is_pieced
            except TemporaryDownloadError:
                is_pieced = self._size() > 0
                if self._size() - before >= _FAR_BYTES:
                    delays = list(self._settings.retry_delays_s)
                if not delays:
                    raise
                time.sleep(delays.pop(0))

    def taken(self, take: Callable[[BinaryIO], Result]) -> Result:
        """What `take` makes of the file, which is not kept then; nor is one that it refuses."""
        with self._path.open("rb") as stream:
            try:
                result = take(stream)
            except (InputError, StateError):
                self.forget()
                raise
        self.forget()
        return result

    def forget(self) -> None:
        """After: nothing of it is kept."""
        self._path.unlink(missing_ok=True)
        self._validator.unlink(missing_ok=True)

    def _continue(self) -> None:
        start, validator = self._size(), self._validator.read_text() if self._validator.exists() else ""
        if not (self._wanted.is_checked or validator):
            start = 0
        url = self._wanted.url
        try:
            downloads.open_body(url, self._settings, start=start, validator=validator, take=self._store)
        except downloads.OutOfRangeError as error:
            if error.total == start and self._wanted.is_checked:
                return  # it was whole already
            self.forget()
            raise TemporaryDownloadError(f"{error}") from error

    def _store(self, body: Body) -> None:
        """Add the body to what is there, or begin again where the server did not continue."""
        meter = _Meter(self._wanted, self._settings, body)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            if os.fstat(out.fileno()).st_size < body.start:
                raise TemporaryDownloadError(f"{downloads.shown(self._wanted.url)}: what was begun is gone")
            out.truncate(body.start)
            out.seek(body.start)
            self._validator.write_text(body.validator)
            while data := body.stream.read(_CHUNK_BYTES):
                out.write(data)
                out.flush()
                meter.add(len(data))
        meter.end()

    def _size(self) -> int:
        return self._path.stat().st_size if self._path.exists() else 0


class _Meter:
    """Reports how far a download is, twice a second."""

    def __init__(self, wanted: WantedFile, settings: DownloadSettings, body: Body) -> None:
        self._label = downloads.shown(wanted.url).rpartition("/")[2] or downloads.shown(wanted.url)
        self._report = settings.report
        self._done, self._total = body.start, body.total
        self._reported_at = 0.0

    def add(self, size: int) -> None:
        self._done += size
        if time.monotonic() - self._reported_at >= _REPORT_S:
            self._say(is_over=False)

    def end(self) -> None:
        self._say(is_over=True)

    def _say(self, *, is_over: bool) -> None:
        self._reported_at = time.monotonic()
        self._report(DownloadProgress(label=self._label, done=self._done, total=self._total, is_over=is_over))
