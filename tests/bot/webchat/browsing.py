"""A real browser on the page, served over HTTP on this machine."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Coroutine
from typing import Any

import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.bot.conftest import Home
from tests.bot.webchat.room import Room

# The first words that are handled load what reads feelings: seconds, on a busy machine.
expect.set_options(timeout=20_000)

PHONE, SMALL_PHONE = (390, 844), (360, 640)


class Served:
    """The page on a port of its own, in a thread of its own; `stop` and `go_on` are a server that goes and returns."""

    def __init__(self, room: Room) -> None:
        self.room = room
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.address = f"http://127.0.0.1:{self.port}"

    def go_on(self) -> None:
        self.room.stop = asyncio.Event()
        ready = threading.Event()
        config = uvicorn.Config(
            self.room.app(), "127.0.0.1", self.port, log_config=None, timeout_graceful_shutdown=1, lifespan="off"
        )
        self.server = uvicorn.Server(config)

        async def serve() -> None:
            self.loop = asyncio.get_running_loop()
            serving = asyncio.create_task(self.server.serve())
            while not self.server.started and not serving.done():
                await asyncio.sleep(0.01)
            ready.set()
            await serving

        self.thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
        self.thread.start()
        assert ready.wait(10), "The page did not start."

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.room.stop.set)
        self.server.should_exit = True
        self.thread.join(10)
        assert not self.thread.is_alive(), "The page did not stop."

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Work of the room, done where it lives."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)


def start(page: Page, served: Served, home: Home, *, scripts: bool = True) -> Page:
    page.goto(f"{served.address}/join/{served.room.invite(home.tenant, person_id=home.ada)}")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("button", name="Yes, I want to")).to_be_visible()
    if scripts:  # until they are there the page works as without: a button that is pressed brings a new page
        expect(page.locator("html.with-scripts")).to_be_attached()
    return page


def join(page: Page, served: Served, home: Home, *, scripts: bool = True) -> Page:
    start(page, served, home, scripts=scripts)
    return answer_to_the_first_question(page)


def answer_to_the_first_question(page: Page) -> Page:
    """Says yes to everything that is asked before it."""
    for label in ("Yes, I want to", "Yes, they may", "Yes, count mine", "Every day", "Morning, 10:00"):
        page.get_by_role("button", name=label).click()
    expect(page.get_by_text("What is going well?", exact=True)).to_be_visible()
    return page


def write(page: Page, text: str) -> None:
    page.get_by_label("Your answer", exact=True).fill(text)
    page.get_by_role("button", name="Send", exact=True).click()


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html']}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
