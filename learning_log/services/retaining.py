"""How long records are kept: when care ended long enough ago, a person is forgotten as if they had asked for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import col, select

from learning_log import config
from learning_log.services import auditing, forgetting
from learning_log.storage.records import Records
from learning_log.storage.tables import Person

ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class Purged:
    """forgotten: people. held: those whom safeguarding keeps for now. answers: that lost their words."""

    forgotten: tuple[UUID, ...]
    held: tuple[UUID, ...]
    answers: int


def due(records: Records) -> list[Person]:
    """People whose care ended so many years ago and who are not forgotten yet, the longest ago first."""
    over = _years_before(records.now.date(), int(config.load("defaults")["keeping"]["care_years"]))
    left = select(Person).where(
        col(Person.tenant_id) == records.tenant, col(Person.left_on) <= over, col(Person.forgotten_at).is_(None)
    )
    return list(records.all(left.order_by(col(Person.left_on), col(Person.id))))


def purge(records: Records, people: Sequence[Person], actor: str = ADMINISTRATOR) -> Purged:
    """Forgets them. The audit log has an entry for each, and one for the purge itself: its proof."""
    forgotten, held, answers = [], [], 0
    for person in people:
        try:
            answers += forgetting.forget(records, person, actor).answers
        except forgetting.ErasureHeld:
            held.append(person.id)
            auditing.record(records, actor, "purge_held", "person", person.id)
        else:
            forgotten.append(person.id)
    auditing.record(records, actor, "purged")
    return Purged(tuple(forgotten), tuple(held), answers)


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
