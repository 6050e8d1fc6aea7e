"""Reads what the page posts, within its limits, and makes of it what is kept."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request

from bot.channels.webchat.channel import body_of_media
from bot.channels.webchat.files import MOST_BYTES, FileRefused, clean_photo, kind_of

MOST_LETTERS = 4096
MOST_BODY = MOST_BYTES + 256 * 1024  # the file, the words, and what a form wraps around them
MOST_DISCARDED = 5 * MOST_BODY
MOST_FIELD = 128 * 1024
KEY = re.compile(r"[0-9A-Za-z-]{8,64}")


class NotTaken(Exception):
    """What was posted is not kept. reason: the name of its sentence. draft: the words, which stay in the box."""

    def __init__(self, reason: str, status: int = 400, draft: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.draft = draft


@dataclass(frozen=True)
class Posted:
    """key: made by the page for this one message, so that a repeated post is kept once."""

    key: str
    text: str = ""
    button: str = ""
    file: bytes = b""

    def kept_under(self, token: str) -> str:
        """Nobody else's key can be met, and other words under a key that was used are a message of their own."""
        digest = hashlib.sha256()
        for part in (token, self.key, self.text, self.button):
            digest.update(part.encode() + b"\0")
        digest.update(self.file)
        return digest.hexdigest()[:40]


async def read_posted(request: Request) -> Posted:
    """Raises NotTaken."""
    fields = await _fields(request)
    key, text, button = (_words(fields, name) for name in ("key", "text", "button"))
    file = fields.get("file", b"")
    if not KEY.fullmatch(key) or not isinstance(file, bytes):
        raise NotTaken("unreadable", draft=text)
    if len(text) > MOST_LETTERS:
        raise NotTaken("too_long", 413, text)
    posted = Posted(key, text, button, file)
    if not (posted.text or posted.button or posted.file):
        raise NotTaken("blank")
    return posted


async def body_of(posted: Posted, label_of: Callable[[str], Any]) -> dict[str, Any]:
    """What is kept of a post. label_of: awaits the label of a choice that this chat was offered. Raises NotTaken."""
    if posted.button:
        label = await label_of(posted.button)
        if not label:
            raise NotTaken("closed", 409, posted.text)
        body = {"kind": "button", "value": posted.button, "label": label}
    elif posted.file:
        body = await _body_of_file(posted)
    else:
        body = {"kind": "words", "words": posted.text}
    return {**body, "key": posted.key}


async def _body_of_file(posted: Posted) -> dict[str, Any]:
    try:
        kind, mime = kind_of(posted.file)
        content, preview = posted.file, ""
        if kind == "photo":
            content, preview = await asyncio.to_thread(clean_photo, posted.file)
    except FileRefused as refused:
        raise NotTaken(refused.reason, 413 if refused.reason == "too_big" else 415, posted.text) from refused
    return body_of_media(kind, mime, content, posted.text, preview)


async def _fields(request: Request) -> dict[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    stream = _within_limit(request)
    try:
        if kind == "application/json":
            return _from_json(b"".join([part async for part in stream]))
        form = await _parser(kind, request, stream).parse()
        fields = {name: await _value(value) for name, value in form.items()}
        await form.close()
        return fields
    except (MultiPartException, ValueError) as error:
        raise NotTaken("unreadable") from error


def _parser(kind: str, request: Request, stream: AsyncGenerator[bytes, None]) -> MultiPartParser | FormParser:
    if kind == "application/x-www-form-urlencoded":
        return FormParser(request.headers, stream)
    if kind != "multipart/form-data":
        raise NotTaken("unreadable")
    parser = MultiPartParser(request.headers, stream, max_files=1, max_fields=8, max_part_size=MOST_FIELD)
    parser.spool_max_size = 2 * MOST_BODY  # a file that is still unsealed never touches the disk
    return parser


async def _value(value: str | UploadFile) -> str | bytes:
    return await value.read() if isinstance(value, UploadFile) else value


def _words(fields: dict[str, Any], name: str) -> str:
    """Without carriage returns, which forms add, and without halves of letters, which no text can hold."""
    value = fields.get(name, "")
    words = value if isinstance(value, str) else ""
    return words.replace("\r\n", "\n").encode("utf-8", "replace").decode().strip()


def _from_json(text: bytes) -> dict[str, str]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise NotTaken("unreadable")
    return {name: value for name, value in found.items() if isinstance(value, str) and name != "file"}


async def _within_limit(request: Request) -> AsyncGenerator[bytes, None]:
    """The body as it comes. What is over the limit is read and dropped: a browser shows no answer before it has sent
    everything. Raises NotTaken."""
    came = 0
    async for part in request.stream():
        came += len(part)
        if came <= MOST_BODY:
            yield part
        elif came > MOST_DISCARDED:
            break
    if came > MOST_BODY:
        raise NotTaken("too_big", 413)
