"""A room and a visitor in it, on both databases; and browsers for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from learning_log.settings import Settings
from learning_log.storage.records import LearningLog
from tests.bot.conftest import Home
from tests.bot.webchat.browsing import PHONE, Served
from tests.bot.webchat.room import Room, Visitor, ticking
from tests.browser import browser


@pytest.fixture
def room(log: LearningLog, settings: Settings, now: datetime) -> Room:
    return Room(ticking(log, now), settings)


@pytest.fixture
def ada(room: Room, home: Home) -> Visitor:
    """Ada (invented), who has not opened her link yet."""
    return Visitor(room, home.tenant, home.ada)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.fixture
def served(room: Room) -> Iterator[Served]:
    page = Served(room)
    page.go_on()
    yield page
    page.stop()


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Any]:
    """Opens browsers of their own; fails on any error that a page reports."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def open_page(size: tuple[int, int] = PHONE, **options: Any) -> Page:
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if "Content Security Policy" in said.text else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []
