"""What the bot asks of every channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from bot.dialogue.turn import Heard, Media, Say


@dataclass(frozen=True)
class Incoming:
    """One message as its channel brought it. key: the channel's own, unique id; the same key is kept once.

    address: of the chat. chat_message: the number of the message in its chat, by which a later edit names it.
    """

    key: str
    address: str
    body: dict[str, Any]
    chat_message: str = ""


class SendError(Exception):
    """A message was not sent."""


class Refused(SendError):
    """The channel will never take this message. blocked: nor any other for this chat."""

    def __init__(self, reason: str, *, blocked: bool = False, moved_to: str = "") -> None:
        super().__init__(reason)
        self.blocked = blocked
        self.moved_to = moved_to


class TryAgain(SendError):
    """The channel surely did not take this message, and may take it after so many seconds.

    everybody: the channel wants nothing at all until then, from no chat.
    """

    def __init__(self, reason: str, after: float, *, everybody: bool = False) -> None:
        super().__init__(reason)
        self.after = after
        self.everybody = everybody


class FateUnknown(SendError):
    """The message may have arrived or not: it must not be sent again."""


class TooBig(Exception):
    """The file is larger than the channel hands out, or than we keep."""


class Channel(Protocol):
    name: str

    def hear(self, body: dict[str, Any]) -> Heard:
        """What a kept payload says. Any payload gives an answer: what cannot be read is `unreadable` or `nothing`."""

    async def fetch(self, media: Media) -> bytes:
        """The content of a photo or a voice message. Raises TooBig, or TryAgain."""

    async def send(self, address: str, say: Say) -> str:
        """Sends one message and returns the channel's id of it. Raises a SendError."""

    async def heard_tap(self, tap: str) -> None:
        """Tells the channel that a tap has arrived, where it wants to know. Never raises."""
