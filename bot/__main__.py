"""python -m bot: the worker process. With --check it says whether Telegram takes the token, as JSON."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from telegram.error import InvalidToken, TelegramError

from bot.channels.telegram_channel import make_bot
from bot.logs import set_up
from bot.wiring import Worker
from learning_log.errors import DatabaseAway, DatabaseBusy, LearningLogError
from learning_log.settings import Settings, read_settings
from learning_log.storage.records import LearningLog, open_log

logger = logging.getLogger(__name__)
Result = TypeVar("Result")


async def check(settings: Settings) -> dict[str, object]:
    """Whether Telegram knows the token: ok, the bot's username, and what is wrong."""
    if not settings.telegram_token.get_secret_value():
        return {"ok": False, "username": "", "problem": "WHATMATTERS_TELEGRAM_TOKEN is not set."}
    bot = make_bot(settings)
    try:
        async with bot:
            return {"ok": True, "username": bot.username, "problem": ""}
    except InvalidToken:
        return {"ok": False, "username": "", "problem": "Telegram does not know this token. Get one from BotFather."}
    except TelegramError as error:
        return {"ok": False, "username": "", "problem": f"Telegram does not answer ({type(error).__name__})."}


async def serve(settings: Settings) -> None:
    spare_the_collector()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    log = await open_when_it_answers(settings, stop)
    if log is None:
        return
    logger.info("worker starts")
    await Worker(log, settings, stop).serve()
    log.close()
    logger.info("worker has stopped")


async def open_when_it_answers(settings: Settings, stop: asyncio.Event) -> LearningLog | None:
    """The log, once its database is there: both may start at the same moment. None when we are to stop before."""
    while not stop.is_set():
        try:
            return await asyncio.to_thread(open_log, settings)
        except (DatabaseAway, DatabaseBusy) as error:
            logger.warning("the database does not answer: trying again", extra={"trouble": type(error).__name__})
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), timeout=1.0)
    return None


def spare_the_collector() -> None:
    """What was imported lives as long as the worker: looking through it again and again cost a tenth of each answer."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def fastest_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Makes uvloop's loop where uvloop is installed; none stands for asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def run(work: Coroutine[Any, Any, Result]) -> Result:
    with asyncio.Runner(loop_factory=fastest_loop()) as runner:
        return runner.run(work)


def main() -> int:
    try:
        settings = read_settings()
        set_up(settings)
        if "--check" in sys.argv[1:]:
            found = run(check(settings))
            sys.stdout.write(json.dumps(found) + "\n")
            return 0 if found["ok"] else 1
        run(serve(settings))
    except LearningLogError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
