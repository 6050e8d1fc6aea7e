"""Draws the pages, with their texts from config/wording."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.channels.webchat.lines import Chat
from bot.channels.webchat.pictures import Pictures
from bot.channels.webchat.posting import MOST_LETTERS
from bot.channels.webchat.session import LATE, QUIET
from bot.dialogue.book import words
from bot.pictures import CREDIT
from learning_log import config

HERE = Path(__file__).parent
ALWAYS = ("worried", "again", "stop")
PICTURE_FIRST = re.compile(r"^([^\w\s]+)\s+(.+)$", re.DOTALL)


@cache
def texts(language: str) -> dict[str, Any]:
    """The page's texts in a language, or in English where there are none."""
    known = config.names("wording/webchat")
    return config.load(f"wording/webchat/{language if language in known else 'en'}")


def sorry(language: str, reason: str) -> str:
    return str(texts(language)["sorry"][reason]).format(most=f"{MOST_LETTERS:,}")


def split_picture(label: str) -> tuple[str, str]:
    """The picture at the front of a label, to be hidden from screen readers, and its words."""
    found = PICTURE_FIRST.match(label)
    return (found[1], found[2]) if found else ("", label)


def day_of(moment: datetime, language: str) -> str:
    table = texts(language)
    return f"{table['days'][moment.weekday()]} {moment.day} {table['months'][moment.month - 1]}"


@dataclass(frozen=True)
class Pages:
    pictures: Pictures = field(default_factory=Pictures)

    def draw(self, name: str, language: str = "en", **values: Any) -> str:
        given = {"language": language, "t": texts(language), "picture": self.pictures.drawn, **values}
        return _templates().get_template(name).render(given)

    def draw_chat(self, chat: Chat, draft: str = "", trouble: str = "", *, is_shared: bool = False) -> str:
        """The whole chat. trouble: the name of a sentence about what was not kept; draft: words still in the box."""
        values = {
            "always": [words(chat.language).say(f"buttons.{name}") for name in ALWAYS],
            "trouble": sorry(chat.language, trouble) if trouble else "",
            "most": MOST_LETTERS,
            "quiet": int(QUIET.total_seconds()) if is_shared else 0,
            "credit": CREDIT,
            "late": int(LATE.total_seconds()),
        }
        return self.draw("chat.html", chat.language, chat=chat, draft=draft, **values)

    def drawn_lines(self, chat: Chat) -> list[dict[str, Any]]:
        """The lines for a page that is already open: each with what it says, and drawn."""
        return [
            {
                "id": line.id,
                "order": line.order,
                "by": line.by,
                "key": line.key,
                "words": line.words,
                "choices": [{"label": choice.label, "value": choice.value} for choice in line.choices],
                "day": day_of(line.at, chat.language),
                "html": self.draw("line.html", chat.language, line=line, is_newest=line is chat.lines[-1]),
            }
            for line in chat.lines
        ]


def _key() -> str:
    return str(uuid.uuid4())


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(split_picture=split_picture, day_of=day_of)
    templates.globals.update(new_key=_key)
    return templates
