"""Worries: kept, told to named people, and told again until one of them acknowledges."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import and_, col, or_, select

from learning_log import config
from learning_log.services import auditing, conversations, reflecting
from learning_log.services.reflecting import Attachment
from learning_log.storage.records import Records
from learning_log.storage.tables import Concern, Conversation, Person, Role, Staff, Team

LEAD = "safeguarding_lead"


def leads(records: Records, team_id: UUID | None = None) -> list[Staff]:
    """Staff who look after worries, of this team when it is known: they hold the role there, can sign in to read,
    and have not left."""
    holding = select(Role.staff_id).where(Role.role == LEAD)
    if team_id:
        service = records.get(Team, team_id).service_id
        everywhere = and_(col(Role.team_id).is_(None), col(Role.service_id).is_(None))
        holding = holding.where(or_(Role.team_id == team_id, Role.service_id == service, everywhere))
    today = records.now.date()
    found = select(Staff).where(
        col(Staff.id).in_(holding),
        or_(col(Staff.left_on).is_(None), col(Staff.left_on) > today),
        col(Staff.password_hash).is_not(None),
    )
    return list(records.all(found.order_by(col(Staff.added_at), col(Staff.id))))


def told(records: Records, team_id: UUID | None, writer: UUID | None, words: str) -> tuple[list[Staff], bool]:
    """Who is told of a worry, and whether they may be named to the person.

    Whoever wrote it, or is named in it, is not told of it while somebody else is free. When all are named, all are
    told, since an alert holds no words; but nobody is promised then. writer: a member of staff.
    """
    others = [lead for lead in leads(records, team_id) if lead.id != writer]
    free = [lead for lead in others if not is_named(records.text(lead, "name"), words)]
    return (free, True) if free else (others, False)


def can_be_alerted(records: Records, lead: Staff) -> bool:
    """Whether a message reaches the lead at once; one who only signs in finds the worry when they look."""
    return _chat_of(records, lead) is not None


def told_of(records: Records, concern: Concern) -> list[Staff]:
    """Who is told of this worry, as told()."""
    found, _ = told(records, team_of(records, concern), concern.staff_id, records.text(concern, "words"))
    return found


def team_of(records: Records, concern: Concern) -> UUID | None:
    if concern.person_id:
        return records.get(Person, concern.person_id).team_id
    return records.get(Staff, concern.staff_id).team_id if concern.staff_id else None


def is_named(name: str, words: str) -> bool:
    """Whether a part of the name stands in the words. A name that is an everyday word needs its capital letter."""
    ordinary = config.load("safeguarding/names")["ordinary"]
    for part in re.findall(r"[^\W\d_]{2,}", name):
        flags = re.RegexFlag(0) if part.casefold() in ordinary else re.IGNORECASE
        if re.search(rf"\b{re.escape(part.capitalize())}\b", words, flags):
            return True
    return False


def raise_concern(
    records: Records, conversation: Conversation, raised_by: str, words: str = "", category: str = "", link: str = ""
) -> Concern:
    """Keeps a worry and alerts every lead who may know of it.

    raised_by: button, scan, or aside (a message that could not be handled). link: where they sign in to read it.
    """
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
    auditing.record(records, conversations.actor(conversation), "raised a concern", "concern", concern.id)
    _alert(records, concern, "new", link)
    return concern


def add_words(
    records: Records,
    conversation: Conversation,
    words: str,
    attachments: Sequence[Attachment] = (),
    link: str = "",
) -> Concern:
    """Adds what the person writes or sends next to their newest open worry; a new one where that is closed by now."""
    mine = select(Concern).where(Concern.conversation_id == conversation.id, col(Concern.acknowledged_at).is_(None))
    newest = mine.order_by(col(Concern.raised_at).desc(), col(Concern.id).desc()).limit(1)
    concern: Concern = records.first(newest) or raise_concern(records, conversation, "button", link=link)
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
    return sorted(set(records.all(_late(records, select(Concern.tenant_id)))))


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
    """No words go into the alert: they are read after signing in. One that reaches no chat is not counted."""
    words = str(config.load("wording/en")["alerts"][text]).format(link=link)
    chats = [chat for lead in told_of(records, concern) if (chat := _chat_of(records, lead))]
    for chat in chats:
        conversations.say(records, chat, [conversations.message(words)], kind="alert", concern_id=concern.id)
    concern.alerts += 1 if chats else 0
    concern.last_alert_at = records.now


def _chat_of(records: Records, staff: Staff) -> Conversation | None:
    found: Conversation | None = records.first(
        select(Conversation).where(Conversation.staff_id == staff.id, Conversation.status == "active")
    )
    return found
