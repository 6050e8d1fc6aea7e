"""The app's texts, from config/wording/app/en.toml."""

from __future__ import annotations

import re
from typing import Any

from learning_log import config
from learning_log.errors import SettingsWrong

_MARKS = re.compile(r"([!-/:-@\[-`{-~])")


def say(key: str, **values: object) -> str:
    """The text "page.name", with its values filled in. Raises SettingsWrong, which names a text that is missing."""
    found: Any = config.load("wording/app/en")
    for part in key.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    if not isinstance(found, str):
        raise SettingsWrong(f"The text {key} is missing in config/wording/app/en.toml.")
    return found.format(**values) if values else found


def has(key: str) -> bool:
    try:
        say(key)
    except SettingsWrong:
        return False
    return True


def plain(text: str) -> str:
    """Somebody's words, so that the page shows them as they are: no link, picture, formula or colour comes out of them.

    A picture in a message would otherwise be fetched from the network by whoever reads it.
    """
    lines = (_MARKS.sub(r"\\\1", line.strip()) for line in text.strip().splitlines())
    return "  \n".join(lines)


def quoted(text: str) -> str:
    """Somebody's words in quotation marks: only real words get them."""
    return f"“{plain(text)}”"
