"""python-telegram-bot's own echo, as it comes: python -m benchmarks.delivery.rivals.stock_echo BASE_URL TOKEN [PORT].

With a PORT it listens there by the library's own webhook server; otherwise it polls.
"""

from __future__ import annotations

import sys
from typing import Any

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters


async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    if update.message and update.message.text:
        await update.message.reply_text(update.message.text)


def main() -> None:
    base_url, token = sys.argv[1:3]
    application: Application[Any, Any, Any, Any, Any, Any] = (
        Application.builder().token(token).base_url(base_url).build()
    )
    application.add_handler(MessageHandler(filters.TEXT, echo))
    if len(sys.argv) > 3:
        port = int(sys.argv[3])
        address = f"http://127.0.0.1:{port}/telegram"
        application.run_webhook("127.0.0.1", port, "telegram", webhook_url=address, secret_token="invented")
    else:
        application.run_polling()


if __name__ == "__main__":
    main()
