"""Photos and sounds: what they are by their first bytes, and photos without what the camera wrote into them."""

from __future__ import annotations

import base64
import io
from typing import Literal

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_BYTES = 20 * 1024 * 1024
MOST_PIXELS = 50_000_000  # a picture of a few kilobytes can unfold to gigabytes
LONGEST_SIDE = 2560
PREVIEW_SIDE = 360
PHOTOS = ("JPEG", "PNG", "WEBP", "GIF")


class FileRefused(Exception):
    """reason: the name of the sentence for it in the wording's [sorry]."""

    def __init__(self, reason: Literal["too_big", "wrong_kind", "broken"]) -> None:
        super().__init__(reason)
        self.reason = reason


def kind_of(content: bytes) -> tuple[Literal["photo", "voice"], str]:
    """What a file is, and its MIME type. Raises FileRefused. What the browser calls it is not believed."""
    if len(content) > MOST_BYTES:
        raise FileRefused("too_big")
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")) or _riff(content, b"WEBP"):
        return "photo", "image/jpeg"  # every photo is kept as JPEG
    sound = _sound(content)
    if not sound:
        raise FileRefused("wrong_kind")
    return "voice", sound


def _sound(content: bytes) -> str:
    if content.startswith(b"\x1a\x45\xdf\xa3"):
        return "audio/webm"
    if content.startswith(b"OggS"):
        return "audio/ogg"
    if _riff(content, b"WAVE"):
        return "audio/wav"
    if content[4:8] == b"ftyp" and not content[8:12].startswith((b"heic", b"heix", b"mif1", b"avif")):
        return "audio/mp4"
    if content.startswith(b"ID3") or _is_mpeg_frame(content):
        return "audio/mpeg"
    return ""


def _is_mpeg_frame(content: bytes) -> bool:
    """MP3 (a version that exists, layer III) or AAC; without looking so closely, text in UTF-16 would pass."""
    if len(content) < 2 or content[0] != 0xFF:
        return False
    return (content[1] & 0xE6 == 0xE2 and content[1] & 0x18 != 0x08) or content[1] & 0xF6 == 0xF0


def _riff(content: bytes, form: bytes) -> bool:
    return content.startswith(b"RIFF") and content[8:12] == form


def clean_photo(content: bytes) -> tuple[bytes, str]:
    """The photo as a new JPEG, and a small preview as a data address.

    Only the pixels are carried over: place, time, camera and comments stay behind. Raises FileRefused.
    """
    try:
        with Image.open(io.BytesIO(content), formats=PHOTOS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise FileRefused("too_big")
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = _on_white(ImageOps.exif_transpose(opened))
    except Image.DecompressionBombError as error:
        raise FileRefused("too_big") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise FileRefused("broken") from error
    photo = _jpeg(upright, LONGEST_SIDE, 85)
    preview = base64.b64encode(_jpeg(upright, PREVIEW_SIDE, 70)).decode()
    return photo, f"data:image/jpeg;base64,{preview}"


def _on_white(picture: Image.Image) -> Image.Image:
    """A new picture: what is attached to the old one is not attached to it."""
    sheet = Image.new("RGB", picture.size, "white")
    layers = picture.convert("RGBA")
    sheet.paste(layers, mask=layers)
    return sheet


def _jpeg(picture: Image.Image, longest_side: int, quality: int) -> bytes:
    smaller = picture.copy()
    smaller.thumbnail((longest_side, longest_side))
    written = io.BytesIO()
    smaller.save(written, "JPEG", quality=quality, optimize=True)
    return written.getvalue()
