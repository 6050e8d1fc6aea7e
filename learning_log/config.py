"""Reads config/: data for people to edit, never Python."""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from learning_log.errors import SettingsWrong


def folder() -> Path:
    """The folder that holds the files: WHATMATTERS_CONFIG_DIR, or config/ beside the packages."""
    return Path(os.environ.get("WHATMATTERS_CONFIG_DIR") or Path(__file__).parents[1] / "config")


@cache
def load(name: str) -> dict[str, Any]:
    """The table in config/<name>.toml, such as "wording/en". Treat it as read-only: it is shared.

    Raises SettingsWrong, which names the file, when it is missing or is not TOML.
    """
    path = folder() / f"{name}.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsWrong(f"The file config/{name}.toml is missing. Put it back.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsWrong(f"The file config/{name}.toml cannot be read: {error}.") from error


def names(kind: str) -> list[str]:
    """The names of the files in config/<kind>/, sorted, without the ending."""
    return sorted(path.stem for path in (folder() / kind).glob("*.toml"))
