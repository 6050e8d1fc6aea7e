"""The one place where the real parts are chosen and put together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from bot import outbox, webhook
from bot.bell import Bell
from bot.channels.channel import Channel, Incoming
from bot.channels.telegram_channel import NAME
from bot.channels.webchat.channel import WebChat
from bot.channels.webchat.routes import routes
from bot.duty import Duty
from bot.handling import Handling
from bot.health import Health, alive
from bot.keeper import Keeper
from bot.noted import HANDLING, SHOWING
from bot.prompting import compose
from bot.schedule import Schedule
from learning_log.analysis.feeling import feeling_of
from learning_log.analysis.transcriber import transcriber_in
from learning_log.services import conversations
from learning_log.services.noticing import worry_in
from learning_log.services.seen import SEEN_SECONDS, note_seen
from learning_log.settings import Settings
from learning_log.storage import ringing
from learning_log.storage.faults import is_lost
from learning_log.storage.records import LearningLog

logger = logging.getLogger(__name__)
Result = TypeVar("Result")
IDLE_SECONDS = 1.0  # how long something may wait that another process has put into the database
THREADS = 4
FIRST = asyncio.FIRST_COMPLETED


class Worker:
    """The bot: reads, answers, asks and sends, for every channel that the settings name."""

    def __init__(self, log: LearningLog, settings: Settings, stop: asyncio.Event | None = None) -> None:
        self.log, self.settings, self.health = log, settings, Health(log)
        # SQLite has one writer. On PostgreSQL keeping, answering, sending and the tick do not wait for each other.
        threads = 1 if log.database.is_sqlite else THREADS
        self.thread = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="log")
        self.stop = stop or asyncio.Event()
        self.arrived = asyncio.Event()
        self.to_show = asyncio.Event()
        self.bell = Bell()
        self.keeper = Keeper(log, self.run, self.health)
        self.channels: dict[str, Channel] = {WebChat.name: WebChat()}
        self.duty: Duty | None = None
        if settings.telegram_token.get_secret_value():
            self.duty = Duty(log, settings, self.run, self.keep, self.health, self.stop)
            self.channels[NAME] = self.duty.channel
        self.handling = Handling(log, self.channels, self.run, settings.address_of_app, self.health)
        self.handling.transcriber = transcriber_in(settings.transcriber_dir)
        self.handling.arrived = self.arrived.set
        self.schedule = Schedule(
            log, self.run, settings.address_of_app, settings.tick_seconds, self._say_something, self.health
        )

    async def run(self, work: Callable[..., Result], *args: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self.thread, work, *args)

    async def keep(self, channel: str, messages: Sequence[Incoming]) -> None:
        await self.keeper.keep(channel, messages)
        self.arrived.set()

    async def changed(self, address: str, timeout: float) -> None:
        """Returns when something was said in this web chat, or at the time-out."""
        await self.bell.wait(conversations.address_hash(self.log, WebChat.name, address), timeout)

    async def serve(self) -> None:
        """Until `stop` is set: then what is being done is finished, and the rest waits in the database."""
        server = _Server(
            uvicorn.Config(
                self.app(),
                host=self.settings.chat_host,
                port=self.settings.chat_port,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=3,
            )
        )
        self.schedule.start()
        heard: Callable[..., Any] = asyncio.get_running_loop().call_soon_threadsafe
        self.listening = ringing.Listening(self.log.database, lambda words: heard(self._told, words))
        warming = asyncio.create_task(asyncio.to_thread(warm_up))
        tasks = [asyncio.create_task(self._keep_going(job)) for job in self._jobs()]
        page = asyncio.create_task(server.serve())
        where = (self.settings.health_host, self.settings.health_port)
        watched = asyncio.create_task(self.health.serve(*where, self.stop))
        stopped = asyncio.create_task(self.stop.wait())
        await asyncio.wait([page, stopped, *([watched] if self.settings.health_port else [])], return_when=FIRST)
        self.stop.set()
        await self._wind_down(server, [page, stopped, watched, warming, *tasks])
        watched.result()  # a port that is taken ends the worker with its sentence

    def _jobs(self) -> list[Callable[[], Awaitable[None]]]:
        jobs: list[Callable[[], Awaitable[None]]] = [self._handle, self._show, self._note_seen]
        return [*jobs, *(self.duty.jobs() if self.duty else ())]

    async def _keep_going(self, job: Callable[[], Awaitable[None]]) -> None:
        """A job that fails, because the database or the network is away, begins again after a second."""
        while not self.stop.is_set():
            try:
                await job()
            except Exception as error:
                told = {"job": job.__name__, "trouble": type(error).__name__}
                # Where it happened says nothing new while the database is away, a second after each other.
                logger.error("job failed: trying again", extra=told, exc_info=not is_lost(error))
                await self._rest(1.0)

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stop.wait(), timeout=seconds)

    async def _wind_down(self, server: uvicorn.Server, tasks: list[asyncio.Task[Any]]) -> None:
        """Finishes what was begun, hands back what was claimed, and lets go of the channel."""
        self.schedule.stop()
        server.should_exit = True
        self.arrived.set()
        self.to_show.set()
        self.bell.ring_all()
        if self.duty:
            self.duty.sender.stop()
        _done, late = await asyncio.wait(tasks, timeout=5)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self.duty:
            await self.duty.end()
        self.health.close()
        await asyncio.to_thread(self.listening.close)
        self.thread.shutdown(wait=True)

    async def _handle(self) -> None:
        """Answers what waits, oldest first; chats do not overtake themselves."""
        while not self.stop.is_set():
            self.arrived.clear()
            found = await self.handling.handle_some()
            self.health.came_round(HANDLING)
            if found:
                self._say_something()
            else:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.arrived.wait(), timeout=IDLE_SECONDS)
        await self.handling.finish()

    def _say_something(self) -> None:
        """Something new waits in the outbox; the worker that holds the channel may be another one."""
        self.to_show.set()
        if self.duty and self.duty.is_ours:
            self.duty.sender.wake.set()
        elif self.duty:
            self._tell([NAME])

    def _tell(self, words: Iterable[str]) -> None:
        """Wakes the other workers; nobody waits for it."""
        if not self.log.database.is_sqlite:
            self.thread.submit(ringing.ring, self.log.database, list(words))

    def _told(self, words: list[str]) -> None:
        """Another worker, or we ourselves, have put something into the database: a channel's name, or a chat."""
        for word in words:
            if word != NAME:
                self.bell.ring([bytes.fromhex(word)])
            elif self.duty:
                self.duty.sender.wake.set()

    async def _show(self) -> None:
        """The web chat shows what is in the database: a message is sent by saying so."""
        while not self.stop.is_set():
            self.to_show.clear()
            chats = await self.run(outbox.show, self.log, WebChat.name, compose)
            self.bell.ring(chats)
            if chats:
                self._tell(chat.hex() for chat in chats)
            self.health.came_round(SHOWING)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.to_show.wait(), timeout=IDLE_SECONDS)

    async def _note_seen(self) -> None:
        """Notes that the worker lives, for `whatmatters check`."""
        while not self.stop.is_set():
            await self.run(note_seen, self.log, WebChat.name, None)
            await self._rest(SEEN_SECONDS)

    def app(self) -> Starlette:
        found = [Route("/healthz", alive), *routes(self)]
        if self.duty and self.settings.telegram_webhook_url:
            found.append(webhook.route(self))
        return Starlette(routes=found)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        """Signals are the worker's own: see bot/__main__.py."""
        yield


def warm_up() -> None:
    """Loads what the first answer would otherwise wait for: TextBlob takes a second or more."""
    feeling_of("good", None)
    worry_in("good")
