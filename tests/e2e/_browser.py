"""The browser: the machine's own Chromium where there is one, else Playwright's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
PATIENCE_MS = 45_000  # for a machine that does other things too


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser of one's own. While it is open, this thread cannot run an event loop."""
    expect.set_options(timeout=PATIENCE_MS)
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield browser
        browser.close()
