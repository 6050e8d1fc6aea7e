"""The barest echo: our transport and loop, raw updates and raw answers: python -m ….rivals.raw_echo BASE_URL TOKEN.

Whatever else a bot does in Python comes on top of this.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from telegram import Bot

from bot.__main__ import run
from bot.channels.telegram_channel import CONNECTIONS, make_bot
from learning_log.settings import Settings

LONG_POLL_SECONDS = 10


async def echo(bot: Bot) -> None:
    slots = asyncio.Semaphore(CONNECTIONS)
    tasks: set[asyncio.Task[None]] = set()

    async def answer(message: dict[str, Any]) -> None:
        async with slots:
            said = {"chat_id": message["chat"]["id"], "text": message["text"]}
            await bot.do_api_request("sendmessage", said)

    offset = 0
    await bot.initialize()
    while True:
        asked = {"timeout": LONG_POLL_SECONDS, "limit": 100, "offset": offset}
        updates: Any = await bot.do_api_request("getupdates", asked, read_timeout=LONG_POLL_SECONDS + 10)
        for update in updates:
            offset = update["update_id"] + 1
            task = asyncio.create_task(answer(update["message"]))
            tasks.add(task)
            task.add_done_callback(tasks.discard)


def main() -> None:
    base_url, token = sys.argv[1:3]
    run(echo(make_bot(Settings(telegram_base_url=base_url, telegram_token=token))))


if __name__ == "__main__":
    main()
