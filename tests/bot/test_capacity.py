"""Whoever was found unable to decide is asked nothing without a decision in their best interests that holds."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlmodel import select

from learning_log.domain.capacity import Assessment, BestInterests, Decision
from learning_log.errors import CapacityRecordNeeded
from learning_log.services import asking, capacity, falling_due, joining
from learning_log.services.access import TEAM, Reader, Scope
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Agreement, Asked, Concern, Conversation, Reflection
from tests.bot.chat import Chat, at, moved, reflections
from tests.bot.conftest import Home

TOMORROW = datetime.fromisoformat("2026-03-03T10:00:00Z")
DAY = timedelta(days=1)
REVIEW = date(2026, 3, 4)
NOT_NOW = (
    "I may not ask you questions now. I have not kept that. Your support team can tell you why. "
    "Is something wrong? Tap: I am worried."
)


def assess(
    log: LearningLog,
    home: Home,
    *,
    able: bool = False,
    best_interests: BestInterests | None = None,
    decision: Decision = "take_part",
) -> None:
    ben = Reader(home.ben, home.tenant, "Ben Madeup", {TEAM: Scope(everywhere=True)})
    with log.write(home.tenant) as records:
        found = Assessment(decision, records.now.date(), able, best_interests, REVIEW)
        words = capacity.InWords("Dr Invented", "Pictures", "She enjoys it", "Her sister")
        capacity.record(records, ben, home.ada, found, words)


@pytest.fixture
def chat(log: LearningLog, home: Home) -> Chat:
    """Ada joined on Monday at 9:00, wants to be asked every day at 10:00, and has told one thing."""
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    chat.says("I went bowling")
    return chat


def asked_at(chat: Chat, moment: datetime) -> list[str]:
    later = moved(chat, moment)
    falling_due.make_due(later.log)
    falling_due.remind(later.log)
    return [say.words for say in later.delivered()]


def said(chat: Chat, text: str) -> list[str]:
    return [say.words for say in chat.says(text)]


@pytest.mark.parametrize("decision", ["take_part", "channel"])
def test_whoever_cannot_decide_is_not_asked_and_their_words_are_not_kept(
    log: LearningLog, home: Home, chat: Chat, decision: Decision
) -> None:
    assess(log, home, decision=decision)

    assert asked_at(chat, TOMORROW) == []
    for text in ("the bus was late", "skip", "start", "settings"):
        assert said(chat, text) == [NOT_NOW]
    assert reflections(log, home) == [("works", "I went bowling")]
    with log.read(home.tenant) as records:
        assert {asked.status for asked in records.all(select(Asked))} == {"cancelled"}


def test_a_tap_on_a_question_of_before_and_a_changed_message_are_not_kept(log: LearningLog, home: Home) -> None:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    number = chat.keep(words="I went bowling")
    chat.handle()
    chat.delivered()
    asked = chat.says("the bus was late")[-1]
    assess(log, home)

    assert [say.words for say in chat.hear("button", button=asked.choices[0].value)] == [NOT_NOW]
    assert [say.words for say in chat.hear("edited", edits=number, words="I stayed in")] == [NOT_NOW]
    assert [words for _, words in reflections(log, home)] == ["I went bowling", "the bus was late"]
    with log.read(home.tenant) as records:
        assert {row.outcome_id for row in records.all(select(Reflection))} == {None}


def test_a_prompt_that_waits_to_be_sent_does_not_go(log: LearningLog, home: Home, chat: Chat) -> None:
    later = moved(chat, TOMORROW)
    falling_due.make_due(later.log)
    assess(later.log, home)

    assert later.delivered() == []


def test_nobody_is_reminded_of_what_may_not_be_asked_now(log: LearningLog, home: Home, chat: Chat) -> None:
    assert asked_at(chat, TOMORROW)
    assess(at(log, TOMORROW), home)

    assert asked_at(chat, TOMORROW + timedelta(hours=5)) == []


def test_a_stop_and_a_worry_are_obeyed_all_the_same(log: LearningLog, home: Home, chat: Chat) -> None:
    assess(log, home)

    assert said(chat, "I am worried")[0].startswith("Thank you for telling me")
    assert said(chat, "he takes my money") == [
        "Thank you. I have added that.",
        "Do you want to say more? You do not have to.",
    ]
    assert said(chat, "that is all") == ["You can write to me at any time."]
    assert said(chat, "he hits me")[0].startswith("Thank you for telling me")
    assert said(chat, "stop")[0].startswith("I have stopped.")
    with log.read(home.tenant) as records:
        assert [records.text(each, "words") for each in records.all(select(Concern).order_by(Concern.raised_at))] == [
            "he takes my money",
            "he hits me",
        ]
        assert records.all(select(Conversation.status).where(Conversation.person_id == home.ada)) == ["stopped"]
    assert said(chat, "start again") == [NOT_NOW]


def test_with_a_yes_in_their_best_interests_it_goes_on_until_the_review_day_has_passed(
    log: LearningLog, home: Home, chat: Chat
) -> None:
    assess(log, home)
    assert asked_at(chat, TOMORROW) == []
    assess(at(log, TOMORROW), home, best_interests="yes")

    assert asked_at(chat, TOMORROW + DAY)
    moved(chat, TOMORROW + DAY).says("I saw my sister")
    assert reflections(log, home)[-1] == ("works", "I saw my sister")
    after = TOMORROW + 2 * DAY
    assert after.date() == REVIEW + DAY
    assert asked_at(chat, after) == []
    assert [say.words for say in moved(chat, after).says("I went out")] == [NOT_NOW]


def test_their_own_stop_ends_it_whatever_is_in_their_best_interests(log: LearningLog, home: Home, chat: Chat) -> None:
    assess(log, home, best_interests="yes")
    chat.says("stop")

    assert asked_at(chat, TOMORROW) == []


def test_a_yes_in_their_best_interests_is_no_yes_of_theirs(log: LearningLog, home: Home) -> None:
    assess(log, home, best_interests="yes")
    chat = Chat(log)
    with log.write(home.tenant) as records:
        code = joining.invite(records, person_id=home.ada)
    assert chat.hear("start", code=code)[-1].words == "Do you want to take part?"
    assert said(chat, "I went out")[0] == "I have not kept that. Please say yes or no first."
    assert reflections(log, home) == []
    chat.says("Yes, I want to")
    with log.read(home.tenant) as records:
        (kept,) = records.all(select(Agreement))
        assert (kept.purpose, kept.agreed, kept.text_version[:3]) == ("take_part", True, "en/")


def test_whoever_may_not_be_asked_is_not_even_asked_to_take_part(log: LearningLog, home: Home) -> None:
    assess(log, home)
    chat = Chat(log)
    with log.write(home.tenant) as records:
        code = joining.invite(records, person_id=home.ada)

    assert [say.words for say in chat.hear("start", code=code)] == [NOT_NOW]
    assess(log, home, best_interests="yes")
    assert chat.says("start")[-1].words == "Do you want to take part?"


def test_an_older_finding_that_they_are_able_leaves_the_law_as_it_is(log: LearningLog, home: Home, chat: Chat) -> None:
    assess(log, home, able=True)

    assert all(asked_at(chat, TOMORROW + passed * DAY) for passed in range(4))


def test_asking_by_hand_says_why_it_cannot_be(log: LearningLog, home: Home, chat: Chat) -> None:
    assess(log, home)
    with log.write(home.tenant) as records, pytest.raises(CapacityRecordNeeded, match="best interests"):
        asking.ask_now(records, person_id=home.ada)


def test_whoever_had_blocked_us_and_writes_again_is_asked_again_only_once_that_holds(
    log: LearningLog, home: Home, chat: Chat
) -> None:
    assess(log, home)
    chat.hear("blocked")
    assert said(chat, "hello") == [NOT_NOW]
    assess(log, home, best_interests="yes")

    assert asked_at(chat, TOMORROW)
