"""A real browser on the page, served over HTTP on this machine."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Coroutine
from typing import Any

import uvicorn

from tests.bot.webchat.room import Room


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
