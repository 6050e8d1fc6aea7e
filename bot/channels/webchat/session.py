"""Whose chat it is: a random token in a cookie, which is the chat's address."""

from __future__ import annotations

import re
import secrets

from starlette.requests import Request
from starlette.responses import Response

from learning_log.settings import Settings

TOKEN_BYTES = 32
SECONDS = 400 * 24 * 3600  # browsers keep a cookie no longer
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_of(request: Request, settings: Settings) -> str:
    """The chat's address; an empty text when there is none, or none that we could have made."""
    token = request.cookies.get(_name(settings), "")
    return token if TOKEN.fullmatch(token) else ""


def remember(response: Response, token: str, settings: Settings) -> None:
    """Also on each look at the page, so that a chat in use never runs out."""
    response.set_cookie(
        _name(settings), token, max_age=SECONDS, path="/", secure=settings.is_https, httponly=True, samesite="lax"
    )


def forget(response: Response, settings: Settings) -> None:
    response.delete_cookie(_name(settings), path="/", secure=settings.is_https, httponly=True, samesite="lax")


def _name(settings: Settings) -> str:
    # The prefix makes browsers refuse the cookie from a neighbouring host; they demand Secure for it.
    return "__Host-whatmatters" if settings.is_https else "whatmatters"
