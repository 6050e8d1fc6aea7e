"""Whether the worker lives, whether it is ready, and its figures: on a port of its own.

Not on the chat's port: behind a proxy everybody comes from the proxy's address, so that no look at the address could
tell the public from the monitor.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.metrics import CONTENT_TYPE, Metrics
from bot.noted import HANDLING, POLLING, SENDING, SHOWING, TICK, Fate, Noted
from learning_log.errors import LearningLogError, SettingsWrong
from learning_log.services.delivery import Delivery, delivery
from learning_log.storage.records import LearningLog

ANSWER_SECONDS = 1.5
LOOK_SECONDS = 5.0
# How long a job may take to come round: one slow photo or one wait for Telegram is no trouble yet.
WITHIN_SECONDS = {HANDLING: 60.0, SHOWING: 60.0, TICK: 60.0, SENDING: 60.0, POLLING: 120.0}

Seen = TypeVar("Seen")
Clock = Callable[[], float]


class Look(Generic[Seen]):
    """What the database says: asked in a thread of its own, at most every few seconds, and never twice at once."""

    def __init__(
        self, read: Callable[[], Seen], thread: ThreadPoolExecutor, clock: Clock, answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        self._read, self._thread, self._clock, self._answer_seconds = read, thread, clock, answer_seconds
        self._asking: asyncio.Future[Seen] | None = None
        self._seen: tuple[float, Seen] | None = None

    async def latest(self) -> Seen:
        """Raises TimeoutError when there is no answer in time, or whatever the database raised."""
        if self._seen and self._clock() - self._seen[0] < LOOK_SECONDS:
            return self._seen[1]
        if self._asking is None or self._asking.done():
            self._asking = asyncio.get_running_loop().run_in_executor(self._thread, self._read)
            self._asking.add_done_callback(_noticed)
        seen = await asyncio.wait_for(asyncio.shield(self._asking), self._answer_seconds)
        self._seen = (self._clock(), seen)
        return seen


class Health(Noted):
    """Knows which jobs of this worker have come round lately, and asks the database itself."""

    def __init__(self, log: LearningLog, clock: Clock = time.monotonic) -> None:
        self.log, self._clock = log, clock
        self.metrics = Metrics(self._ages)
        self._rounds: dict[str, float] = {}
        self._expected: dict[str, float] = {}
        for job in (HANDLING, SHOWING, TICK):
            self.expect(job)
        # Neither a busy worker nor a database that hangs may keep the monitor waiting: this thread does nothing else.
        self._thread = ThreadPoolExecutor(max_workers=2, thread_name_prefix="health")
        self._schema = Look(log.database.check, self._thread, clock)
        self._delivery = Look(self._read, self._thread, clock)

    def expect(self, job: str, within: float | None = None) -> None:
        """From now on the job has to come round, every so many seconds at least."""
        self._expected[job] = WITHIN_SECONDS[job] if within is None else within

    def expect_no_more(self, job: str) -> None:
        """Such as polling, when another worker holds the channel."""
        self._expected.pop(job, None)
        self._rounds.pop(job, None)

    def came_round(self, job: str) -> None:
        self._rounds[job] = self._clock()

    def kept(self, messages: int) -> None:
        self.metrics.kept(messages)

    def handled(self, seconds: float) -> None:
        self.metrics.handled(seconds)

    def failed(self, *, aside: bool) -> None:
        self.metrics.failed()
        if aside:
            self.metrics.set_aside()

    def sending(self, fate: Fate) -> None:
        self.metrics.sending(fate)

    def ticked(self, seconds: float, *, well: bool) -> None:
        self.metrics.ticked(seconds)
        if well:
            self.came_round(TICK)

    def routes(self) -> list[Route]:
        return [Route("/healthz", alive), Route("/readyz", self._ready), Route("/metrics", self._figures)]

    async def serve(self, host: str, port: int, stop: asyncio.Event) -> None:
        """Until the stop. Port 0 means that nobody asked for it. Raises SettingsWrong when the port is taken."""
        if not port:
            return
        with _listening(host, port) as listener:
            config = uvicorn.Config(Starlette(routes=self.routes()), log_config=None, server_header=False)
            server = _Server(config)
            answering = asyncio.create_task(server.serve(sockets=[listener]))
            await stop.wait()
            server.should_exit = True
            await answering

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _ready(self, _request: Request) -> JSONResponse:
        database, ages = await self._trouble_of_database(), self._ages()
        jobs = {job: _job(ages.get(job), within) for job, within in self._expected.items()}
        ready = not database and all(job["ok"] for job in jobs.values())
        return JSONResponse(
            {"ready": ready, "database": {"ok": not database, "trouble": database}, "jobs": jobs}, 200 if ready else 503
        )

    async def _trouble_of_database(self) -> str:
        try:
            await self._schema.latest()
        except TimeoutError:
            return f"There was no answer in {ANSWER_SECONDS} seconds."
        except LearningLogError as error:
            return str(error)
        except Exception as error:  # whatever it is, the worker is not ready; its text may hold words
            return type(error).__name__
        return ""

    async def _figures(self, _request: Request) -> Response:
        self.metrics.waiting.seen = None
        with contextlib.suppress(Exception):  # no database: the worker's own figures are there all the same
            self.metrics.waiting.seen = await self._delivery.latest()
        return Response(self.metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    def _ages(self) -> Mapping[str, float]:
        now = self._clock()
        return {job: now - at for job, at in self._rounds.items()}

    def _read(self) -> Delivery:
        with self.log.read() as records:
            return delivery(records)


async def alive(_request: Request) -> JSONResponse:
    """That this answers is all that it says: no database, no network."""
    return JSONResponse({"ok": True})


def _job(age: float | None, within: float) -> dict[str, Any]:
    return {"ok": age is not None and age <= within, "seconds": None if age is None else round(age, 1)}


def _noticed(asked: asyncio.Future[Any]) -> None:
    """The answer may come when nobody waits any more: then its error is nobody's."""
    if not asked.cancelled():
        asked.exception()


@contextlib.contextmanager
def _listening(host: str, port: int) -> Any:
    """Bound by us: uvicorn would end the whole worker when the port is taken."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise SettingsWrong(
            f"Port {port} on {host} cannot be used ({error.strerror}). Nothing was changed. Choose another: "
            "WHATMATTERS_HEALTH_PORT"
        ) from error
    with listener:
        yield listener


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        """Signals are the worker's own: see bot/__main__.py."""
        yield
