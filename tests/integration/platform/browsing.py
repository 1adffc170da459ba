"""A visit to the console in headless Chromium, run as a program inside a test machine.

Takes a password and "script" or "plain", gives what a person would see, as JSON on standard output.
"""

import json
import sys

from playwright.sync_api import Page, expect, sync_playwright

_PLACE = "https://127.0.0.1:8443/"
_PATIENCE_MS = 30_000
_OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def visit(page: Page, password: str, *, has_script: bool) -> dict[str, object]:
    """Log in, look, reveal a password, log out."""
    page.goto(_PLACE)
    login = page.url
    page.fill("input[name=user]", "admin")
    page.fill("input[name=password]", password)
    page.click("text=Log in >> nth=-1")
    page.wait_for_url(_PLACE)
    before = page.content()
    page.click("summary >> nth=0")
    page.click(".reveal button >> nth=0")
    page.wait_for_selector(".secret:has-text('quoted')")
    revealed = page.inner_text(".secret >> nth=0")
    if has_script:
        seen_at = page.inner_text("#checked")
        expect(page.locator("#checked")).not_to_have_text(seen_at, timeout=_PATIENCE_MS)
    seen = {
        "login": login.removeprefix(_PLACE),
        "services": page.locator("h2").all_inner_texts(),
        "states": page.locator(".state").all_inner_texts(),
        "secret before": "quoted" in before,
        "secret after": revealed,
        "fits a phone": page.evaluate("document.documentElement.scrollWidth <= 390") if has_script else True,
    }
    page.click("text=Log out")
    page.wait_for_url(_PLACE + "login")
    return seen


def main(password: str, has_script: bool) -> None:
    """Open a browser as wide as a phone."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_OPTIONS)
        context = browser.new_context(
            ignore_https_errors=True, java_script_enabled=has_script, viewport={"width": 390, "height": 844}
        )
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        seen = visit(page, password, has_script=has_script)
        sys.stdout.write(json.dumps(seen | {"complaints": complaints}))
        browser.close()


main(sys.argv[1], sys.argv[2] == "script")
