"""A newcomer who follows the tutorial of a cloud: questions, one command, a page to watch, a report, an end, a receipt.

Each command of the page is typed on a terminal of 80 columns, and what the page shows must be on the screen. Takes a
Bed: a cloud as the newcomer finds it, and what to answer.
"""

import os
import re
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.support import browser as browsers
from tests.support import shell_blocks, tutorial_pictures
from tests.support.command import ROOT, Compleat, without_times
from tests.support.shell_blocks import Step
from tests.support.typed_terminal import TypedTerminal, typed_terminal

TRIAL = "trial"
"""The environment of the pages."""
_PROGRAM = Path(sys.executable).with_name("compleat")
_PATIENCE_S = 120.0

Typed = tuple[str, str]
"""A prompt, and what is typed there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """`words` are further words of `init`, `typed` the dialogue.

    `env` are variables of the newcomer's shell. `held` is everything that the cloud has. `is_priced`: `up` asks.
    `secret` is to be on no screen.
    """

    words: Sequence[str]
    typed: Sequence[Typed]
    env: Mapping[str, str]
    held: Callable[[], Sequence[str]]
    is_priced: bool
    secret: str


def follow_tutorial(cloud: str, bed: Bed, folder: Path, page: Page, *, name: str = TRIAL) -> None:
    """From the first question to the receipt. `name`: the environment, where it cannot be that of the page."""
    text = (ROOT / f"docs/tutorials/{cloud}.md").read_text()
    (folder / "manifests").symlink_to(ROOT / "manifests")
    compleat = Compleat(home=folder / ".compleat", environment=name)
    reader = Reader(compleat=compleat, bed=bed, folder=folder, page=page)
    before = tuple(bed.held())
    try:
        for step in shell_blocks.read_steps(text.replace(TRIAL, name) if name != TRIAL else text):
            reader.follow(step)
        reader.await_end()
    except BaseException:
        reader.take_down()
        raise
    assert tuple(bed.held()) == before
    assert "nothing left" in reader.run("leftovers", "-e", name).replace("\n  ", " ")
    for picture in ("plan.svg", "up.svg"):
        tutorial_pictures.require_same(f"{cloud}-{picture}", (folder / picture).read_text().replace(name, TRIAL))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody who types what the page says, in `folder`, with an empty home. `page` is their browser."""

    compleat: Compleat
    bed: Bed
    folder: Path
    page: Page

    def follow(self, step: Step) -> None:
        """Type the command; what the page shows of it is on the screen."""
        words = shlex.split(step.command)[1:]
        match words[0]:
            case "init":
                screen = self._answer_questions()
            case "up":
                before = tuple(self.bed.held())
                screen = self._watch_up(words)
                assert tuple(self.bed.held()) != before
            case _:
                screen = self.run(*words)
        assert self.bed.secret not in screen
        if words[0] == "init":
            assert max(map(len, screen.replace(str(self.folder), "~").splitlines())) <= 80, screen
        missing = shell_blocks.missing_lines(step, screen)
        assert missing == (), f"$ {step.command}\n{screen}"

    def run(self, *words: str) -> str:
        """The screen of a command that succeeds."""
        with self._terminal(*words) as terminal:
            assert terminal.end(timeout_s=_PATIENCE_S) == 0, terminal.screen
        return without_times(terminal.screen)

    def await_end(self) -> None:
        """The end comes by itself, with a receipt."""
        name = self.compleat.environment
        log = self.compleat.home / "timers" / f"{name}.log"
        until = time.monotonic() + _PATIENCE_S
        while "resources left in the cloud" not in (ended := log.read_text() if log.exists() else ""):
            assert time.monotonic() < until, ended
            time.sleep(0.2)
        assert f"Environment '{name}': no resources left in the cloud." in ended
        assert re.search(r"listed at \S+Z: no resources\n", ended), ended

    def take_down(self) -> None:
        """Whatever happened before: of what was never there, nothing is to be removed."""
        with self._terminal("down", "-n", "-e", self.compleat.environment) as terminal:
            assert terminal.end(timeout_s=_PATIENCE_S) == 0 or "environment-missing" in terminal.screen

    def _answer_questions(self) -> str:
        with self._terminal("init", *self.bed.words) as terminal:
            for prompt, typed in self.bed.typed:
                terminal.answer(prompt, typed)
            assert terminal.end(timeout_s=_PATIENCE_S) == 0, terminal.screen
        return terminal.screen

    def _watch_up(self, words: list[str]) -> str:
        """The page follows by itself until the report."""
        with self._terminal(*words) as terminal:
            terminal.wait_for("Watch: ")
            self.page.goto(terminal.rest_of_line())
            if self.bed.is_priced:
                terminal.answer("Create it? [y/N]: ", "y")
            assert terminal.end(timeout_s=_PATIENCE_S) == 0, terminal.screen
        expect(self.page.locator("#report h2")).to_have_text("Report")
        expect(self.page.locator("#cards h3").filter(has_text="hello/0")).to_be_visible()
        assert "jumpbox" in self.page.locator("#report").inner_text()
        self.page.goto("about:blank")  # the page is closed: its process ends
        return without_times(terminal.screen)

    def _terminal(self, *words: str) -> AbstractContextManager[TypedTerminal]:
        """The program as it is installed, in a shell that has no variables of it."""
        own = {key: value for key, value in self.compleat.env().items() if not key.startswith(("COMPLEAT_", "PYTHON"))}
        path = f"{_PROGRAM.parent}{os.pathsep}{own['PATH']}"
        env = {**own, "PATH": path, "TERM": "dumb", "HOME": str(self.folder), **self.bed.env}
        return typed_terminal([str(_PROGRAM), *words], env, cwd=self.folder)


@contextmanager
def browser_window(home: Path) -> Iterator[Page]:
    """A window of a browser; a complaint of any page fails the test."""
    with sync_playwright() as playwright, browsers.trusting(playwright, None, home) as browser:
        opened = browser.new_context(ignore_https_errors=True).new_page()
        opened.set_default_timeout(_PATIENCE_S * 1000)
        complaints: list[str] = []
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        yield opened
        assert complaints == []
