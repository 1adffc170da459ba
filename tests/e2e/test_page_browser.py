"""The page of the task that brought the platform up, as a person sees it: by mouse, by keyboard, by screen reader."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests import prerequisites
from tests.support import browser as browsers
from tests.support.command import Compleat

pytestmark = [pytest.mark.needs("browser", "certutil", "libatomic"), pytest.mark.needs("axe"), pytest.mark.slow]

_AXE_FILE = prerequisites.BY_NAME["axe"].path()
_AXE = "axe.run().then(found => found.violations.map(each => [each.id, each.nodes.map(node => node.html)]))"
_TABS = 60
_PATIENCE_MS = 120_000


@pytest.fixture(scope="module")
def report(platform: Compleat) -> dict[str, Any]:
    return dict(platform.run("up", "--json").ended().json)


@pytest.fixture(scope="module")
def address(platform: Compleat, report: dict[str, Any]) -> Iterator[str]:
    tasks = platform.run("tasks", "--json").ended().json["tasks"]
    number = min(int(task["task"]) for task in tasks if str(task["command"]).startswith("compleat up"))
    with platform.started("watch", str(number), "--json") as process:
        assert process.stdout is not None
        text = ""
        while not text.endswith("}\n"):
            text += process.stdout.readline()
        yield str(json.loads(text)["url"])


@pytest.fixture(scope="module")
def page(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    home = tmp_path_factory.mktemp("browser")
    with sync_playwright() as playwright, browsers.trusting(playwright, None, home) as browser:
        context = browser.new_context(ignore_https_errors=True, permissions=["clipboard-read", "clipboard-write"])
        opened = context.new_page()
        opened.set_default_timeout(_PATIENCE_MS)
        complaints: list[str] = []
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.goto(address)
        opened.wait_for_selector("#cards h3")
        yield opened
        assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(page: Page, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.evaluate(Path(_AXE_FILE).read_text())
    assert page.evaluate(_AXE) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_report_is_there_without_its_password(page: Page, report: dict[str, Any]) -> None:
    html = page.content()
    assert (str(report["console"]) in html, str(report["admin_password"]) in html) == (True, False)


def test_everything_is_reached_by_keyboard_and_enter_copies(page: Page) -> None:
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    reached = []
    for _ in range(_TABS):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.className || 'button'"))
    assert {"skip", "graph", "log", "button"} <= set(reached)
    button = page.locator("button[data-copy]").first
    button.focus()
    page.keyboard.press("Enter")
    # A string waited for in the page is compiled there, which the page's own policy refuses.
    expect(page.locator("#connection")).to_have_text("Copied.", timeout=_PATIENCE_MS)
    assert page.evaluate("navigator.clipboard.readText()") == button.get_attribute("data-copy")
