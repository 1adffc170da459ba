"""The page of a task as a process: its address, who may enter, what it sends and when it ends."""

import json
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlparse

import httpx
import pytest

from director.app.sessions.records import History
from director.app.sessions.settings import Settings
from director.app.wiring import records
from director.cli import page_process
from director.cli.page_process import PageProcess
from director.model.ids import EnvironmentName
from director.model.tasks.caller import Caller
from director.model.tasks.events import Event, Happening
from director.model.tasks.task import Task, TaskState
from director.page import presence

_ENVIRONMENT = EnvironmentName("paged")
_SECONDS = 60


class Visitor:
    """A browser without a screen, which keeps its cookie. The page's certificate is made when it is first opened."""

    def __init__(self, url: str, certificate: Path) -> None:
        self.address = urlparse(url)
        self._certificate = certificate
        self._cookies: dict[str, str] = {}

    def get(self, path: str, *, host: str = "") -> httpx.Response:
        with self._client(host) as client:
            return client.get(path)

    def enter(self) -> httpx.Response:
        response = self.get(self.address.path)
        self._cookies = dict(response.cookies)
        return response

    @contextmanager
    def changes(self) -> Iterator[Iterator[dict[str, str]]]:
        """The parts that the stream sends."""
        with self._client("") as client, client.stream("GET", "/stream") as stream:
            yield (json.loads(line[6:])["parts"] for line in stream.iter_lines() if line.startswith("data: "))

    def _client(self, host: str) -> httpx.Client:
        context = ssl.create_default_context(cafile=self._certificate) if self._certificate.exists() else _unchecked()
        base = f"https://{self.address.netloc}"
        headers = {"Host": host} if host else {}
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        return httpx.Client(
            base_url=base,
            verify=context,
            headers={**headers, **({"Cookie": cookie} if cookie else {})},
            timeout=_SECONDS,
        )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=str(tmp_path / "home"), environment=_ENVIRONMENT)


@pytest.fixture
def history(settings: Settings) -> Iterator[History]:
    with records.open_history(settings) as opened:
        yield opened


@contextmanager
def _task(history: History, command: str) -> Iterator[Task]:
    caller = Caller(who="me@here", command=command, at=time.time())
    with history.tasks.begin_task(Task(environment=_ENVIRONMENT, caller=caller)) as task:
        yield task


@contextmanager
def _visited(settings: Settings, task: int | None) -> Iterator[tuple[PageProcess, Visitor]]:
    with page_process.page_process(settings, task) as page:
        try:
            yield page, Visitor(page.url, Path(settings.home, "page", "page.pem"))
        finally:
            page.process.kill()


def test_only_the_printed_address_lets_a_browser_in_and_only_one(settings: Settings, history: History) -> None:
    with _task(history, "compleat up") as task, _visited(settings, task.number) as (_, visitor):
        paths = ("/", "/stream", "/enter/wrong", "/enter/", "/x/page.js", "/page.js")
        statuses = [visitor.get(path).status_code for path in paths]
        assert statuses == [403, 403, 403, 404, 404, 200]
        entered = visitor.enter()
        assert entered.status_code == 200
        kept = entered.headers["set-cookie"].lower()
        assert [word for word in ("httponly", "secure", "samesite=strict", "path=/") if word not in kept] == []
        again = Visitor(f"https://{visitor.address.netloc}{visitor.address.path}", Path(settings.home, "page/page.pem"))
        refused = again.enter()
        assert (refused.status_code, dict(refused.cookies), "opened before" in refused.text) == (403, {}, True)
        home = visitor.get("/")
        assert (home.status_code, "compleat up" in home.text) == (200, True)
        policy = home.headers["content-security-policy"]
        assert ("unsafe" in policy, policy.startswith("default-src 'none'")) == (False, True)


def test_a_request_under_another_name_is_refused(settings: Settings, history: History) -> None:
    with _task(history, "compleat up") as task, _visited(settings, task.number) as (_, visitor):
        visitor.enter()
        hosts = (
            "evil.example",
            f"evil.example:{visitor.address.port}",
            "127.0.0.1",
            f"localhost:{visitor.address.port}",
        )
        assert [visitor.get("/", host=host).status_code for host in hosts] == [421, 421, 421, 200]
        assert {path.stat().st_mode & 0o777 for path in Path(settings.home, "page").iterdir()} == {0o600}


def test_an_event_is_on_the_page_within_half_a_second(settings: Settings, history: History) -> None:
    with _task(history, "compleat up") as task, _visited(settings, task.number) as (_, visitor):
        visitor.enter()
        with visitor.changes() as changes:
            next(changes)
            history.events.append_events(task.number, [_remark("first")])
            next(changes)
            began = time.monotonic()
            history.events.append_events(task.number, [_remark("second")])
            parts = next(changes)
            took_s = time.monotonic() - began
    assert (set(parts), "second" in parts["log"]) == ({"log"}, True)
    assert took_s < 0.5


def test_the_page_shows_the_command_that_continues_after_one_that_ended(settings: Settings, history: History) -> None:
    with _task(history, "compleat up") as first, _visited(settings, first.number) as (_, visitor):
        visitor.enter()
        with visitor.changes() as changes:
            assert "processing" in next(changes)["head"]
            history.tasks.end_task(first.number, state=TaskState.TIMEOUT, result="interrupted", ended_at=time.time())
            assert "The same command continues" in next(changes)["trouble"]
            with _task(history, "compleat up -n") as second:
                heads = (parts["head"] for parts in changes if "head" in parts)
                assert f"Task {second.number}" in next(heads)


def test_a_page_that_no_browser_opened_ends_with_its_command(settings: Settings, history: History) -> None:
    with _task(history, "compleat up") as task, page_process.page_process(settings, task.number) as page:
        assert page.process.poll() is None
    assert page.process.wait(_SECONDS) == 0
    assert not Path(settings.home, "page").exists()


def test_a_page_ends_once_command_and_browser_are_gone(settings: Settings, history: History) -> None:
    with ExitStack() as browser:
        with _task(history, "compleat up") as task, page_process.page_process(settings, task.number) as page:
            visitor = Visitor(page.url, Path(settings.home, "page", "page.pem"))
            visitor.enter()
            next(browser.enter_context(visitor.changes()))
        assert page.process.poll() is None
    assert page.process.wait(presence.LEFT_S + _SECONDS) == 0


def _remark(text: str) -> Event:
    return Event(at=time.time(), happening=Happening.REMARK, text=text, kind="k")


def _unchecked() -> ssl.SSLContext:
    """For the first request: the certificate is made when the page is opened for the first time."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
