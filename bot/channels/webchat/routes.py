"""The addresses of the web chat."""

from __future__ import annotations

from typing import Any

from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.channels.webchat import installing
from bot.channels.webchat.chatting import Chatting
from bot.channels.webchat.guard import SafeHeaders
from bot.channels.webchat.joining import Joining
from bot.channels.webchat.leaving import Leaving
from bot.channels.webchat.page import HERE, Pages
from bot.channels.webchat.pictures import Pictures
from bot.channels.webchat.post import Post

ASK_ANEW = "no-cache"
FOR_A_YEAR = "public, max-age=31536000, immutable"


def routes(post: Post) -> list[Route | Mount]:
    """Everything that the page needs; the page fetches nothing from elsewhere."""
    pictures = Pictures(post.settings.pictures_dir)
    pages = Pages(pictures)
    joining, chatting, leaving = Joining(post, pages), Chatting(post, pages), Leaving(post, pages)

    def safely(cache: str) -> list[Middleware]:
        return [Middleware(SafeHeaders, settings=post.settings, cache=cache)]

    def page(path: str, answer: Any, method: str) -> Route:
        return Route(path, answer, methods=[method], middleware=safely("no-store"))

    def file(path: str, answer: Any, cache: str = ASK_ANEW) -> Route:
        return Route(path, answer, methods=["GET"], middleware=safely(cache))

    async def front(_request: Any) -> RedirectResponse:
        return RedirectResponse("/chat", 303)

    return [
        page("/", front, "GET"),
        page("/join/{code}", joining.show, "GET"),
        page("/join/{code}", joining.start, "POST"),
        page("/chat", chatting.show, "GET"),
        page("/chat/messages", chatting.messages, "GET"),
        page("/chat/file/{line}", chatting.file, "GET"),
        page("/chat/say", chatting.say, "POST"),
        page("/chat/here", chatting.here, "POST"),
        page("/chat/share", leaving.share, "POST"),
        page("/chat/leave", leaving.leave, "POST"),
        file("/chat/picture/{name}", pictures.show, FOR_A_YEAR),
        file("/chat/manifest/{language}", installing.manifest),
        file("/chat/offline/{language}", installing.offline),
        file("/chat/worker.js", installing.worker),
        Mount(
            "/chat/static",
            StaticFiles(directory=HERE / "static"),
            name="webchat-static",
            middleware=safely(ASK_ANEW),
        ),
    ]
