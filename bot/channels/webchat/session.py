"""Whose chat it is: a random token in a cookie, which is the chat's address.

On a device that several people use, the token is sealed together with the time of its last use, and the cookie ends
with the browser. A copy of it opens nothing once the quiet minutes are over, and does not give away the token.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.cookies import CookieError, SimpleCookie

from starlette.requests import Request
from starlette.responses import Response

from learning_log.errors import WrongKey
from learning_log.settings import Settings
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import NOBODY

TOKEN_BYTES = 32
SECONDS = 400 * 24 * 3600  # browsers keep a cookie no longer
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
# Time to think about an answer, or to fetch a cup of tea; typing counts as being there. A library's next visitor waits
# about as long. The page closes the chat itself; the server waits a minute more, for what is on its way.
QUIET = timedelta(minutes=10)
LATE = timedelta(minutes=1)
PLACE = ("webchat", "session", NOBODY)


@dataclass(frozen=True)
class Session:
    """token: the chat's address; an empty text when there is none. is_over: nobody used it for the quiet minutes."""

    token: str = ""
    is_shared: bool = False
    is_over: bool = False


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def session_of(request: Request, log: LearningLog, settings: Settings) -> Session:
    """None that we could not have made ourselves."""
    cookie = request.cookies.get(_name(settings), "")
    if TOKEN.fullmatch(cookie):
        return Session(cookie)
    opened = _opened(cookie, log) if cookie else None
    if opened is None:
        return Session()
    used, token = opened
    return Session(token, is_shared=True, is_over=log.clock() - used > QUIET + LATE)


def remember(response: Response, session: Session, log: LearningLog, settings: Settings) -> None:
    """Also on each look at the page, so that a chat in use never runs out."""
    value = _sealed(session.token, log) if session.is_shared else session.token
    age = None if session.is_shared else SECONDS
    response.set_cookie(
        _name(settings), value, max_age=age, path="/", secure=settings.is_https, httponly=True, samesite="lax"
    )


def forget(response: Response, settings: Settings) -> None:
    response.delete_cookie(_name(settings), path="/", secure=settings.is_https, httponly=True, samesite="lax")
    clear(response)


def clear(response: Response) -> None:
    """Whatever the browser holds of this page besides the cookie: files of ours, and the worker that keeps them."""
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def is_of_shared_device(cookies: str, settings: Settings) -> bool:
    """cookies: the header. Only by its shape, for what may be stored; it lets nobody in."""
    try:
        held = SimpleCookie(cookies).get(_name(settings))
    except CookieError:
        return False
    return held is not None and len(held.value) > 0 and not TOKEN.fullmatch(held.value)


def _sealed(token: str, log: LearningLog) -> str:
    table, column, row = PLACE
    words = f"{int(log.clock().timestamp())} {token}".encode()
    return base64.urlsafe_b64encode(log.vault.seal(NOBODY, table, column, row, words)).decode()


def _opened(cookie: str, log: LearningLog) -> tuple[datetime, str] | None:
    table, column, row = PLACE
    try:
        sealed = base64.b64decode(cookie, b"-_", validate=True)
        seconds, token = log.vault.open(NOBODY, table, column, row, sealed).decode().split(" ")
    except (binascii.Error, ValueError, WrongKey):
        return None
    return datetime.fromtimestamp(int(seconds), UTC), token


def _name(settings: Settings) -> str:
    # The prefix makes browsers refuse the cookie from a neighbouring host; they demand Secure for it.
    return "__Host-whatmatters" if settings.is_https else "whatmatters"
