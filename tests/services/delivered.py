"""Rows of the inbox, the outbox and the schedule by hand, for those who watch them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from learning_log.services import organisation
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import (
    NOBODY,
    Agreement,
    Asked,
    Channel,
    Concern,
    Conversation,
    InboxMessage,
    OutboxMessage,
    Schedule,
    Team,
)
from learning_log.storage.tables.conversations import URGENCY

NUMBERS = count(1)


@dataclass
class Post:
    """One tenant's post. Every `ago` is before the log's own now."""

    log: LearningLog
    tenant: UUID

    @cached_property
    def team(self) -> Team:
        with self.log.write(self.tenant) as records:
            provider = organisation.add_provider(records, "Invented Support")
            service = organisation.add_service(records, "Invented Supported Living", provider)
            return organisation.add_team(records, "Elm House (invented)", service)

    @property
    def now(self) -> datetime:
        return self.log.clock()

    def conversation(self, status: str = "active", agreed: bool = True, address: str | None = "1") -> UUID:
        team = self.team
        with self.log.write(self.tenant) as records:
            person = organisation.add_person(records, f"Invented {next(NUMBERS)}", team)
            chat = Conversation(
                person_id=person.id,
                channel="webchat",
                address_hash=uuid4().bytes,
                status=status,
                made_at=self.now - timedelta(days=30),
                changed_at=self.now,
            )
            records.add(chat, address=address)
            if agreed:
                records.add(
                    Agreement(
                        person_id=person.id,
                        purpose="take_part",
                        agreed=True,
                        text_version="en/1",
                        answered_at=self.now - timedelta(days=30),
                    )
                )
            records.session.flush()
            return chat.id

    def schedule(self, conversation: UUID, due_ago: timedelta | None, **values: Any) -> UUID:
        usual = {
            "days": 0b1111111,
            "at": "10:00",
            "zone": "Europe/London",
            "quiet_from": "21:00",
            "quiet_until": "08:00",
        }
        due = None if due_ago is None else self.now - due_ago
        row = Schedule(conversation_id=conversation, next_due_at=due, changed_at=self.now, **{**usual, **values})
        return self._add(row)

    def received(self, ago: timedelta, status: str = "kept", channel: str = "webchat", **values: Any) -> UUID:
        key = str(next(NUMBERS))
        row = InboxMessage(channel=channel, message_key=key, received_at=self.now - ago, status=status, **values)
        return self._add(row)

    def said(self, kind: str, status: str = "pending", ago: timedelta = timedelta(), **values: Any) -> UUID:
        made = self.now - ago
        usual: dict[str, Any] = {"channel": "webchat", "made_at": made, "due_at": made, "urgency": URGENCY[kind]}
        return self._add(OutboxMessage(kind=kind, status=status, **{**usual, **values}))

    def asked(self, conversation: UUID, ago: timedelta, status: str, **values: Any) -> UUID:
        """Its id is of that moment, as that of a real one is."""
        due = self.now - ago
        id = UUID(int=int(due.timestamp() * 1000) << 80 | 7 << 76 | next(NUMBERS))
        row = Asked(id=id, conversation_id=conversation, local_date=due.date(), slot=str(id), due_at=due, status=status)
        for name, value in values.items():
            setattr(row, name, value)
        return self._add(row)

    def worry(self, ago: timedelta, **values: Any) -> UUID:
        return self._add(Concern(raised_by="button", raised_at=self.now - ago, **values))

    def seen(self, name: str, ago: timedelta, **values: Any) -> UUID:
        row = Channel(tenant_id=NOBODY, name=name, seen_at=self.now - ago, **values)
        with self.log.write() as records:
            records.session.add(row)
            records.session.flush()
            return row.id

    def row(self, kind: type[Any], id: UUID) -> Any:
        with self.log.read() as records:
            row = records.session.get_one(kind, id)
            records.session.expunge(row)
            return row

    def _add(self, row: Any) -> UUID:
        with self.log.write(self.tenant) as records:
            return _added(records, row)


def _added(records: Records, row: Any) -> UUID:
    records.add(row)
    records.session.flush()
    id: UUID = row.id
    return id
