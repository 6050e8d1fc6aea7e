"""Everything that is kept about somebody, for themselves: plain values that become JSON, or a page in Easy Read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from learning_log.analysis.redaction import redact
from learning_log.domain.outcomes import BUILT_IN, FIVE_STAGES
from learning_log.services import auditing, conversations, labelling, rights
from learning_log.services.exporting.cells import plain
from learning_log.services.my_data_page import easy_read_page
from learning_log.services.signing_in import names_of_staff
from learning_log.storage.records import Records
from learning_log.storage.tables import (
    Agreement,
    CapacityRecord,
    Concern,
    Conversation,
    Experiment,
    FollowUp,
    Media,
    Outcome,
    OutcomeRating,
    Person,
    PromptVersion,
    Reflection,
    Schedule,
    Staff,
    Team,
)

__all__ = ["LAYOUT", "easy_read_page", "everything_about", "record_look"]

LAYOUT = 1

Plain = dict[str, Any]
Redact = Callable[[str], str]


def record_look(records: Records, who: Person | Staff, actor: str = "") -> None:
    """To be kept when somebody is given what everything_about says. actor: without it, they themselves."""
    kind = "person" if isinstance(who, Person) else "staff"
    auditing.record(records, actor or f"{kind}:{who.id}", "gave_my_data", kind, who.id)


def everything_about(records: Records, who: Conversation | Person | Staff) -> Plain:
    """Reads, and writes nothing: see record_look. Times are in UTC. What somebody else wrote has no names of others."""
    somebody, chat = _both(records, who)
    person = somebody if isinstance(somebody, Person) else None
    mine = "person_id" if person else "staff_id"
    hide = _redacting(records, records.text(somebody, "name"))

    def own(kind: type[Any]) -> Any:
        return select(kind).where(col(getattr(kind, mine)) == somebody.id).order_by(col(kind.id))

    outcomes = records.all(own(Outcome)) if person else []
    return {
        "layout": LAYOUT,
        "made_at": plain(records.now),
        "you": _you(records, somebody, chat),
        "agreements": [
            {
                "to": one.purpose,
                "yes": one.agreed,
                "text": one.text_version,
                "on": plain(one.answered_at),
                "taken_back_on": plain(one.withdrawn_at),
            }
            for one in records.all(own(Agreement))
        ],
        "asked": _asked(records, chat),
        "answers": _answers(records, somebody, own(Reflection)),
        "goals": [_goal(records, one, hide) for one in outcomes],
        "tried_with_you": [_tried(records, one, hide) for one in records.all(own(Experiment))] if person else [],
        "follow_ups": [
            {
                "about": one.kind,
                "from": plain(one.due_on),
                "asked_on": plain(one.asked_at),
                "answered_on": plain(one.answered_at),
                "answer": one.answer,
            }
            for one in records.all(own(FollowUp))
        ],
        "deciding": [_capacity(records, one, hide) for one in records.all(own(CapacityRecord))] if person else [],
        # What the rules noticed is for those who look after it, until they have talked with the person.
        "worries": [
            {
                "words": records.text(one, "words"),
                "on": plain(one.raised_at),
                "looked_after_on": plain(one.acknowledged_at),
            }
            for one in records.all(own(Concern).where(Concern.raised_by == "button"))
        ],
    }


def _both(records: Records, who: Conversation | Person | Staff) -> tuple[Person | Staff, Conversation | None]:
    if isinstance(who, Conversation):
        kind: type[Person | Staff] = Person if who.person_id else Staff
        return records.get(kind, who.person_id or who.staff_id or who.id), who
    is_person = isinstance(who, Person)
    return who, conversations.of(records, who.id if is_person else None, None if is_person else who.id)


def _redacting(records: Records, name: str) -> Redact:
    """Takes the names of all other people and staff out, whole and in parts."""
    people, _ = labelling.names_of_people_and_places(records)
    own = {name.casefold(), *(part.casefold() for part in name.split())}
    parts = {part for other in people for part in other.split() if len(part) > 2}
    others = {each for each in (*people, *parts) if each.casefold() not in own}
    return lambda words: redact(words, others)


def _you(records: Records, somebody: Person | Staff, chat: Conversation | None) -> Plain:
    team = records.get(Team, somebody.team_id) if somebody.team_id else None
    worker = somebody.worker_id if isinstance(somebody, Person) else None
    return {
        "name": records.text(somebody, "name"),
        "reference": records.text(somebody, "reference"),
        "is_staff": isinstance(somebody, Staff),
        "team": records.text(team, "name") if team else "",
        "worker": names_of_staff(records, [worker]).get(worker, "") if worker else "",
        "language": somebody.language,
        "zone": somebody.zone,
        "added_on": plain(somebody.added_at),
        "left_on": plain(somebody.left_on),
        "chat": chat.channel if chat else None,
        "chat_is": chat.status if chat else None,
        "pictures": chat.pictures if chat else None,
        "read_aloud": chat.speech if chat else None,
    }


def _asked(records: Records, chat: Conversation | None) -> Plain | None:
    planned: Schedule | None = conversations.schedule(records, chat) if chat else None
    if planned is None:
        return None
    return {
        "days": [day for day in range(7) if planned.days >> day & 1],  # 0 is Monday
        "at": planned.at,
        "zone": planned.zone,
        "quiet_from": planned.quiet_from,
        "quiet_until": planned.quiet_until,
        "paused_until": plain(planned.paused_until),
        "next": plain(planned.next_due_at),
    }


def _answers(records: Records, somebody: Person | Staff, mine: Any) -> list[Plain]:
    """As they stand, each with what it corrected."""
    if isinstance(somebody, Person):
        mine = mine.where(col(Reflection.staff_id).is_(None))
    rows: Sequence[Reflection] = records.all(mine)
    by_id = {one.id: one for one in rows}
    own = Reflection.person_id == somebody.id if isinstance(somebody, Person) else Reflection.staff_id == somebody.id
    readers = rights.readers_of(records, own)
    questions = _questions(records, {one.prompt_version_id for one in rows if one.prompt_version_id})
    media = _media(records, own)
    corrected = {one.corrects_id for one in rows if one.corrects_id}
    found = []
    for one in rows:
        if one.id in corrected:
            continue
        before = _before(one, by_id)
        found.append(
            {
                "id": str(one.id),
                "words": records.text(one, "words"),
                "said_on": plain(one.said_at),
                "question": questions.get(one.prompt_version_id, "") if one.prompt_version_id else "",
                "about": one.direction,
                "for": one.audience,
                "helped": one.helped,
                "came_by": one.source,
                "taken_back_on": plain(one.withdrawn_at),
                "before": [{"words": records.text(old, "words"), "kept_on": plain(old.kept_at)} for old in before],
                "read_by": list(dict.fromkeys(name for each in (one, *before) for name in readers.get(each.id, ()))),
                "media": [each for old in (one, *before) for each in media.get(old.id, ())],
            }
        )
    return found


def _before(one: Reflection, by_id: dict[UUID, Reflection]) -> list[Reflection]:
    found = []
    while one.corrects_id in by_id:
        one = by_id[one.corrects_id]
        found.append(one)
    return found


def _questions(records: Records, ids: set[UUID]) -> dict[UUID, str]:
    rows = records.all(select(PromptVersion).where(col(PromptVersion.id).in_(ids))) if ids else []
    return {row.id: row.words for row in rows}


def _media(records: Records, own: Any) -> dict[UUID, list[Plain]]:
    """Without their content, which may be large."""
    columns: Any = select(Media.reflection_id, Media.kind, Media.size, Media.kept_at)
    found: dict[UUID, list[Plain]] = defaultdict(list)
    of_answers = columns.join(Reflection, col(Reflection.id) == Media.reflection_id).where(own)
    for id, kind, size, kept_at in records.session.execute(of_answers.order_by(col(Media.id))):
        found[id].append({"kind": kind, "kept_on": plain(kept_at), "bytes": size})
    return found


def _goal(records: Records, outcome: Outcome, hide: Redact) -> Plain:
    scale = BUILT_IN.get(outcome.scale, FIVE_STAGES)
    rows = records.all(select(OutcomeRating).where(OutcomeRating.outcome_id == outcome.id))
    ratings = sorted(rows, key=lambda one: (one.rated_on, one.id))
    return {
        "words": records.text(outcome, "words"),
        "set_on": plain(outcome.set_on),
        "ended_on": plain(outcome.closed_on),
        "steps": records.text(outcome, "steps") or None,
        "ratings": [
            {
                "on": plain(one.rated_on),
                "step": one.value,
                "of": len(scale.steps),
                "by_you": one.rated_by == "person",
                "note": hide(records.text(one, "note")),
            }
            for one in ratings
        ],
    }


def _tried(records: Records, one: Experiment, hide: Redact) -> Plain:
    texts = {column: hide(records.text(one, column)) for column in ("heard", "try", "noticed", "learned")}
    return {
        **texts,
        "next": one.next_step,
        "started_on": plain(one.started_on),
        "look_again_on": plain(one.look_again_on),
        "ended_on": plain(one.ended_on),
    }


def _capacity(records: Records, one: CapacityRecord, hide: Redact) -> Plain:
    return {
        "decision": one.decision,
        "on": plain(one.assessed_on),
        "able": one.able,
        "best_interests": one.best_interests,
        "assessor": records.text(one, "assessor"),
        "support": hide(records.text(one, "support")),
        "reasons": hide(records.text(one, "reasons")),
        "consulted": hide(records.text(one, "consulted")),
        "look_again_on": plain(one.review_on),
    }
