"""The webhook: an update is kept before Telegram is told 200."""

from __future__ import annotations

import hmac
import json

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.telegram_channel import NAME, incoming
from bot.channels.webchat.post import Post

PATH = "/telegram"
LARGEST = 1024 * 1024  # bytes: an update is a few kilobytes


def route(post: Post) -> Route:
    async def receive(request: Request) -> Response:
        """401 for another's secret, 413 for too much, 400 for what is no update; 200 once it is kept."""
        secret = post.settings.telegram_webhook_secret.get_secret_value()
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not secret or not hmac.compare_digest(secret.encode(), given.encode()):
            return PlainTextResponse("wrong secret", status_code=401)
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LARGEST:
                return PlainTextResponse("too large", status_code=413)
        try:
            update = json.loads(body)
        except ValueError:
            return PlainTextResponse("not an update", status_code=400)
        if not isinstance(update, dict) or "update_id" not in update:
            return PlainTextResponse("not an update", status_code=400)
        await post.keep(NAME, [incoming(update)])
        return PlainTextResponse("kept")

    return Route(PATH, receive, methods=["POST"])
