"""Real processes, a real browser, real HTTP."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.acceptance.installation import Installation

# Without these the browser calls home at every start.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


def chromium() -> str:
    found = os.environ.get("WHATMATTERS_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        pytest.fail("There is no Chromium. Run script/test, which brings one, or set WHATMATTERS_CHROMIUM.")
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play, play.chromium.launch(executable_path=chromium(), args=list(QUIET)) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB") as context:
        page = context.new_page()
        page.set_default_timeout(30_000)
        yield page


@pytest.fixture
def installation(empty_database_url: str, tmp_path: Path) -> Installation:
    """Set up by the administrator's own commands, on SQLite and on PostgreSQL."""
    folder = tmp_path / "installation"
    folder.mkdir()
    url = empty_database_url if empty_database_url.startswith("postgresql") else ""
    installation = Installation(folder, url)
    installation.set_up()
    return installation
