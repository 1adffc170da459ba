"""The console of a platform that is up, as a person sees it: at the printed address, with the printed login."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, Playwright, sync_playwright

from tests.support import browser as browsers
from tests.support.command import Compleat

pytestmark = pytest.mark.needs("browser", "certutil", "libatomic")

_HIDDEN = "•" * 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What `up` prints for a person who wants to look."""

    console: str
    user: str
    password: str
    ca_file: Path
    postgres_password: str


@pytest.fixture(scope="module")
def printed(platform: Compleat) -> Printed:
    report = platform.run("up", "--json").ended().json
    return Printed(
        console=str(report["console"]),
        user=str(report["admin_user"]),
        password=str(report["admin_password"]),
        ca_file=Path(str(report["ca_file"])),
        postgres_password=platform.run("creds", "postgres_login.password").ended().out.strip(),
    )


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright: Playwright, printed: Printed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsers.trusting(playwright, printed.ca_file, tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.mark.parametrize("width", [1200, 390])
def test_a_person_logs_in_and_sees_the_services_running(
    browser: Browser, printed: Printed, tmp_path: Path, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(printed.console)
    page.screenshot(path=tmp_path / "login.png")
    _log_in(page, printed.user, printed.password)
    page.wait_for_url(printed.console)
    page.screenshot(path=tmp_path / "services.png", full_page=True)
    services = [re.sub(r"\d+(\.\d+)+", "VERSION", text) for text in page.locator("h2").all_inner_texts()]
    seen = (services, page.locator(".state").all_inner_texts(), page.inner_text("#summary"))
    assert seen == (["PostgreSQL VERSION", "Redis VERSION", "NATS VERSION"], ["Up"] * 3, "All services are up")
    assert (page.evaluate("document.documentElement.scrollWidth"), complaints) == (width, [])
    page.context.close()


def test_a_password_stays_hidden_until_clicked(browser: Browser, printed: Printed, tmp_path: Path) -> None:
    page = browser.new_page()
    page.goto(printed.console)
    _log_in(page, printed.user, printed.password)
    page.wait_for_url(printed.console)
    assert printed.postgres_password not in page.content()
    page.click("summary >> nth=0")
    assert page.inner_text(".secret >> nth=0") == _HIDDEN
    page.click("text=Reveal >> nth=0")
    page.wait_for_selector("text=Hide")
    page.screenshot(path=tmp_path / "revealed.png", full_page=True)
    assert page.inner_text(".secret >> nth=0") == printed.postgres_password
    page.context.close()


def test_a_wrong_password_is_refused(browser: Browser, printed: Printed, tmp_path: Path) -> None:
    page = browser.new_page()
    page.goto(printed.console)
    with page.expect_response(lambda response: response.request.method == "POST") as answered:
        _log_in(page, printed.user, printed.password + "x")
    page.wait_for_selector("[role=alert], .alert")
    page.screenshot(path=tmp_path / "refused.png")
    assert (answered.value.status, page.url) == (401, printed.console + "login")
    assert page.inner_text(".alert") == "User or password is wrong."
    page.goto(printed.console)
    assert page.url == printed.console + "login"
    page.context.close()


def test_without_the_printed_ca_the_browser_does_not_go_there(
    playwright: Playwright, printed: Printed, tmp_path: Path
) -> None:
    with browsers.trusting(playwright, None, tmp_path) as stranger:
        page = stranger.new_page()
        with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
            page.goto(printed.console)


def _log_in(page: Page, user: str, password: str) -> None:
    page.fill("input[name=user]", user)
    page.fill("input[name=password]", password)
    page.click("button.primary")
