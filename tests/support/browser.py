"""Headless Chromium that trusts one CA file of the tests, in a certificate store of its own.

Takes Playwright, a CA file and a folder, gives a browser.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright

_OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextmanager
def trusting(playwright: Playwright, ca_file: Path | None, home: Path) -> Iterator[Browser]:
    """A browser whose home is `home`; None trusts only the browser's own authorities."""
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    _certutil("-N", "-d", f"sql:{store}", "--empty-password")
    if ca_file is not None:
        _certutil("-A", "-d", f"sql:{store}", "-n", "printed", "-t", "C,,", "-i", str(ca_file))
    environment: dict[str, str | float | bool] = {**os.environ, "HOME": str(home)}
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_OPTIONS, env=environment)
    try:
        yield browser
    finally:
        browser.close()


def _certutil(*words: str) -> None:
    subprocess.run(["certutil", *words], check=True, capture_output=True)
