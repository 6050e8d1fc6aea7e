"""Real processes, a real browser, real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.acceptance.installation import Installation
from tests.browser import browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB") as context:
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
