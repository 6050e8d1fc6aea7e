"""What only a person can put right."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, func, select

from learning_log import config
from learning_log.services import concerns
from learning_log.services.doctoring.finding import Finding, clock, many
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Concern, Conversation, Tenant
from learning_log.storage.tables.safeguarding import UNACKNOWLEDGED


def find_worries(log: LearningLog) -> Finding | None:
    """Says who has to act. Nothing here may ever acknowledge: that is a named person's, with what they do."""
    wait = timedelta(minutes=config.load("defaults")["safeguarding"]["alert_again_minutes"])
    with log.read() as records:
        late = select(Concern.tenant_id, Concern.raised_at).where(
            UNACKNOWLEDGED, col(Concern.raised_at) < records.now - wait
        )
        found = sorted(records.all(late), key=lambda row: row[1])
    if not found:
        return None
    whose = Counter(tenant for tenant, _raised in found)
    return Finding(
        name="worries",
        count=len(found),
        said=f"Nobody has looked after {many(len(found), 'worry', 'worries')}. The oldest is of {clock(found[0][1])}.",
        then=" ".join(_who_acts(log, tenant, count) for tenant, count in whose.items()),
    )


def find_blocked(log: LearningLog) -> Finding | None:
    count = _chats(log, "blocked")
    if not count:
        return None
    return Finding(
        name="blocked",
        count=count,
        said=f"{many(count, 'person', 'people')} blocked the bot, or closed the account. Nobody asks them any more.",
        then='Ask them in another way whether they want to go on. If so, invite them again: whatmatters invite "NAME"',
        stuck=False,
    )


def find_unreachable(log: LearningLog) -> Finding | None:
    count = _chats(log, "active", without_address=True)
    if not count:
        return None
    return Finding(
        name="unreachable",
        count=count,
        said=f"{many(count, 'person', 'people')} cannot be reached: the address of their chat is missing.",
        then='Invite them again: whatmatters invite "NAME"',
    )


def _who_acts(log: LearningLog, tenant: UUID, count: int) -> str:
    with log.read(tenant) as records:
        leads = len(concerns.leads(records))
        name = records.text(records.session.get_one(Tenant, tenant), "name")
    if not leads:
        return (
            f"{name}: {count:,}, and there is no safeguarding lead. Add one now, and look after the people: "
            'whatmatters role "NAME" safeguarding_lead'
        )
    return (
        f"{name}: {count:,}. {many(leads, 'safeguarding lead')} can act: sign in to the app, read it, and write there "
        "what is done. Telephone them now if they do not."
    )


def _chats(log: LearningLog, status: str, without_address: bool = False) -> int:
    counted = select(func.count()).select_from(Conversation).where(Conversation.status == status)
    if without_address:
        counted = counted.where(col(Conversation.address_sealed).is_(None))
    with log.read() as records:
        found: int = records.first(counted)
    return found
