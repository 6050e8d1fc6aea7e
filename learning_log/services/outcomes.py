"""Personal outcomes: what a person wants, in their own words, and how far they say they have come."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import col, func, select

from learning_log import config
from learning_log.domain.outcomes import (
    BUILT_IN,
    FIVE_STAGES,
    By,
    Difference,
    Distance,
    Rating,
    Scale,
    ScaleWrong,
    Stage,
    distance_travelled,
    how_views_differ,
)
from learning_log.errors import LearningLogError, NotFound
from learning_log.services import auditing, following, notices
from learning_log.services.access import Reader, may_see_words
from learning_log.services.choosing import person
from learning_log.services.sharing import Filters, for_team
from learning_log.services.signing_in import names_of_staff
from learning_log.storage.records import Records
from learning_log.storage.tables import Conversation, Outcome, OutcomeRating, Person, Reflection

STAGES: tuple[Stage, ...] = ("assessment", "plan", "check_in", "review")
LONGEST_WORDS = 1_000
LADDER = "ladder"
MOST_STEPS = 10
LONGEST_STEP = 40


class OutcomeWrong(LearningLogError):
    """An outcome needs the person's own words and a day that is not to come. Nothing was changed."""


class RatingWrong(LearningLogError):
    """A rating needs a step of the scale and a day that is not to come. Nothing was changed."""


@dataclass(frozen=True)
class GivenRating:
    """`by` is the member of staff who rated in the person's place; empty for the person's own."""

    rating: Rating
    step: str
    note: str
    by: str
    unwanted: str = ""
    advice: str = ""
    pretest_failed: bool = False


@dataclass(frozen=True)
class PersonalOutcome:
    """`ratings` are oldest first. `answers` counts what was said about this outcome and may be read by the team."""

    id: UUID
    words: str
    wellbeing: str | None
    scale: Scale
    set_on: date
    closed_on: date | None
    ratings: tuple[GivenRating, ...]
    distance: Distance | None
    difference: Difference | None
    answers: int


def outcomes_of(records: Records, reader: Reader, person_id: UUID) -> list[PersonalOutcome]:
    """Needs a transaction that writes: the look is audited. Open ones first. Raises NotAllowed or NotFound."""
    whose = person(records, reader, person_id)
    auditing.record(records, reader.actor, "read_outcomes", "person", whose.id)
    found: Sequence[Outcome] = records.all(
        select(Outcome).where(Outcome.person_id == whose.id).order_by(col(Outcome.set_on), col(Outcome.id))
    )
    ratings = _ratings(records, [outcome.id for outcome in found])
    answers = _answers(records, reader, [outcome.id for outcome in found])
    kept = [_personal(records, outcome, ratings[outcome.id], answers.get(outcome.id, 0)) for outcome in found]
    return sorted(kept, key=lambda outcome: outcome.closed_on is not None)


def people_without(records: Records, reader: Reader, people: Sequence[UUID]) -> tuple[set[UUID], set[UUID]]:
    """Of the reader's own people among these: who has no open outcome, and who has one that they never rated."""
    scope = may_see_words(reader, records.tenant)
    asked = records.all(select(Person).where(col(Person.id).in_(people), Person.tenant_id == records.tenant))
    known = {one.id for one in asked if scope.holds_team(one.team_id)}
    open_ones = records.all(
        select(Outcome.id, Outcome.person_id).where(
            col(Outcome.person_id).in_(known), col(Outcome.closed_on).is_(None), Outcome.tenant_id == records.tenant
        )
    )
    ids = [outcome for outcome, _ in open_ones]
    rated = set(
        records.all(
            select(OutcomeRating.outcome_id).where(
                col(OutcomeRating.outcome_id).in_(ids), OutcomeRating.rated_by == "person"
            )
        )
    )
    with_outcome = {whose for _, whose in open_ones}
    return known - with_outcome, {whose for outcome, whose in open_ones if outcome not in rated}


def add_outcome(
    records: Records,
    reader: Reader,
    person_id: UUID,
    words: str,
    set_on: date,
    wellbeing: str | None = None,
    scale: str = FIVE_STAGES.key,
    steps: Sequence[str] = (),
) -> UUID:
    """words: the person's own. scale: a key of BUILT_IN, or LADDER with steps that the person named, the lowest first.

    The person is asked how far they are with it, from the next day on. Raises OutcomeWrong or ScaleWrong.
    """
    whose = person(records, reader, person_id)
    cleaned, named = words.strip(), [step.strip() for step in steps if step.strip()]
    if not 0 < len(cleaned) <= LONGEST_WORDS or scale not in (*BUILT_IN, LADDER) or set_on > records.now.date():
        raise OutcomeWrong
    if scale == LADDER:
        Scale(LADDER, tuple(named))
    if scale == LADDER and not (len(named) <= MOST_STEPS and all(len(step) <= LONGEST_STEP for step in named)):
        raise ScaleWrong
    outcome = Outcome(person_id=whose.id, wellbeing=wellbeing or None, scale=scale, set_on=set_on, added_at=records.now)
    records.add(outcome, words=cleaned, steps=json.dumps(named) if scale == LADDER else None)
    records.session.flush()
    following.plan(records, following.CHECK_IN, records.now.date() + timedelta(days=1), outcome.id, person_id=whose.id)
    auditing.record(records, reader.actor, "added_outcome", "outcome", outcome.id)
    return outcome.id


def add_rating(
    records: Records,
    reader: Reader,
    outcome_id: UUID,
    value: int,
    rated_on: date,
    stage: Stage,
    rated_by: By,
    note: str = "",
    unwanted: str = "",
    advice: str = "",
) -> UUID:
    """rated_by "person" means that the person chose the step; "proxy" that the reader did.

    unwanted: what came with it that nobody wanted. advice: what the person would like to be advised on. The person's
    worker is told in their chat that there is something to read, not what. Raises RatingWrong.
    """
    outcome = records.get(Outcome, outcome_id)
    whose = person(records, reader, outcome.person_id)
    steps = scale_of(records, outcome).steps
    known = stage in STAGES and rated_by in ("person", "proxy")
    if not known or not 1 <= value <= len(steps) or not outcome.set_on <= rated_on <= records.now.date():
        raise RatingWrong
    rating = OutcomeRating(
        outcome_id=outcome.id,
        rated_on=rated_on,
        stage=stage,
        value=value,
        rated_by=rated_by,
        staff_id=reader.staff_id,
    )
    told = {"unwanted": unwanted.strip() or None, "advice": advice.strip() or None}
    records.add(rating, note=note.strip() or None, **told)
    records.session.flush()
    if any(told.values()) and whose.worker_id:
        notices.tell_staff(records, [whose.worker_id], config.load("wording/en")["alerts"]["review"])
    auditing.record(records, reader.actor, "added_rating", "outcome", outcome.id)
    return rating.id


def scale_of(records: Records, outcome: Outcome) -> Scale:
    """The outcome's own: a built-in one, or a ladder with the steps that the person named."""
    steps = records.text(outcome, "steps")
    return Scale(LADDER, tuple(json.loads(steps))) if steps else BUILT_IN.get(outcome.scale, FIVE_STAGES)


def first_own(records: Records, outcome: Outcome) -> int | None:
    """The step that the person chose first."""
    own = select(OutcomeRating.value).where(OutcomeRating.outcome_id == outcome.id, OutcomeRating.rated_by == "person")
    found: int | None = records.first(own.order_by(col(OutcomeRating.rated_on), col(OutcomeRating.id)).limit(1))
    return found


def rate_own(records: Records, conversation: Conversation, outcome_id: UUID, value: int, shown: str) -> UUID:
    """A check-in of the person's own, in the chat. shown: the order of the choices. Raises NotFound or RatingWrong."""
    outcome = records.get(Outcome, outcome_id)
    if outcome.person_id != conversation.person_id:
        raise NotFound
    if not 1 <= value <= len(scale_of(records, outcome).steps):
        raise RatingWrong
    rating = OutcomeRating(
        outcome_id=outcome.id,
        rated_on=records.now.date(),
        stage="check_in" if first_own(records, outcome) else "assessment",
        value=value,
        rated_by="person",
        shown=shown or None,
        pretest=conversation.pretest,
    )
    return records.add(rating).id


def _personal(records: Records, outcome: Outcome, kept: Sequence[OutcomeRating], answers: int) -> PersonalOutcome:
    scale = scale_of(records, outcome)
    names = names_of_staff(records, [one.staff_id for one in kept if one.staff_id and one.rated_by == "proxy"])
    given = [
        GivenRating(
            rating=(rating := _rating(one)),
            step=scale.step(rating.value),
            note=records.text(one, "note"),
            by=names.get(one.staff_id, "") if one.staff_id and rating.by == "proxy" else "",
            unwanted=records.text(one, "unwanted"),
            pretest_failed=one.pretest == "failed",
            advice=records.text(one, "advice"),
        )
        for one in kept
    ]
    ratings = [one.rating for one in given]
    return PersonalOutcome(
        id=outcome.id,
        words=records.text(outcome, "words"),
        wellbeing=outcome.wellbeing,
        scale=scale,
        set_on=outcome.set_on,
        closed_on=outcome.closed_on,
        ratings=tuple(given),
        distance=distance_travelled(ratings, scale),
        difference=how_views_differ(ratings, scale),
        answers=answers,
    )


def _rating(kept: OutcomeRating) -> Rating:
    stage: Stage = next((one for one in STAGES if one == kept.stage), "check_in")
    # Whatever does not say that the person chose it themselves is not taken for theirs.
    by: By = "person" if kept.rated_by == "person" else "proxy"
    return Rating(kept.rated_on, stage, kept.value, by)


def _ratings(records: Records, outcomes: Sequence[UUID]) -> dict[UUID, list[OutcomeRating]]:
    wanted = select(OutcomeRating).where(col(OutcomeRating.outcome_id).in_(outcomes))
    found: dict[UUID, list[OutcomeRating]] = defaultdict(list)
    for rating in records.all(wanted.order_by(col(OutcomeRating.rated_on), col(OutcomeRating.id))):
        found[rating.outcome_id].append(rating)
    return found


def _answers(records: Records, reader: Reader, outcomes: Sequence[UUID]) -> dict[UUID, int]:
    shown = for_team(records.tenant, may_see_words(reader, records.tenant), Filters())
    counted = (
        select(Reflection.outcome_id, func.count())
        .where(*shown, col(Reflection.outcome_id).in_(outcomes))
        .group_by(col(Reflection.outcome_id))
    )
    return {outcome: count for outcome, count in records.all(counted) if outcome is not None}
