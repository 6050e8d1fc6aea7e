"""Signing in to the sense-making app, and reading again at each step what somebody may do."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from sqlmodel import col, select

from learning_log.errors import NotAllowed, NotFound, SignInLocked, SignInRefused
from learning_log.services import auditing, passwords
from learning_log.services.access import NOWHERE, Reader, Scope
from learning_log.services.finding import username_hash
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import Role, Staff, Team, Tenant

logger = logging.getLogger(__name__)

WRONG_TRIES = 5
LOCKED_FOR = timedelta(minutes=15)
STRANGER = "stranger"


class Strangers:
    """Wrong tries at names that nobody has: they lock as real ones do, so that a lock tells nothing."""

    def __init__(self, remembered: int = 10_000) -> None:
        self._tries: OrderedDict[bytes, tuple[int, datetime | None]] = OrderedDict()
        self._remembered = remembered

    def refuse(self, username: bytes, now: datetime) -> None:
        """Counts one more wrong try. Always raises: SignInLocked or SignInRefused."""
        tries, locked_until = self._tries.pop(username, (0, None))
        if locked_until is not None and now < locked_until:
            self._tries[username] = (tries, locked_until)
            raise SignInLocked
        tries += 1
        self._tries[username] = (0, now + LOCKED_FOR) if tries >= WRONG_TRIES else (tries, None)
        if len(self._tries) > self._remembered:
            self._tries.popitem(last=False)
        raise SignInRefused


def sign_in(log: LearningLog, username: str, password: str, strangers: Strangers) -> Reader:
    """Owns its transactions, because a wrong try is kept although it is refused.

    Raises SignInRefused, SignInLocked, or NotAllowed for somebody who has no role any more. A name that nobody has
    costs as much time as one that somebody has.
    """
    with log.read() as records:
        hashed = username_hash(records, username)
        known = _who(records, hashed)
    # Checked outside a transaction: the check is slow on purpose, and must not keep the bot from writing.
    right = passwords.matches(known.password_hash if known else _hash_of_nobody(), password)
    if known is None:
        logger.info("sign-in refused", extra={"reason": "unknown"})
        _record_stranger(log)
        strangers.refuse(hashed, log.clock())
        raise SignInRefused
    with log.write(known.tenant_id) as records:
        refusal = _count_try(records, known.staff_id, right)
    if refusal is not None:
        raise refusal
    with log.read(known.tenant_id) as records:
        return reader_of(records, known.staff_id)


@dataclass(frozen=True)
class _Known:
    staff_id: UUID
    tenant_id: UUID
    password_hash: str


def _who(records: Records, hashed: bytes) -> _Known | None:
    """None for a name that nobody has, for somebody who left, and for somebody without a password."""
    staff = records.first(select(Staff).where(Staff.username_hash == hashed))
    if staff is None or staff.password_hash is None or has_left(staff, records.now):
        return None
    return _Known(staff.id, staff.tenant_id, staff.password_hash)


def _record_stranger(log: LearningLog) -> None:
    """For every tenant, since nobody knows whose door it was. A name that nobody has may be a password: not kept."""
    with log.read() as records:
        tenants = list(records.all(select(Tenant.id)))
    for tenant in tenants:
        with log.write(tenant) as records:
            auditing.record(records, STRANGER, "sign_in_refused")


def _count_try(records: Records, staff_id: UUID, right: bool) -> SignInLocked | SignInRefused | None:
    """What to raise once it has been kept; none when the way is open."""
    staff = records.session.exec(select(Staff).where(Staff.id == staff_id).with_for_update()).one()
    actor = f"staff:{staff_id}"
    if staff.locked_until is not None and records.now < staff.locked_until:
        auditing.record(records, actor, "sign_in_locked", "staff", staff_id)
        return SignInLocked()
    if right:
        staff.failed_sign_ins, staff.locked_until = 0, None
        auditing.record(records, actor, "signed_in", "staff", staff_id)
        return None
    staff.failed_sign_ins += 1
    staff.locked_until = None
    if staff.failed_sign_ins >= WRONG_TRIES:
        staff.failed_sign_ins, staff.locked_until = 0, records.now + LOCKED_FOR
    auditing.record(records, actor, "sign_in_refused", "staff", staff_id)
    return SignInRefused()


def reader_of(records: Records, staff_id: UUID) -> Reader:
    """What this member of staff may do now. Raises NotAllowed when they left, or have no role or no password."""
    try:
        staff = records.get(Staff, staff_id)
    except NotFound as error:
        raise NotAllowed from error
    roles = records.all(select(Role).where(Role.staff_id == staff_id))
    if not roles or staff.password_hash is None or has_left(staff, records.now):
        raise NotAllowed
    services_of = {team.id: team.service_id for team in records.all(select(Team))}
    scopes = {
        name: _scope([role for role in roles if role.role == name], services_of)
        for name in sorted({role.role for role in roles})
    }
    mark = records.fingerprint("sign_in.password", staff.password_hash)
    return Reader(staff.id, staff.tenant_id, records.text(staff, "name"), scopes, mark)


@contextmanager
def noting_refusals(log: LearningLog, reader: Reader, at: datetime) -> Iterator[None]:
    """Around a reader's transaction: what was not theirs to see or do is noted after it was rolled back."""
    try:
        yield
    except NotAllowed:
        with log.write(reader.tenant_id, at=at) as records:
            auditing.record(records, reader.actor, "was_refused", "staff", reader.staff_id)
        raise


def record_sign_out(records: Records, reader: Reader) -> None:
    auditing.record(records, reader.actor, "signed_out", "staff", reader.staff_id)


def has_left(staff: Staff, now: datetime) -> bool:
    return staff.left_on is not None and staff.left_on <= now.date()


def names_of_staff(records: Records, ids: Iterable[UUID]) -> dict[UUID, str]:
    wanted = set(ids)
    if not wanted:
        return {}
    return {
        staff.id: records.text(staff, "name") for staff in records.all(select(Staff).where(col(Staff.id).in_(wanted)))
    }


def is_invented(records: Records) -> bool:
    """Whether this tenant, or any of them when none was chosen, is an invented example."""
    wanted = select(Tenant.id).where(col(Tenant.invented).is_(True))
    if records.session.info["tenant"] is not None:
        wanted = wanted.where(Tenant.id == records.tenant)
    return records.first(wanted.limit(1)) is not None


def _scope(roles: list[Role], services_of: dict[UUID, UUID]) -> Scope:
    if any(role.service_id is None and role.team_id is None for role in roles):
        return Scope(everywhere=True)
    services = frozenset(role.service_id for role in roles if role.service_id is not None and role.team_id is None)
    named = {role.team_id for role in roles if role.team_id is not None}
    teams = frozenset(team for team, service in services_of.items() if team in named or service in services)
    if not teams and not services:
        return NOWHERE
    return Scope(False, services, teams, services | {services_of[team] for team in teams})


@cache
def _hash_of_nobody() -> str:
    return passwords.hash_password("a password that opens nothing")
