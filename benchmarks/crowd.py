"""Many people who have joined already, written to the database as quickly as it takes them. All are invented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from benchmarks import bulk
from bot.dialogue.turn import State
from learning_log.services import conversations, joining, organisation, pacing
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Agreement, Conversation, Person, Schedule, new_id

FIRST_CHAT = 5_000_000_001  # past 32 bits, as Telegram's newer ones are
PASSWORD = "an invented password 42"
LEADS = 2


@dataclass(frozen=True)
class Crowd:
    """chats: the addresses in Telegram, one a person. leads: those of the staff who are told of worries."""

    tenant: UUID
    chats: range
    leads: range


def gather(log: LearningLog, people: int, *, telling: bool = False) -> Crowd:
    """People who agreed yesterday and are asked in thirty days. telling: a question of ours is open for each."""
    tenant, team = _home(log)
    end = FIRST_CHAT + people
    crowd = Crowd(tenant, range(FIRST_CHAT, end), range(end, end + LEADS))
    for number, chat in enumerate(crowd.leads):
        _add_lead(log, tenant, number, chat)
    _Writing(log, tenant, team, log.clock() - timedelta(days=1), telling).write(crowd.chats)
    return crowd


def _home(log: LearningLog) -> tuple[UUID, UUID]:
    with log.write() as records:
        tenant = organisation.new_tenant(records, "Riverside Together (invented)", invented=True).id
    with log.write(tenant) as records:
        provider = organisation.add_provider(records, "Invented Support")
        service = organisation.add_service(records, "Invented Living", provider)
        return tenant, organisation.add_team(records, "Elm House (invented)", service).id


def _add_lead(log: LearningLog, tenant: UUID, number: int, chat: int) -> None:
    """A member of staff who is told of worries, through the services: they are few."""
    with log.write(tenant) as records:
        lead = organisation.add_staff(records, f"Una{number} Fictional", username=f"una{number}", password=PASSWORD)
        organisation.give_role(records, lead, "safeguarding_lead")
        code = joining.invite(records, staff_id=lead.id)
    with log.write(tenant) as records:
        conversation, _ = joining.accept(records, code, "telegram", str(chat))
        records.session.flush()
        joining.answer_agreement(records, conversation, joining.TAKE_PART, True, "en/1")
        records.session.flush()
        planned = conversations.schedule(records, conversation) or pacing.start(records, conversation)
        planned.next_due_at = None


@dataclass
class _Writing:
    """Everybody's rows. A name is never opened here: all have the same bytes in its place."""

    log: LearningLog
    tenant: UUID
    team: UUID
    since: datetime
    telling: bool

    def write(self, chats: range) -> None:
        engine = self.log.database.engine
        people = [new_id() for _ in chats]
        talks = [new_id() for _ in chats]
        bulk.write(engine, Person, (self._person(id, n) for n, id in enumerate(people)))
        bulk.write(
            engine,
            Conversation,
            (self._conversation(*each) for each in zip(talks, people, map(str, chats), strict=True)),
        )
        bulk.write(engine, Agreement, (row for id in people for row in self._agreements(id)))
        bulk.write(engine, Schedule, (self._schedule(id) for id in talks))

    def _person(self, id: UUID, number: int) -> dict[str, object]:
        same = number.to_bytes(32, "big")
        return {
            "id": id,
            "tenant_id": self.tenant,
            "team_id": self.team,
            "name_sealed": b"never opened here",
            "name_hash": same,
            "reference_sealed": b"never opened here",
            "reference_hash": same,
            "language": "en",
            "zone": noon_zone(self.since),
            "added_at": self.since,
        }

    def _conversation(self, id: UUID, person: UUID, chat: str) -> dict[str, object]:
        return {
            "id": id,
            "tenant_id": self.tenant,
            "person_id": person,
            "channel": "telegram",
            "address_hash": conversations.address_hash(self.log, "telegram", chat),
            "address_sealed": self._seal("address", id, chat),
            "language": "en",
            "status": "active",
            "dialogue_sealed": self._seal("dialogue", id, self._state()) if self.telling else None,
            "made_at": self.since,
            "changed_at": self.since,
        }

    def _seal(self, column: str, id: UUID, text: str) -> bytes:
        return self.log.vault.seal(self.tenant, "conversation", column, id, text.encode())

    @staticmethod
    def _state() -> str:
        return State("telling", "direction", new_id().hex).as_json()

    def _agreements(self, person: UUID) -> Iterator[dict[str, object]]:
        for purpose in (joining.TAKE_PART, joining.THEMES):
            yield {
                "id": new_id(),
                "tenant_id": self.tenant,
                "person_id": person,
                "purpose": purpose,
                "agreed": True,
                "text_version": "en/1",
                "answered_at": self.since,
            }

    def _schedule(self, talk: UUID) -> dict[str, object]:
        return {
            "id": new_id(),
            "tenant_id": self.tenant,
            "conversation_id": talk,
            "days": 0b1111111,
            "at": "12:00",
            "zone": noon_zone(self.since),
            "quiet_from": "21:00",
            "quiet_until": "08:00",
            "next_due_at": self.since + timedelta(days=31),
            "changed_at": self.since,
        }


def noon_zone(moment: datetime) -> str:
    """A zone where it is about noon now: a run at night meets neither quiet hours nor a change of day."""
    ahead = 12 - moment.astimezone(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"
