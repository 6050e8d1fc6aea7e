"""Worries as a safeguarding lead sees them: a queue without words, and the words of one, audited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from uuid import UUID

from sqlmodel import col, select

from learning_log.errors import LearningLogError, NotFound
from learning_log.services import auditing, concerns, looking
from learning_log.services.access import Reader, Scope, may_look_after_concerns
from learning_log.services.signing_in import names_of_staff
from learning_log.storage.records import Records
from learning_log.storage.tables import Concern, Person, Reflection, Staff, Team

RECENT = 20
AT_ONCE = 200


class ActionMissing(LearningLogError):
    """Say what you have done or will do. The worry stays open until then."""


class AlreadyLookedAfter(LearningLogError):
    """Somebody looks after this worry already, and what they wrote is kept. Nothing was changed."""


@dataclass(frozen=True)
class Waiting:
    """A worry that nobody has acknowledged. `who` is empty where that is not known."""

    id: UUID
    who: str
    by_staff: bool
    team: str
    raised_by: str
    raised_at: datetime
    alerts: int


@dataclass(frozen=True)
class Opened:
    """One worry with its words. The words may be empty: somebody pressed the button and wrote nothing."""

    worry: Waiting
    words: str


@dataclass(frozen=True)
class LookedAfter:
    who: str
    raised_at: datetime
    acknowledged_at: datetime
    acknowledged_by: str
    action: str


def waiting(records: Records, reader: Reader) -> list[Waiting]:
    """The oldest first. Raises NotAllowed."""
    scope = may_look_after_concerns(reader, records.tenant)
    found = concerns.open_concerns(records)
    about = _About(records, found)
    return [about.waiting(concern) for concern in found if about.is_for(reader, scope, concern)]


def count_waiting(records: Records, reader: Reader) -> int:
    """Raises NotAllowed."""
    scope = may_look_after_concerns(reader, records.tenant)
    found = concerns.open_concerns(records)
    about = _About(records, found)
    return sum(about.is_for(reader, scope, concern) for concern in found)


def open_worry(records: Records, reader: Reader, concern_id: UUID) -> Opened:
    """Needs a transaction that writes: the look is audited. Raises NotFound for one that is not the reader's."""
    concern = _own(records, reader, concern_id)
    auditing.record(records, reader.actor, "read_concern", "concern", concern.id)
    if concern.reflection_id is not None:
        looking.note(records, reader, [records.get(Reflection, concern.reflection_id)])
    return Opened(_About(records, [concern]).waiting(concern), records.text(concern, "words"))


def acknowledge(records: Records, reader: Reader, concern_id: UUID, action: str) -> None:
    """Ends the alerts: the reader has read it and says what they do. Raises ActionMissing or AlreadyLookedAfter."""
    concern = _own(records, reader, concern_id)
    if not action.strip():
        raise ActionMissing
    # Read again under a lock: two leads may press the button at the same moment.
    locked = select(Concern).where(Concern.id == concern.id).with_for_update()
    if records.first(locked.execution_options(populate_existing=True)).acknowledged_at is not None:
        raise AlreadyLookedAfter
    concerns.acknowledge(records, concern.id, reader.staff_id, action.strip())


def looked_after(records: Records, reader: Reader) -> list[LookedAfter]:
    """The latest ones, with what was done. Needs a transaction that writes."""
    scope = may_look_after_concerns(reader, records.tenant)
    auditing.record(records, reader.actor, "read_concerns_looked_after")
    found = _latest_looked_after(records, reader, scope)
    about = _About(records, found)
    names = names_of_staff(records, {one.acknowledged_by for one in found if one.acknowledged_by})
    return [
        LookedAfter(
            who=about.waiting(one).who,
            raised_at=one.raised_at,
            acknowledged_at=one.acknowledged_at,
            acknowledged_by=names.get(one.acknowledged_by, "") if one.acknowledged_by else "",
            action=records.text(one, "action"),
        )
        for one in found
        if one.acknowledged_at is not None
    ]


def _latest_looked_after(records: Records, reader: Reader, scope: Scope) -> list[Concern]:
    """Other teams' may be many, so those that are not the reader's do not count."""
    done = select(Concern).where(col(Concern.acknowledged_at).is_not(None), Concern.tenant_id == records.tenant)
    newest = done.order_by(col(Concern.acknowledged_at).desc(), col(Concern.id).desc())
    found: list[Concern] = []
    for start in count(0, AT_ONCE):
        some = records.all(newest.offset(start).limit(AT_ONCE))
        about = _About(records, some)
        found += [one for one in some if about.is_for(reader, scope, one)]
        if len(found) >= RECENT or len(some) < AT_ONCE:
            break
    return found[:RECENT]


def _own(records: Records, reader: Reader, concern_id: UUID) -> Concern:
    scope = may_look_after_concerns(reader, records.tenant)
    concern = records.get(Concern, concern_id)
    if not _About(records, [concern]).is_for(reader, scope, concern):
        raise NotFound
    return concern


class _About:
    """Whose some worries are, and for whom: looked up once for all of them."""

    def __init__(self, records: Records, some: Sequence[Concern]) -> None:
        self._records = records
        people = {one.person_id for one in some if one.person_id}
        staff = {one.staff_id for one in some if one.staff_id}
        raisers: list[Person | Staff] = []
        for kind, ids in ((Person, people), (Staff, staff)):
            raisers += records.all(select(kind).where(col(kind.id).in_(ids))) if ids else []
        self._raisers = {one.id: one for one in raisers}
        self._teams = {team.id: records.text(team, "name") for team in records.all(select(Team))}
        self._leads: dict[UUID | None, list[tuple[UUID, str]]] = {}

    def waiting(self, concern: Concern) -> Waiting:
        raiser, team = self._raiser(concern), self._team(concern)
        return Waiting(
            id=concern.id,
            who=self._records.text(raiser, "name") if raiser else "",
            by_staff=concern.staff_id is not None,
            team=self._teams.get(team, "") if team else "",
            raised_by=concern.raised_by,
            raised_at=concern.raised_at,
            alerts=concern.alerts,
        )

    def is_for(self, reader: Reader, scope: Scope, concern: Concern) -> bool:
        team = self._team(concern)
        # One whose team is not known is everybody's to look after: it must not fall between two leads.
        if team is not None and not scope.holds_team(team):
            return False
        told = self._told(concern, team)
        return not told or reader.staff_id in told

    def _told(self, concern: Concern, team: UUID | None) -> list[UUID]:
        """As concerns.told() says of one."""
        others = [lead for lead in self._leads_of(team) if lead[0] != concern.staff_id]
        words = self._records.text(concern, "words")
        free = [lead for lead in others if not concerns.is_named(lead[1], words)]
        return [id for id, _ in free or others]

    def _leads_of(self, team: UUID | None) -> list[tuple[UUID, str]]:
        if team not in self._leads:
            leads = concerns.leads(self._records, team)
            self._leads[team] = [(lead.id, self._records.text(lead, "name")) for lead in leads]
        return self._leads[team]

    def _raiser(self, concern: Concern) -> Person | Staff | None:
        return self._raisers.get(concern.person_id or concern.staff_id or concern.id)

    def _team(self, concern: Concern) -> UUID | None:
        raiser = self._raiser(concern)
        return raiser.team_id if raiser else None
