"""Downloads that are cut off continue where they were, in this process or a later one; what is wrong is never kept."""

import hashlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

import pytest

from director.edge.downloads.downloads import DownloadError, DownloadProgress, DownloadSettings
from director.edge.downloads.partial_downloads import PartialDownloads, WantedFile
from director.errors import InputError

BODY = bytes(range(256)) * 20_000


@dataclass(slots=True)
class Mirror:
    """Serves one file by ranges, as object stores do. `cut_at` ends each answer after so many of its bytes.

    `has_ranges` False: every answer is the whole file. `asked` are the Range headers, None without.
    """

    body: bytes = BODY
    etag: str = '"one"'
    cut_at: int | None = None
    has_ranges: bool = True
    url: str = ""
    asked: list[str | None] = field(default_factory=list)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = handler.headers.get("Range")
        self.asked.append(asked)
        is_same = handler.headers.get("If-Range", self.etag) == self.etag
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.has_ranges and is_same else 0
        if start >= len(self.body):
            handler.send_response(416)
            handler.send_header("Content-Range", f"bytes */{len(self.body)}")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(self.body) - 1}/{len(self.body)}")
        if self.etag:
            handler.send_header("ETag", self.etag)
        handler.send_header("Content-Length", str(len(self.body) - start))
        handler.end_headers()
        rest = self.body[start:]
        handler.wfile.write(rest if self.cut_at is None else rest[: self.cut_at])
        handler.close_connection = True


@contextmanager
def mirroring(mirror: Mirror) -> Iterator[Mirror]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            mirror.answer(self)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    mirror.url = f"http://127.0.0.1:{server.server_port}/a.tgz"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield mirror
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def settings_of(*, tries: int = 1, seen: list[DownloadProgress] | None = None) -> DownloadSettings:
    report = (lambda progress: None) if seen is None else seen.append
    return DownloadSettings(
        timeout_s=5.0, retry_delays_s=(0.0,) * (tries - 1), allows_loopback_http=True, report=report
    )


def download(folder: Path, mirror: Mirror, *, is_checked: bool = True, tries: int = 1, body: bytes = BODY) -> bytes:
    """Download it as what is expected; another file is refused."""

    def take(stream: BinaryIO) -> bytes:
        data = stream.read()
        if hashlib.sha256(data).digest() != hashlib.sha256(body).digest():
            raise InputError("digest-mismatch", "Another file.")
        return data

    wanted = WantedFile(url=mirror.url, key="a", is_checked=is_checked)
    return PartialDownloads(folder).download(wanted, settings_of(tries=tries), take)


def kept(folder: Path) -> list[int]:
    """Sizes of what is kept of files."""
    return [path.stat().st_size for path in folder.iterdir() if path.suffix == ""]


@pytest.mark.parametrize("is_checked", [True, False])
def test_what_was_cut_off_continues_in_a_later_process(tmp_path: Path, is_checked: bool) -> None:
    with mirroring(Mirror(cut_at=3_000_000)) as mirror:
        with pytest.raises(DownloadError, match=r"stopped 2120000 bytes before its end"):
            download(tmp_path, mirror, is_checked=is_checked)
        assert kept(tmp_path) == [3_000_000]
        assert download(tmp_path, mirror, is_checked=is_checked) == BODY
        assert (mirror.asked, kept(tmp_path)) == ([None, "bytes=3000000-"], [])


def test_a_killed_process_leaves_what_the_next_one_continues(tmp_path: Path) -> None:
    with mirroring(Mirror(cut_at=4_000_000)) as mirror:
        fork = multiprocessing.get_context("fork")
        process = fork.Process(target=_die_while_downloading, args=(tmp_path, mirror.url))
        process.start()
        process.join(30)
        begun = kept(tmp_path)[0]
        assert (process.exitcode, 0 < begun <= 4_000_000) == (-9, True)
        mirror.cut_at = None
        assert download(tmp_path, mirror) == BODY
        assert mirror.asked[-1] == f"bytes={begun}-"


def _die_while_downloading(folder: Path, url: str) -> None:
    settings = replace(settings_of(), report=lambda _: os.kill(os.getpid(), signal.SIGKILL))
    PartialDownloads(folder).download(WantedFile(url=url, key="a", is_checked=True), settings, lambda s: s.read())


def test_tries_that_come_further_do_not_use_up_the_tries(tmp_path: Path) -> None:
    with mirroring(Mirror(cut_at=1_100_000)) as mirror:
        assert download(tmp_path, mirror, tries=2) == BODY
        assert len(mirror.asked) == 5
    with mirroring(Mirror(cut_at=1_000)) as mirror:
        with pytest.raises(DownloadError):
            download(tmp_path, mirror, tries=3)
        assert mirror.asked == [None, "bytes=1000-", "bytes=2000-"]


def test_another_content_is_never_joined_to_what_was_begun(tmp_path: Path) -> None:
    """An unpinned file continues only by its ETag; a pinned one that does not fit is downloaded once more, whole."""
    new = bytes(reversed(BODY))
    for is_checked, asked in ((False, [None, "bytes=2000000-"]), (True, [None, "bytes=2000000-", None])):
        with mirroring(Mirror(cut_at=2_000_000)) as mirror:
            with pytest.raises(DownloadError):
                download(tmp_path, mirror, is_checked=is_checked)
            mirror.body, mirror.cut_at = new, None
            mirror.etag = '"two"' if not is_checked else '"one"'
            assert download(tmp_path, mirror, is_checked=is_checked, body=new) == new
            assert mirror.asked == asked


def test_an_etag_that_is_no_header_is_not_sent_back(tmp_path: Path) -> None:
    with mirroring(Mirror(cut_at=2_000_000, etag='"one\r\n two"')) as mirror:
        with pytest.raises(DownloadError):
            download(tmp_path, mirror, is_checked=False)
        mirror.cut_at = None
        assert (download(tmp_path, mirror, is_checked=False), mirror.asked) == (BODY, [None, None])


def test_without_an_etag_an_unpinned_file_begins_anew(tmp_path: Path) -> None:
    with mirroring(Mirror(cut_at=2_000_000, etag="")) as mirror:
        with pytest.raises(DownloadError):
            download(tmp_path, mirror, is_checked=False)
        mirror.cut_at = None
        assert (download(tmp_path, mirror, is_checked=False), mirror.asked) == (BODY, [None, None])


def test_a_server_without_ranges_gives_the_whole_file_again(tmp_path: Path) -> None:
    with mirroring(Mirror(cut_at=2_000_000, has_ranges=False)) as mirror:
        with pytest.raises(DownloadError):
            download(tmp_path, mirror)
        mirror.cut_at = None
        assert download(tmp_path, mirror) == BODY


def test_a_wrong_file_is_refused_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    with mirroring(Mirror()) as mirror:
        with pytest.raises(InputError):
            download(tmp_path, mirror, body=b"other")
        assert (len(mirror.asked), kept(tmp_path)) == (1, [])


def test_what_was_whole_before_it_was_taken_is_not_downloaded_again(tmp_path: Path) -> None:
    with mirroring(Mirror()) as mirror:

        def fail(_: BinaryIO) -> bytes:
            raise RuntimeError("no room")

        with pytest.raises(RuntimeError):
            PartialDownloads(tmp_path).download(
                WantedFile(url=mirror.url, key="a", is_checked=True), settings_of(), fail
            )
        assert (download(tmp_path, mirror), mirror.asked) == (BODY, [None, f"bytes={len(BODY)}-"])


def test_progress_is_reported_to_the_end(tmp_path: Path) -> None:
    seen: list[DownloadProgress] = []
    with mirroring(Mirror()) as mirror:
        wanted = WantedFile(url=mirror.url, key="a", is_checked=True)
        PartialDownloads(tmp_path).download(wanted, settings_of(seen=seen), lambda stream: stream.read())
    assert seen[-1] == DownloadProgress(label="a.tgz", done=len(BODY), total=len(BODY), is_over=True)
    assert seen[0].done < len(BODY)
