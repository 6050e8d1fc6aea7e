"""Files that people and the bot sent: identifiers, sizes and downloads."""

import secrets
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from .parameters import Parameters
from .rules import DOWNLOAD_BYTES, PHOTO_BYTES, PHOTO_RATIO, PHOTO_SIDES, Json, bad_request

Kind = Literal["photo", "voice", "document", "sticker"]

PNG_BEGINNING = b"\x89PNG\r\n\x1a\n"
PICTURE_BEGINNINGS = (b"\xff\xd8\xff", PNG_BEGINNING, b"GIF8", b"BM", b"RIFF")


@dataclass(frozen=True)
class StoredFile:
    """`content` is None when only a size was given: such a file downloads as zeros."""

    file_id: str
    unique_id: str
    kind: Kind
    name: str
    mime_type: str
    size: int
    content: bytes | None
    path: str

    def read(self) -> bytes:
        return bytes(self.size) if self.content is None else self.content

    def identifiers(self) -> Json:
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": self.size}

    def payload(self) -> Json:
        """The part of a message that shows this file, under its own key."""
        if self.kind == "photo":
            small = {"file_id": f"{self.file_id}s", "file_unique_id": f"{self.unique_id}s", "file_size": 1}
            sizes = [small | {"width": 90, "height": 90}, self.identifiers() | {"width": 800, "height": 800}]
            return {"photo": sizes}
        if self.kind == "voice":
            return {"voice": self.identifiers() | {"duration": 3, "mime_type": self.mime_type}}
        named = self.identifiers() | {"file_name": self.name, "mime_type": self.mime_type}
        return {"document": named}


class Files:
    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def keep(self, kind: Kind, name: str, content: bytes | int, mime_type: str) -> StoredFile:
        number = len(self._by_path)
        size = content if isinstance(content, int) else len(content)
        file = StoredFile(
            file_id=f"{kind}-{secrets.token_urlsafe(24)}",
            unique_id=secrets.token_urlsafe(8),
            kind=kind,
            name=name,
            mime_type=mime_type,
            size=size,
            content=None if isinstance(content, int) else content,
            path=f"{kind}s/file_{number}{PurePath(name).suffix}",
        )
        self._by_id[file.file_id] = file
        self._by_path[file.path] = file
        return file

    def find(self, file_id: str) -> StoredFile:
        if file_id not in self._by_id:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        return self._by_id[file_id]

    def downloadable(self, file_id: str) -> StoredFile:
        file = self.find(file_id)
        if file.size > DOWNLOAD_BYTES:
            raise bad_request("file is too big")
        return file

    def at(self, path: str) -> StoredFile | None:
        file = self._by_path.get(path)
        return file if file and file.size <= DOWNLOAD_BYTES else None

    def sent(self, kind: Kind, params: Parameters) -> StoredFile:
        """What the bot sends: an upload, or the identifier of a file that Telegram has already."""
        upload = params.upload(kind)
        if upload is None:
            return self._sent_again(kind, params.text(kind))
        if not upload.content:
            raise bad_request("file must be non-empty")
        if kind == "photo":
            _check_photo(upload.content)
        if kind == "voice" and not _is_voice(upload.content):
            kind = "document"
        return self.keep(kind, upload.name, upload.content, upload.mime_type)

    def _sent_again(self, kind: Kind, file_id: str) -> StoredFile:
        if not file_id:
            raise bad_request(f"there is no {kind} in the request")
        if file_id not in self._by_id:
            raise bad_request("wrong file identifier/HTTP URL specified")
        file = self._by_id[file_id]
        if file.kind != kind:
            raise bad_request(f"can't use file of type {file.kind.title()} as {kind.title()}")
        return file


def _check_photo(content: bytes) -> None:
    if len(content) > PHOTO_BYTES:
        raise bad_request("file is too big for a photo")
    # A drawing (SVG) is not a photo: Telegram takes raster pictures only.
    if not content.startswith(PICTURE_BEGINNINGS):
        raise bad_request("IMAGE_PROCESS_FAILED")
    if content.startswith(PNG_BEGINNING) and content[12:16] == b"IHDR":
        width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
        if width + height > PHOTO_SIDES or max(width, height) > PHOTO_RATIO * min(width, height):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")


def _is_voice(content: bytes) -> bool:
    """OGG with Opus, MP3 or M4A. Telegram takes other sound too, and shows it as a file."""
    opus = content.startswith(b"OggS") and b"OpusHead" in content[:64]
    return opus or content.startswith((b"ID3", b"\xff\xfb")) or content[4:8] == b"ftyp"
