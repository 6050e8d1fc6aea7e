"""What a call carries: query, form, multipart or JSON, read alike."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request

from .rules import UPLOAD_BYTES, Json, Refused, bad_request


@dataclass(frozen=True)
class Upload:
    name: str
    content: bytes
    mime_type: str


@dataclass(frozen=True)
class Parameters:
    values: Json = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name, default)
        return value if isinstance(value, str) else json.dumps(value)

    def number(self, name: str, default: int = 0) -> int:
        try:
            return int(float(self.values.get(name, default)))
        except (TypeError, ValueError):
            return default

    def flag(self, name: str) -> bool:
        return str(self.values.get(name, "")).lower() in {"true", "1", "yes"}

    def structure(self, name: str) -> Any:
        """A JSON value, whether it came as JSON or as a string of JSON; None when it is not there."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except json.JSONDecodeError as error:
            raise bad_request(f"can't parse {name} JSON object") from error

    def chat_id(self) -> int | None:
        try:
            return int(self.values["chat_id"])
        except (KeyError, TypeError, ValueError):
            return None

    def upload(self, name: str) -> Upload | None:
        attached = self.text(name).removeprefix("attach://")
        return self.uploads.get(name) or self.uploads.get(attached)


async def read_parameters(request: Request) -> Parameters:
    values: Json = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _read_multipart(request, values)
    body = await request.body()
    if kind == "application/json" and body:
        values |= _read_json(body)
    elif kind == "application/x-www-form-urlencoded":
        values |= parse_qsl(body.decode(), keep_blank_values=True)
    return Parameters(values)


def _read_json(body: bytes) -> Json:
    try:
        values = json.loads(body)
    except ValueError as error:
        raise bad_request("can't parse JSON object") from error
    if not isinstance(values, dict):
        raise bad_request("JSON object expected")
    return values


async def _read_multipart(request: Request, values: Json) -> Parameters:
    if int(request.headers.get("content-length", 0)) > UPLOAD_BYTES:
        raise Refused(413, "Request Entity Too Large")
    uploads: dict[str, Upload] = {}
    async with request.form() as form:
        for name, part in form.multi_items():
            if isinstance(part, UploadFile):
                mime_type = part.content_type or "application/octet-stream"
                uploads[name] = Upload(part.filename or name, await part.read(), mime_type)
            else:
                values[name] = part
    return Parameters(values, uploads)
