"""The pictures on the page: an image from our own address, or the emoji as text where there is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from bot.pictures import VERSION, emoji_of, hexcode, picture_file

KINDS = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}
CODE = re.compile(r"[0-9A-F]{2,6}(-[0-9A-F]{2,6}){0,15}")
IMAGE = Markup('<img class="emoji" src="{}" alt="" width="72" height="72">')
PHOTOGRAPH = Markup('<img class="emoji photograph" src="{}" alt="" width="72" height="72">')
TEXT = Markup('<span class="emoji" aria-hidden="true">{}</span>')


@dataclass(frozen=True)
class Pictures:
    """photographs: the service's own, if it has any."""

    photographs: Path | None = None

    def drawn(self, emoji: str) -> Markup:
        """As HTML, hidden from screen readers: the words beside it say the same."""
        path = picture_file(emoji, "svg", self.photographs)
        if path is None:
            return TEXT.format(emoji)
        is_drawing = path.suffix == ".svg"
        # Browsers keep a picture for a year: another one has another address.
        version = VERSION if is_drawing else str(int(path.stat().st_mtime))
        address = f"/chat/picture/{hexcode(emoji)}{path.suffix.lower()}?{version}"
        return (IMAGE if is_drawing else PHOTOGRAPH).format(address)

    async def show(self, request: Request) -> Response:
        code, dot, kind = str(request.path_params["name"]).rpartition(".")
        path = self._file(code) if CODE.fullmatch(code) else None
        if path is None or path.suffix.lower() != dot + kind:
            return Response(status_code=404)
        return FileResponse(path, media_type=KINDS[dot + kind])

    def _file(self, code: str) -> Path | None:
        try:
            return picture_file(emoji_of(code), "svg", self.photographs)
        except (ValueError, OverflowError):
            return None
