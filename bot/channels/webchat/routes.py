"""The addresses of the web chat."""

from __future__ import annotations

from typing import Any

from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.channels.webchat.chatting import Chatting
from bot.channels.webchat.guard import SafeHeaders
from bot.channels.webchat.joining import Joining
from bot.channels.webchat.page import HERE
from bot.channels.webchat.post import Post


def routes(post: Post) -> list[Route | Mount]:
    """Everything that the page needs; the page fetches nothing from elsewhere."""
    joining, chatting = Joining(post), Chatting(post)
    never_kept = [Middleware(SafeHeaders, cache="no-store")]

    def page(path: str, answer: Any, method: str) -> Route:
        return Route(path, answer, methods=[method], middleware=never_kept)

    async def front(_request: Any) -> RedirectResponse:
        return RedirectResponse("/chat", 303)

    return [
        page("/", front, "GET"),
        page("/join/{code}", joining.show, "GET"),
        page("/join/{code}", joining.start, "POST"),
        page("/chat", chatting.show, "GET"),
        page("/chat/messages", chatting.messages, "GET"),
        page("/chat/say", chatting.say, "POST"),
        page("/chat/leave", chatting.leave, "POST"),
        Mount(
            "/chat/static",
            StaticFiles(directory=HERE / "static"),
            name="webchat-static",
            middleware=[Middleware(SafeHeaders, cache="no-cache")],
        ),
    ]
