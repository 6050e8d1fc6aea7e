"""Worries: kept, told to named people, and told again until one of them acknowledges."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from learning_log import config
from learning_log.services import auditing, conversations, reflecting
from learning_log.services.reflecting import Attachment
from learning_log.storage.records import Records
from learning_log.storage.tables import Concern, Conversation, Role, Staff

LEAD = "safeguarding_lead"


def leads(records: Records) -> list[Staff]:
    """The named people who read worries: staff who hold the role and have not left."""
    holding = select(Role.staff_id).where(Role.role == LEAD)
    found: list[Staff] = list(
        records.all(
            select(Staff).where(col(Staff.id).in_(holding), col(Staff.left_on).is_(None)).order_by(col(Staff.added_at))
        )
    )
    return found


def reachable(records: Records) -> bool:
    """Whether at least one lead can be told: by chat, or by signing in to the app."""
    return any(lead.password_hash or _chat_of(records, lead) for lead in leads(records))


def raise_concern(
    records: Records, conversation: Conversation, raised_by: str, words: str = "", category: str = "", link: str = ""
) -> Concern:
    """Keeps a worry and alerts every lead who may know of it. link: where they sign in to read it."""
    concern = records.add(
        Concern(
            conversation_id=conversation.id,
            person_id=conversation.person_id,
            staff_id=conversation.staff_id,
            raised_by=raised_by,
            category=category or None,
            raised_at=records.now,
        ),
        words=words or None,
    )
    records.session.flush()
    auditing.record(records, _actor(conversation), "raised a concern", "concern", concern.id)
    _alert(records, concern, "new", link)
    return concern


def add_words(
    records: Records, conversation: Conversation, words: str, attachments: Sequence[Attachment] = ()
) -> Concern | None:
    """Adds what the person writes or sends next to their newest open worry."""
    mine = select(Concern).where(Concern.conversation_id == conversation.id, col(Concern.acknowledged_at).is_(None))
    concern: Concern | None = records.first(mine.order_by(col(Concern.raised_at).desc(), col(Concern.id).desc()))
    if concern:
        earlier = records.text(concern, "words")
        if words:
            records.seal(concern, words=f"{earlier}\n{words}" if earlier else words)
        for attachment in attachments:
            reflecting.attach(records, attachment, concern_id=concern.id)
    return concern


def open_concerns(records: Records) -> list[Concern]:
    """Not yet acknowledged, the oldest first."""
    waiting = select(Concern).where(col(Concern.acknowledged_at).is_(None)).order_by(col(Concern.raised_at))
    return list(records.all(waiting))


def acknowledge(records: Records, concern_id: UUID, staff_id: UUID, action: str) -> Concern:
    """A named person has read it and says what they do. Only then do the alerts end."""
    concern = records.get(Concern, concern_id)
    concern.acknowledged_by, concern.acknowledged_at = staff_id, records.now
    records.seal(concern, action=action)
    auditing.record(records, f"staff:{staff_id}", "acknowledged a concern", "concern", concern.id)
    return concern


def waiting_tenants(records: Records) -> list[UUID]:
    """Tenants with a worry that nobody has acknowledged in time; `records` is open on all of them."""
    return list(records.all(_late(records, select(Concern.tenant_id)).distinct()))


def alert_again(records: Records, link: str = "") -> int:
    """Alerts once more about each worry of this tenant that nobody has acknowledged in time. Returns how many."""
    found = records.all(_late(records, select(Concern)).with_for_update(skip_locked=True))
    for concern in found:
        _alert(records, concern, "again", link)
    return len(found)


def _late(records: Records, statement: Any) -> Any:
    wait = timedelta(minutes=config.load("defaults")["safeguarding"]["alert_again_minutes"])
    return statement.where(col(Concern.acknowledged_at).is_(None), col(Concern.last_alert_at) <= records.now - wait)


def _alert(records: Records, concern: Concern, text: str, link: str) -> None:
    """No words go into the alert: they are read after signing in."""
    words = str(config.load("wording/en")["alerts"][text]).format(link=link)
    named = records.text(concern, "words").casefold()
    for lead in leads(records):
        chat = _chat_of(records, lead)
        if chat and chat.id != concern.conversation_id and not _is_named(records.text(lead, "name"), named):
            conversations.say(records, chat, [conversations.message(words)], kind="alert", concern_id=concern.id)
    concern.alerts += 1
    concern.last_alert_at = records.now


def _is_named(name: str, words: str) -> bool:
    """Whether a part of a name stands in the words: who may be the cause of a worry is not told of it."""
    parts = [part for part in re.findall(r"\w+", name.casefold()) if len(part) > 2]
    return any(re.search(rf"\b{re.escape(part)}\b", words) for part in parts)


def _chat_of(records: Records, staff: Staff) -> Conversation | None:
    found: Conversation | None = records.first(
        select(Conversation).where(Conversation.staff_id == staff.id, Conversation.status == "active")
    )
    return found


def _actor(conversation: Conversation) -> str:
    return f"person:{conversation.person_id}" if conversation.person_id else f"staff:{conversation.staff_id}"
