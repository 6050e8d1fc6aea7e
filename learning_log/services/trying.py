"""Trying things with people: they hear what was heard, agree where it is about them, and judge whether it helped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from learning_log.services import conversations, following, joining
from learning_log.storage.records import Records
from learning_log.storage.tables import Conversation, Experiment, FollowUp, Person, Reflection, ThemePlacement

NOT_AGREED = "not_agreed"  # how an experiment ended that its person did not want


def tell(records: Records, experiment: Experiment) -> int:
    """Plans to tell whom it concerns: the person it is tried with, who is asked for their yes; else the people of the
    team who spoke in its theme. Returns how many."""
    people = [experiment.person_id] if experiment.person_id else _who_spoke(records, experiment)
    for person in people:
        following.plan(records, following.TRYING, records.now.date(), experiment.id, person_id=person)
        if not experiment.person_id and experiment.look_again_on:
            following.plan(records, following.HELPED, experiment.look_again_on, experiment.id, person_id=person)
    return len(people)


def answered(records: Records, conversation: Conversation, id: UUID, answer: str, shown: str) -> None:
    """Keeps the answer to a follow-up, and plans what follows from it."""
    row = following.answered(records, id, answer, shown)
    if row.kind == following.PAIR:
        _compare(records, conversation, row)
    if row.kind != following.TRYING or row.about_id is None:
        return
    experiment = records.get(Experiment, row.about_id)
    if answer == "no":
        experiment.next_step, experiment.ended_on = NOT_AGREED, records.now.date()
    elif experiment.look_again_on and experiment.ended_on is None:
        due_on = max(experiment.look_again_on, records.now.date())
        following.plan(records, following.HELPED, due_on, experiment.id, person_id=row.person_id)


def decided(records: Records, experiment: Experiment) -> int:
    """Plans to tell everybody concerned what the team does now; who tries on is asked again. Returns how many."""
    told = following.told_about(records, experiment)
    following.call_off(records, experiment.id, following.HELPED)
    if experiment.ended_on is not None:
        following.call_off(records, experiment.id, following.TRYING)
    for row in told:
        following.plan(records, following.DECIDED, records.now.date(), experiment.id, person_id=row.person_id)
        if experiment.ended_on is None and experiment.look_again_on:
            following.plan(records, following.HELPED, experiment.look_again_on, experiment.id, person_id=row.person_id)
    return len(told)


def _who_spoke(records: Records, experiment: Experiment) -> Sequence[UUID]:
    """People of the team whose own words are in the theme and may be read by the team."""
    if experiment.theme_id is None:
        return []
    spoke: Any = (
        select(Reflection.person_id)
        .join(ThemePlacement, col(ThemePlacement.reflection_id) == Reflection.id)
        .join(Person, col(Person.id) == Reflection.person_id)
        .where(
            ThemePlacement.theme_id == experiment.theme_id,
            col(ThemePlacement.counts).is_(True),
            Reflection.team_id == experiment.team_id,
            col(Reflection.staff_id).is_(None),
            col(Person.left_on).is_(None),
        )
    )
    return sorted(set(records.all(spoke)))


def _both_agreed(records: Records, row: FollowUp) -> bool:
    """Whether both of a pair want to hear how the other saw the week."""
    sides = ((row.person_id, row.staff_id), (None, row.about_id) if row.person_id else (row.about_id, None))
    chats = [conversations.of(records, person, staff) for person, staff in sides]
    return all(chat is not None and joining.has_agreed(records, chat, joining.PAIR) for chat in chats)


def _compare(records: Records, conversation: Conversation, row: FollowUp) -> None:
    """Once both of a pair have told of the same week, each hears how the other saw it."""
    own = row.person_id or row.staff_id
    if row.about_id is None or own is None:
        return
    column = FollowUp.staff_id if row.person_id else FollowUp.person_id
    other = select(FollowUp).where(
        column == row.about_id,
        FollowUp.kind == following.PAIR,
        FollowUp.about_id == own,
        FollowUp.due_on == row.due_on,
        col(FollowUp.answered_at).is_not(None),
    )
    theirs: FollowUp | None = records.first(other)
    if theirs is None or not _both_agreed(records, row):
        return
    today = records.now.date()
    for one, about in ((row, row.about_id), (theirs, own)):
        following.plan(records, following.PAIR_SEEN, today, about, person_id=one.person_id, staff_id=one.staff_id)
