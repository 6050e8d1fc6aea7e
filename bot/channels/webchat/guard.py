"""What every answer carries, and which posts are ours."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.webchat.session import is_of_shared_device
from learning_log.settings import Settings

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # "no-referrer" would blank the Origin of our own forms, by which they are known; this one hides a code as well.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


NEVER_KEPT = "no-store"


class SafeHeaders:
    """cache: what a browser may keep of a good answer; on a device that several people use, nothing."""

    def __init__(self, app: ASGIApp, settings: Settings, cache: str = NEVER_KEPT) -> None:
        self.app = app
        self.settings = settings
        self.cache = cache

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_shared = is_of_shared_device(Headers(scope=scope).get("cookie", ""), self.settings)

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                cache = NEVER_KEPT if is_shared or message["status"] >= 400 else self.cache
                MutableHeaders(scope=message).update({**HEADERS, "Cache-Control": cache})
            await send(message)

        await self.app(scope, receive, send_safely)


def is_from_our_page(request: Request, settings: Settings) -> bool:
    """Whether a post was made by a page of ours: the browser says so, and no page can say it in its place.

    A browser that says neither is refused: each one of the last five years sends an Origin with a post.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(request.headers.get("origin", ""))
    if not origin.netloc:
        return False
    return origin.netloc in {request.headers.get("host", ""), urlsplit(settings.address_of_chat).netloc}
