"""What is left open is asked about next: what is tried, how far a goal is, how a week was, how it goes elsewhere."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from bot.dialogue.turn import Say
from learning_log.services import agreements, falling_due, following, meetings, organisation, outcomes
from learning_log.services.access import Reader, Scope
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import (
    Experiment,
    FollowUp,
    Outcome,
    OutcomeRating,
    Person,
    Reflection,
    Staff,
    Theme,
    ThemePlacement,
)
from tests.bot.chat import Chat, moved
from tests.bot.conftest import Home

TOMORROW = datetime.fromisoformat("2026-03-03T10:00:00Z")
ALONE_OR_OTHERS = (["I go alone", "I help others go"], ["I help others go", "I go alone"])
pytestmark = pytest.mark.usefixtures("one_subject")


@pytest.fixture
def chat(log: LearningLog, home: Home) -> Chat:
    """Ada joined on Monday at 9:00 and wants to be asked every day at 10:00."""
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    chat.says("skip")
    chat.says("skip")
    return chat


@pytest.fixture
def reader(log: LearningLog, home: Home) -> Reader:
    """Ben reads for the team."""
    with log.read(home.tenant) as records:
        team = records.get(Person, home.ada).team_id
    return Reader(home.ben, home.tenant, "Ben Madeup", {"team": Scope(teams=frozenset({team}))})


def asked_at(chat: Chat, moment: datetime) -> list[Say]:
    later = moved(chat, moment)
    falling_due.make_due(later.log)
    return later.delivered()


def days_later(chat: Chat, days: int) -> list[Say]:
    """What comes at 10:00 so many days after tomorrow, when nothing before it was answered."""
    for day in range(1, days):
        asked_at(chat, TOMORROW + timedelta(days=day))
    return asked_at(chat, TOMORROW + timedelta(days=days))


def texts(said: list[Say]) -> list[str]:
    return [say.words for say in said]


def sent_to(chat: Chat) -> list[str]:
    return [say.words for address, say in chat.channel.sent if address == chat.address]


def labels(say: Say) -> list[str]:
    return [choice.label for choice in say.choices]


def tries(chat: Chat, home: Home, reader: Reader, moment: datetime, look_again: date, *, with_ada: bool = True) -> UUID:
    with chat.log.write(home.tenant, at=moment) as records:
        team = records.get(Person, home.ada).team_id
        ada = home.ada if with_ada else None
        return meetings.try_something(
            records, reader, team, "A quiet bus", moment.date(), look_again, person_id=ada, heard="The bus is loud"
        )


def test_what_is_tried_is_agreed_with_the_person_judged_by_them_and_told_back(
    chat: Chat, home: Home, reader: Reader
) -> None:
    tried = tries(chat, home, reader, TOMORROW - timedelta(hours=1), date(2026, 3, 10))
    said = asked_at(chat, TOMORROW)
    assert texts(said) == [
        "Your team heard this: The bus is loud",
        "Your team would like to try this with you: A quiet bus",
        "What do you say?",
    ]
    agreed = moved(chat, TOMORROW).says("Yes, try it")
    assert texts(agreed) == ["Thank you. I will tell your team. Later I ask you if it helped."]
    week_later = TOMORROW + timedelta(days=7)
    said = days_later(chat, 7)
    assert texts(said) == ["Your team tried this: A quiet bus", "Did it help you?"]
    assert set(labels(said[-1])[:3]) == {"🙁 It did not help", "🙂 It helped", "😐 It helped a bit"}
    later = moved(chat, week_later)
    assert texts(later.says("a bit"))[-1] == "What was different?"
    assert "You will hear what they do." in texts(later.says("I could hear my music"))[1]
    with chat.log.write(home.tenant, at=week_later) as records:
        (one,) = meetings.experiments(records, reader)
        assert (one.person, one.said_yes, dict(one.helped)) == ("Ada Invented", True, {"a_bit": 1})
        assert one.said == ("I could hear my music",)
        judged = records.first(select(FollowUp).where(FollowUp.kind == "helped"))
        assert sorted(judged.shown.split()) == ["a_bit", "no", "yes"]
        assert records.first(select(Reflection)).experiment_id == tried
        meetings.look_back(records, reader, tried, "It was calmer", "Sound matters", "keep")
    said = asked_at(chat, week_later + timedelta(days=1))
    assert texts(said) == [
        "Your team tried this: A quiet bus",
        "You said: It helped a bit",
        "Your team will go on with it.",
        "What is going well?",
    ]


def test_what_the_person_does_not_want_is_not_tried_and_they_say_what_instead(
    chat: Chat, home: Home, reader: Reader
) -> None:
    tried = tries(chat, home, reader, TOMORROW - timedelta(hours=1), date(2026, 3, 10))
    asked_at(chat, TOMORROW)
    said = moved(chat, TOMORROW).says("no")
    assert texts(said) == ["That is fine. Your team will not do it.", "What would you like instead?"]
    moved(chat, TOMORROW).says("a lift with Ben")
    with chat.log.read(home.tenant, at=TOMORROW) as records:
        row = records.get(Experiment, tried)
        assert (row.next_step, row.ended_on) == ("not_agreed", TOMORROW.date())
        assert records.text(records.first(select(Reflection)), "words") == "a lift with Ben"
        assert records.first(select(FollowUp).where(FollowUp.kind == "helped")) is None


def test_what_a_team_changes_is_told_and_asked_about_again(chat: Chat, home: Home, reader: Reader) -> None:
    tried = tries(chat, home, reader, TOMORROW - timedelta(hours=1), date(2026, 3, 4))
    asked_at(chat, TOMORROW)
    moved(chat, TOMORROW).says("yes")
    asked_at(chat, TOMORROW + timedelta(days=1))
    moved(chat, TOMORROW + timedelta(days=1)).says("no")
    with chat.log.write(home.tenant, at=TOMORROW + timedelta(days=1, hours=1)) as records:
        meetings.look_back(records, reader, tried, "Still loud", "Earlier is better", "adapt", date(2026, 3, 9))
    said = texts(asked_at(chat, TOMORROW + timedelta(days=2)))
    assert said[1:3] == ["You said: It did not help", "Your team will change it, and try again."]
    assert "Did it help you?" in texts(days_later(chat, 6))


def test_nobody_who_stopped_is_told_or_asked(chat: Chat, home: Home, reader: Reader) -> None:
    tries(chat, home, reader, TOMORROW - timedelta(hours=1), date(2026, 3, 4))
    chat.says("STOP")
    assert asked_at(chat, TOMORROW) == []


def test_a_goal_is_rated_on_a_scale_of_ones_own_with_few_buttons_and_shown_as_a_picture(
    chat: Chat, home: Home, reader: Reader
) -> None:
    with chat.log.write(home.tenant) as records:
        ladder = ["Not now", "I look", "I go with Ben", "I go alone", "I help others go"]
        outcomes.add_outcome(records, reader, home.ada, "Ride the bus", date(2026, 3, 2), scale="ladder", steps=ladder)
    said = asked_at(chat, TOMORROW)
    assert texts(said) == ["This is about your goal: Ride the bus", "First a small question. Which face is happy?"]
    assert sorted(labels(said[-1])[:3]) == sorted(["🙂", "😐", "🙁"])
    later = moved(chat, TOMORROW)
    said = later.says("🙂")
    assert said[-1].words == "Where are you with this now?"
    assert len(labels(said[-1])) <= 5
    said = later.says("I go with Ben")
    assert said[0].words == "Now: I go with Ben\n○○●○○"
    later.says("the new driver is kind")

    month_later = TOMORROW + timedelta(weeks=4)
    said = days_later(chat, 28)
    assert texts(said) == ["This is about your goal: Ride the bus", "Where are you with this now?"]
    later = moved(chat, month_later)
    assert labels(later.says("I go alone to I help others go")[-1])[:-1] in ALONE_OR_OTHERS
    said = later.says("I go alone")
    assert said[0].words == "At first: I go with Ben\n○○●○○\nNow: I go alone\n○○○●○"
    with chat.log.read(home.tenant) as records:
        rated = records.all(select(OutcomeRating).order_by(OutcomeRating.rated_on))
        assert [(row.stage, row.value, row.rated_by, row.pretest) for row in rated] == [
            ("assessment", 3, "person", "passed"),
            ("check_in", 4, "person", "passed"),
        ]
        assert all(row.shown for row in rated)
        why = records.first(select(Reflection))
        assert (records.text(why, "words"), why.outcome_id) == ("the new driver is kind", rated[0].outcome_id)


def test_a_pair_hears_where_they_saw_the_week_alike_only_when_both_agreed(
    chat: Chat, log: LearningLog, home: Home
) -> None:
    ben = Chat(log, "2002", chat.channel)
    ben.join(home.tenant, staff_id=home.ben)
    ben.says("skip")
    with log.write(home.tenant) as records:
        following.plan(records, "pair", date(2026, 3, 3), home.ben, person_id=home.ada)
        following.plan(records, "pair", date(2026, 3, 3), home.ada, staff_id=home.ben)
        records.get(Person, home.ada).worker_id = records.get(Staff, home.ben).id
    assert texts(asked_at(chat, TOMORROW))[-1] == "Do you want that?"
    ada, ben_later = moved(chat, TOMORROW), moved(ben, TOMORROW)
    assert texts(ada.says("Yes, I want that")) == ["How was your week with Ben?"]
    ada.says("🙂")
    assert sent_to(ben)[-1] == "Do you want that?"
    assert texts(ben_later.says("yes")) == ["How was your week with Ada?"]
    ben_later.says("🙁 Not good")

    said = texts(asked_at(chat, TOMORROW + timedelta(days=1)))
    assert said[:2] == ["You said about your week with Ben: Good", "Ben said: Not good"]
    assert said[2].startswith("You saw it in different ways.")
    assert sent_to(ben)[-4:-2] == ["You said about your week with Ada: Not good", "Ada said: Good"]


def test_who_does_not_want_to_compare_is_not_compared(chat: Chat, log: LearningLog, home: Home) -> None:
    with log.write(home.tenant) as records:
        following.plan(records, "pair", date(2026, 3, 3), home.ben, person_id=home.ada)
        records.get(Person, home.ada).worker_id = home.ben
    asked_at(chat, TOMORROW)
    assert texts(moved(chat, TOMORROW).says("no")) == ["What is going well?"]


def test_who_has_moved_on_is_asked_three_times_if_they_said_so_before_and_else_never(chat: Chat, home: Home) -> None:
    with chat.log.write(home.tenant) as records:
        organisation.leave(records, records.get(Person, home.ada), date(2026, 3, 10))
    said = asked_at(chat, TOMORROW)
    assert texts(said)[-1] == "Do you want that?"
    moved(chat, TOMORROW).says("Yes, ask me")
    asked = [
        day
        for day in (TOMORROW + timedelta(days=count) for count in range(1, 500))
        if any("You have moved on" in words for words in texts(asked_at(chat, day)))
    ]
    assert [(day.date() - date(2026, 3, 10)).days for day in asked] == [91, 182, 365]


def test_who_did_not_agree_to_it_is_asked_nothing_after_leaving(chat: Chat, home: Home) -> None:
    with chat.log.write(home.tenant) as records:
        organisation.leave(records, records.get(Person, home.ada), date(2026, 3, 10))
    asked_at(chat, TOMORROW)
    moved(chat, TOMORROW).says("No, thank you")
    assert all(not asked_at(chat, TOMORROW + timedelta(days=count)) for count in range(8, 400, 7))


def test_what_is_over_by_now_is_not_asked_about_and_holds_nothing_up(chat: Chat, home: Home, reader: Reader) -> None:
    tried = tries(chat, home, reader, TOMORROW - timedelta(hours=1), date(2026, 3, 10))
    with chat.log.write(home.tenant, at=TOMORROW - timedelta(minutes=30)) as records:
        records.get(Experiment, tried).ended_on = date(2026, 3, 2)
        outcomes.add_outcome(records, reader, home.ada, "Ride the bus", date(2026, 3, 2))
        records.flush()
        for row in records.all(select(FollowUp)):
            row.due_on = date(2026, 3, 2)
        records.first(select(Outcome).where(Outcome.id != home.outcome)).closed_on = date(2026, 3, 2)
        following.plan(records, "pair", date(2026, 3, 2), home.ben, person_id=home.ada)  # who is not her worker
    assert texts(asked_at(chat, TOMORROW)) == ["What is going well?"]
    with chat.log.read(home.tenant) as records:
        assert records.all(select(FollowUp)) == []


def test_a_theme_of_the_team_is_answered_to_everybody_who_spoke_in_it(chat: Chat, home: Home, reader: Reader) -> None:
    with chat.log.write(home.tenant, at=TOMORROW - timedelta(hours=1)) as records:
        spoke = Reflection(
            person_id=home.ada,
            team_id=records.get(Person, home.ada).team_id,
            direction="not_working",
            audience="team",
            source="paper",
            said_at=records.now,
            kept_at=records.now,
        )
        records.add(spoke, words="the bus is loud")
        theme = records.add(Theme(key="bus", direction="not_working", found_at=records.now), label="bus", terms="[]")
        records.session.flush()
        placed = ThemePlacement(
            theme_id=theme.id, reflection_id=spoke.id, strength=1.0, placed_by="person", placed_at=records.now
        )
        records.add(placed)
        records.session.flush()
        meetings.try_something(
            records, reader, spoke.team_id, "A quiet bus", date(2026, 3, 3), date(2026, 3, 4), theme_id=theme.id
        )
    assert texts(asked_at(chat, TOMORROW)) == [
        "Your team is trying this: A quiet bus",
        "I will ask you later if it helped.",
        "What is going well?",
    ]
    assert texts(asked_at(chat, TOMORROW + timedelta(days=1)))[-1] == "Did it help you?"


def test_a_pair_that_is_named_is_asked_from_next_week_on(log: LearningLog, home: Home, reader: Reader) -> None:
    with log.write(home.tenant) as records:
        agreements.name_worker(records, reader, home.ada, home.ben)
        planned = records.all(select(FollowUp))
        assert {(row.person_id, row.staff_id, row.about_id) for row in planned} == {
            (home.ada, None, home.ben),
            (None, home.ben, home.ada),
        }
        assert {row.due_on for row in planned} == {records.now.date() + timedelta(weeks=1)}
        agreements.name_worker(records, reader, home.ada, None)
        assert records.all(select(FollowUp)) == []
