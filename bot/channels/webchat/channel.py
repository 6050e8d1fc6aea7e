"""The web chat as a channel: what the page posted becomes what was heard."""

from __future__ import annotations

import base64
from typing import Any, Literal

from bot.dialogue.turn import Heard, Media, Say

NAME = "webchat"


class WebChat:
    """Sending needs no work here: the page shows a message as soon as the outbox has recorded it as sent."""

    name = NAME

    def hear(self, body: dict[str, Any]) -> Heard:
        kind = body.get("kind")
        if kind == "start":
            return Heard("start", code=_text(body, "code"))
        if kind == "button":
            return Heard("button", button=_text(body, "value"))
        if kind == "words":
            return Heard("words", words=_text(body, "words"))
        if kind in ("photo", "voice"):
            return _heard_media(kind, body)
        return Heard("unreadable")

    async def fetch(self, media: Media) -> bytes:
        """The file is part of the kept message: its reference is the content itself, in base64."""
        return base64.b64decode(media.reference)

    async def send(self, address: str, say: Say) -> str:
        return ""

    async def heard_tap(self, tap: str) -> None:
        """The page shows for itself that a tap has arrived."""


def body_of_media(
    kind: Literal["photo", "voice"], mime: str, content: bytes, words: str, preview: str
) -> dict[str, Any]:
    """What is kept of a file. Without its content the body still shows the line: preview is a small picture."""
    return {
        "kind": kind,
        "mime": mime,
        "size": len(content),
        "content": base64.b64encode(content).decode(),
        "words": words,
        "preview": preview,
    }


def _heard_media(kind: Literal["photo", "voice"], body: dict[str, Any]) -> Heard:
    content, size = _text(body, "content"), body.get("size")
    if not content or not isinstance(size, int):
        return Heard("unreadable")
    return Heard("media", words=_text(body, "words"), media=Media(kind, content, _text(body, "mime"), size))


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""
