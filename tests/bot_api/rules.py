"""Telegram's figures, and the one error by which a call is refused.

Sources: core.telegram.org/bots/api, core.telegram.org/bots/faq, and the behaviour of the open Bot API server.
"""

import re
from datetime import timedelta
from typing import Any

Json = dict[str, Any]

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
CALLBACK_DATA_BYTES = 64
DOWNLOAD_BYTES = 20 * 1024 * 1024
UPLOAD_BYTES = 50 * 1024 * 1024
PHOTO_BYTES = 10 * 1024 * 1024
PHOTO_SIDES = 10_000  # width and height together
PHOTO_RATIO = 20
UPDATES_A_POLL = 100
LONGEST_POLL_SECONDS = 50
UPDATE_LIFETIME = timedelta(hours=24)
QUIET_WEEK = timedelta(days=7)
WEBHOOK_CONNECTIONS = 40
WEBHOOK_GONE_FOR = timedelta(hours=23)
DELETABLE_FOR = timedelta(hours=48)
# Telegram names no figure; bots see "query is too old" after a minute or so.
QUERY_LIFETIME = timedelta(seconds=60)

COMMAND = re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,32}(?:@\w{5,32})?")


class Refused(Exception):
    """The answer is `ok: false`; `parameters` are Telegram's ResponseParameters."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(f"{status} {description}")
        self.status = status
        self.description = description
        self.parameters = parameters

    def answer(self) -> Json:
        body: Json = {"ok": False, "error_code": self.status, "description": self.description}
        return body | {"parameters": self.parameters} if self.parameters else body


def bad_request(words: str) -> Refused:
    return Refused(400, f"Bad Request: {words}")


def utf16_length(text: str) -> int:
    """Telegram measures text in UTF-16 code units: most emoji count twice."""
    return len(text.encode("utf-16-le")) // 2


def check_text(text: str) -> str:
    if not text.strip():
        raise bad_request("message text is empty")
    if utf16_length(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return text


def check_caption(caption: str) -> str:
    if utf16_length(caption) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return caption


def command_entities(text: str) -> list[Json]:
    """What Telegram marks as a command in a person's words; without it a bot's command handler stays silent."""
    return [
        {
            "type": "bot_command",
            "offset": utf16_length(text[: found.start()]),
            "length": utf16_length(found.group()),
        }
        for found in COMMAND.finditer(text)
    ]
