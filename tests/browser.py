"""A real browser: Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = (
    # Chromium's own sandbox needs rights that containers do not give.
    "--no-sandbox",
    "--headless=new",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    # A microphone that needs no asking.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    # Without these it calls home at every start.
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """The browser named by WHATMATTERS_CHROMIUM, or the machine's. Never skipped: without one the tests fail."""
    path = os.environ.get("WHATMATTERS_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "There is no Chromium. Run script/test, which brings one, or name one in WHATMATTERS_CHROMIUM."
    assert Path(path).exists(), f"There is no Chromium at {path}."
    return path


@contextmanager
def browser() -> Iterator[Browser]:
    """Use it for one module at most: while it lives, this thread has an event loop and asyncio.run fails."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        try:
            yield started
        finally:
            started.close()
