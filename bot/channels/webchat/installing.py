"""What makes the chat a thing on the home screen, and says so in plain words when the network is gone."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from bot.channels.webchat.page import HERE, Pages, texts
from learning_log import config

ICONS = (("icon.svg", "any", "any"), ("icon-192.png", "192x192", "any"), ("icon-512.png", "512x512", "any"))
MASKABLE = ("icon-maskable-512.png", "512x512", "maskable")
PAPER, MAIN = "#f5f3ee", "#0b5c63"  # as in chat.css


async def manifest(request: Request) -> Response:
    language = _language(request)
    page: dict[str, Any] = texts(language)["page"]
    icons = [
        {
            "src": f"/chat/static/{name}",
            "sizes": sizes,
            "type": "image/svg+xml" if name.endswith("svg") else "image/png",
            "purpose": purpose,
        }
        for name, sizes, purpose in (*ICONS, MASKABLE)
    ]
    told = {
        "id": "/chat",
        "name": page["name"],
        "short_name": page["name"],
        "description": page["chat"],
        "lang": language,
        "start_url": "/chat",
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": MAIN,
        "icons": icons,
    }
    return JSONResponse(told, media_type="application/manifest+json")


async def worker(_request: Request) -> Response:
    """Its address is above the static files, because it answers for the chat itself."""
    headers = {"Service-Worker-Allowed": "/chat"}
    return FileResponse(HERE / "static" / "worker.js", media_type="text/javascript", headers=headers)


async def offline(request: Request) -> Response:
    """The page that the worker keeps. Nobody's: the same for everybody who reads this language."""
    return HTMLResponse(Pages().draw("offline.html", _language(request)))


def _language(request: Request) -> str:
    asked = str(request.path_params["language"])
    return asked if asked in config.names("wording/webchat") else "en"
