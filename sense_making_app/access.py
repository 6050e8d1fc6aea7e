"""Who sits at this browser: kept in the session only, and read again from the log at every rerun."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from learning_log.errors import NotAllowed
from learning_log.services.access import Reader
from learning_log.services.signing_in import reader_of, record_sign_out
from learning_log.storage.records import LearningLog

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=8)
_KEY = "signed_in"
_WHY = "why_signed_out"

State = MutableMapping[Any, Any]


@dataclass(frozen=True)
class SignedIn:
    staff_id: UUID
    tenant_id: UUID
    password_mark: bytes
    since: datetime
    last_seen: datetime


def has_ended(signed_in: SignedIn, now: datetime) -> bool:
    """After 15 minutes without a click, or after 8 hours."""
    return now - signed_in.last_seen >= IDLE or now - signed_in.since >= LONGEST


def begin(state: State, reader: Reader, now: datetime) -> None:
    state.clear()
    state[_KEY] = SignedIn(reader.staff_id, reader.tenant_id, reader.password_mark, now, now)


def current(log: LearningLog, state: State, now: datetime) -> Reader | None:
    """The reader as the log knows them now, or none: then everything in the session is gone."""
    signed_in = state.get(_KEY)
    if signed_in is None:
        return None
    if has_ended(signed_in, now):
        forget(state, "too_long")
        return None
    try:
        with log.read(signed_in.tenant_id, at=now) as records:
            reader = reader_of(records, signed_in.staff_id)
    except NotAllowed:
        forget(state, "no_role")
        return None
    if reader.password_mark != signed_in.password_mark:
        forget(state, "new_password")
        return None
    state[_KEY] = replace(signed_in, last_seen=now)
    return reader


def is_over(state: State, now: datetime) -> bool:
    """Asked while nobody clicks, so that words do not stay on a screen that was left."""
    signed_in = state.get(_KEY)
    return signed_in is not None and has_ended(signed_in, now)


def end(log: LearningLog, state: State, reader: Reader, now: datetime) -> None:
    with log.write(reader.tenant_id, at=now) as records:
        record_sign_out(records, reader)
    forget(state, "signed_out")


def forget(state: State, why: str) -> None:
    state.clear()
    state[_WHY] = why


def why_signed_out(state: State) -> str | None:
    """A key of the texts: too_long, no_role, new_password or signed_out."""
    why: str | None = state.get(_WHY)
    return why
