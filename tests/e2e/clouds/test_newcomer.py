"""A newcomer's path on each test bed, as the tutorial of the cloud has it: questions, one command, a page to watch, a
report, an end, a receipt.

Each command of the page is typed on a terminal of 80 columns, and what it shows there must be on the screen.
"""

import os
import re
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.e2e.clouds import newcomers
from tests.e2e.clouds.newcomers import Bed
from tests.support import browser as browsers
from tests.support import shell_blocks, tutorial_pictures
from tests.support.bodies import ground
from tests.support.command import ROOT, Compleat, without_times
from tests.support.shell_blocks import Step
from tests.support.typed_terminal import TypedTerminal, typed_terminal

pytestmark = [
    pytest.mark.slow,
    pytest.mark.needs("browser", "certutil", "libatomic"),
    pytest.mark.skipif(bool(ground.missing()), reason=ground.missing() or "there can be bodies"),
]

BEDS: Mapping[str, Callable[[str, Path], AbstractContextManager[Bed]]] = {
    "local": newcomers.on_local,
    "aws": newcomers.on_aws_bed,
    "azure": newcomers.on_azure_bed,
}
TRIAL = "trial"
"""The environment of the pages."""
_PROGRAM = Path(sys.executable).with_name("compleat")
_PATIENCE_S = 120.0


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


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A browser's window; whatever a page complains about fails."""
    home = tmp_path_factory.mktemp("browser")
    with sync_playwright() as playwright, browsers.trusting(playwright, None, home) as browser:
        opened = browser.new_context(ignore_https_errors=True).new_page()
        opened.set_default_timeout(_PATIENCE_S * 1000)
        complaints: list[str] = []
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        yield opened
        assert complaints == []


@pytest.mark.parametrize("cloud", BEDS)
def test_the_tutorial_leads_from_the_first_question_to_the_receipt(
    cloud: str, page: Page, ours: str, tmp_path: Path
) -> None:
    name = f"{ours}-new" if cloud == "local" else TRIAL
    text = (ROOT / f"docs/tutorials/{cloud}.md").read_text()
    steps = shell_blocks.read_steps(text.replace(TRIAL, name) if cloud == "local" else text)
    (tmp_path / "manifests").symlink_to(ROOT / "manifests")
    with BEDS[cloud](name, tmp_path) as bed:
        compleat = Compleat(home=tmp_path / ".compleat", environment=name)
        reader = Reader(compleat=compleat, bed=bed, folder=tmp_path, page=page)
        before = tuple(bed.held())
        try:
            for step in steps:
                reader.follow(step)
            reader.await_end()
        except BaseException:
            reader.take_down()
            raise
        assert tuple(bed.held()) == before
        assert "nothing left" in reader.run("leftovers", "-e", name).replace("\n  ", " ")
    for picture in ("plan.svg", "up.svg"):
        tutorial_pictures.require_same(f"{cloud}-{picture}", (tmp_path / picture).read_text().replace(name, TRIAL))
