"""What Telegram is asked for one Say: one call, however it is dressed.

A file goes before speech, speech before a big picture, and words alone are always possible.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from telegram import InputFile

from bot.dialogue.turn import File, Say
from bot.pictures import picture_file
from bot.speech import speak

# In the small letters that Telegram takes too: for "sendMessage" the library would warn each time.
MESSAGE, VOICE, PHOTO, DOCUMENT = "sendmessage", "sendvoice", "sendphoto", "senddocument"
LONGEST_CAPTION = 1024  # in the units of UTF-16, as Telegram counts
LARGEST_FILE = 50 * 1024 * 1024


@dataclass(frozen=True)
class Call:
    method: str
    asked: dict[str, Any]


def plain(address: str, say: Say) -> Call:
    """The words, with the picture before them."""
    return Call(MESSAGE, _to(address, say) | {"text": _with_picture(say)})


def with_file(address: str, say: Say, file: File) -> Call:
    upload = InputFile(file.content, file.name)
    upload.mimetype = file.mime
    return Call(DOCUMENT, _to(address, say) | {"document": upload, "caption": _cut(_with_picture(say))})


def dressed(address: str, say: Say, photographs: Path | None = None) -> Call:
    """As speech or with a big picture, where that can be; else plain. It takes a while: not for the event loop.

    photographs: the service's own, which go before drawings.
    """
    words = _with_picture(say)
    if not _fits(words):
        return plain(address, say)
    if say.aloud and (speech := speak(_read_out(say), say.aloud)):
        voice = InputFile(speech, "message.ogg")
        return Call(VOICE, _to(address, say) | {"voice": voice, "caption": words})
    if say.big and say.picture and (path := picture_file(say.picture, "png", photographs)):
        photo = InputFile(path.read_bytes(), f"picture{path.suffix}")
        return Call(PHOTO, _to(address, say) | {"photo": photo, "caption": say.words})
    return plain(address, say)


def _to(address: str, say: Say) -> dict[str, Any]:
    return {"chat_id": address, "reply_markup": _keyboard(say)}


def _with_picture(say: Say) -> str:
    return f"{say.picture} {say.words}" if say.picture else say.words


def _read_out(say: Say) -> str:
    """The choices too: who needs the words read needs those as well."""
    return "\n".join([say.words, *(choice.label for choice in say.choices)])


def _keyboard(say: Say) -> dict[str, Any] | None:
    if say.choices:
        rows = [[{"text": choice.label[:60], "callback_data": choice.value}] for choice in say.choices]
        return {"inline_keyboard": rows}
    if say.always:
        buttons = [{"text": label} for label in say.always]
        return {"keyboard": [buttons], "resize_keyboard": True, "is_persistent": True}
    return None


def _fits(caption: str) -> bool:
    return len(caption.encode("utf-16-le")) // 2 <= LONGEST_CAPTION


def _cut(caption: str) -> str:
    """A file without the end of its words is better than the words without their file."""
    if _fits(caption):
        return caption
    units = caption.encode("utf-16-le")[: 2 * (LONGEST_CAPTION - 1)]
    return units.decode("utf-16-le", "ignore") + "…"
