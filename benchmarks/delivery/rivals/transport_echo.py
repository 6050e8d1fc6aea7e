"""The library's echo on our own transport and loop, many at once: python -m ….rivals.transport_echo BASE_URL TOKEN.

It keeps nothing: what keeping costs is the difference between this and the worker.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from telegram.ext import Application, MessageHandler, filters

from benchmarks.delivery.rivals.stock_echo import echo
from bot.__main__ import fastest_loop
from bot.channels.telegram_channel import CONNECTIONS
from bot.channels.telegram_request import AiohttpRequest


def main() -> None:
    base_url, token = sys.argv[1:3]
    make_loop = fastest_loop() or asyncio.new_event_loop
    asyncio.set_event_loop(make_loop())
    application: Application[Any, Any, Any, Any, Any, Any] = (
        Application.builder()
        .token(token)
        .base_url(base_url)
        .request(AiohttpRequest(CONNECTIONS))
        .get_updates_request(AiohttpRequest(1))
        .concurrent_updates(CONNECTIONS)
        .build()
    )
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling()


if __name__ == "__main__":
    main()
