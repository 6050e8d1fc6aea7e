"""Being asked: at one's own time, once a day, and never after a stop."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlmodel import select

from bot import outbox, schedule
from learning_log.clock import utc_now
from learning_log.errors import AgreementNeeded, NotFound
from learning_log.services import asking, concerns, conversations, falling_due, pacing
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Asked, Concern, OutboxMessage, Person, Reflection, Schedule
from tests.bot.chat import LINK, Chat, at, at_once, moved
from tests.bot.conftest import Home

pytestmark = pytest.mark.usefixtures("one_subject")
TOMORROW = datetime.fromisoformat("2026-03-03T10:00:00Z")


@pytest.fixture
def chat(log: LearningLog, home: Home) -> Chat:
    """Ada joined on Monday at 9:00 and wants to be asked every day at 10:00."""
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    chat.says("skip")
    chat.says("skip")
    return chat


def asked_at(chat: Chat, moment: datetime) -> list[str]:
    later = moved(chat, moment)
    falling_due.make_due(later.log)
    falling_due.remind(later.log)
    return [say.words for say in later.delivered()]


def test_a_prompt_comes_at_the_chosen_time_and_once(chat: Chat) -> None:
    assert asked_at(chat, TOMORROW - timedelta(minutes=1)) == []
    assert asked_at(chat, TOMORROW) == ["What is going well?"]
    assert asked_at(chat, TOMORROW + timedelta(minutes=1)) == []
    assert asked_at(chat, TOMORROW + timedelta(days=1)) == ["What is going well?"]


def test_an_answer_is_tied_to_the_prompt_that_asked_for_it(chat: Chat, home: Home) -> None:
    asked_at(chat, TOMORROW)
    moved(chat, TOMORROW + timedelta(hours=5)).says("I went out")
    with chat.log.read(home.tenant) as records:
        asked = records.first(select(Asked))
        (kept,) = records.all(select(Reflection))
        assert kept.asked_id == asked.id
        assert asked.status == "answered"


def test_nobody_is_asked_on_the_day_of_joining_again(chat: Chat) -> None:
    assert asked_at(chat, TOMORROW - timedelta(days=1) + timedelta(hours=2)) == []


def test_a_prompt_that_is_too_late_is_skipped_and_the_next_day_is_not(chat: Chat, home: Home) -> None:
    assert asked_at(chat, TOMORROW + timedelta(days=3, hours=5)) == []
    with chat.log.read(home.tenant) as records:
        assert [row.status for row in records.all(select(Asked))] == ["missed"]
        assert records.first(select(Schedule)).next_due_at == TOMORROW + timedelta(days=4)
    assert asked_at(chat, TOMORROW + timedelta(days=4)) == ["What is going well?"]


def test_two_schedulers_at_once_ask_once(chat: Chat) -> None:
    log = at(chat.log, TOMORROW)
    assert [falling_due.make_due(log), falling_due.make_due(log)] == [1, 0]
    assert [say.words for say in moved(chat, TOMORROW).delivered()] == ["What is going well?"]


def test_the_change_of_clocks_keeps_the_local_time(chat: Chat) -> None:
    summer = datetime.fromisoformat("2026-03-30T09:00:00Z")  # 10:00 in London, the day after the change
    asked_at(chat, summer - timedelta(days=1))
    assert asked_at(chat, summer - timedelta(minutes=1)) == []
    assert asked_at(chat, summer) == ["What is going well?"]


def test_stop_between_due_and_asked_is_obeyed(chat: Chat) -> None:
    falling_due.make_due(at(chat.log, TOMORROW))
    moved(chat, TOMORROW).says("stop")
    assert asked_at(chat, TOMORROW) == []


def test_stop_takes_back_a_prompt_that_waits_to_be_sent(chat: Chat) -> None:
    falling_due.make_due(at(chat.log, TOMORROW))
    chat.keep(words="STOP")
    moved(chat, TOMORROW).handle()
    said = [say.words for say in moved(chat, TOMORROW).delivered()]
    assert len(said) == 1
    assert said[0].startswith("I have stopped")


def test_a_person_can_be_asked_now(chat: Chat, log: LearningLog, home: Home) -> None:
    with log.write(home.tenant) as records:
        asking.ask_now(records, person_id=home.ada)
        asking.ask_now(records, person_id=home.ada)
    assert [say.words for say in chat.delivered()] == ["What is going well?", "What is going well?"]


def test_nobody_who_may_not_be_asked_is_asked_now(log: LearningLog, home: Home, chat: Chat) -> None:
    with log.write(home.tenant) as records, pytest.raises(NotFound, match="has not joined"):
        asking.ask_now(records, staff_id=home.ben)
    with log.write(home.tenant) as records:
        conversation = conversations.of(records, home.ada, None)
        assert conversation
        pacing.pause(records, conversation, 7)
    with log.write(home.tenant) as records, pytest.raises(AgreementNeeded, match="paused until 08 March"):
        asking.ask_now(records, person_id=home.ada)
    chat.says("stop")
    with log.write(home.tenant) as records, pytest.raises(AgreementNeeded):
        asking.ask_now(records, person_id=home.ada)


def test_a_worry_is_told_again_until_a_person_acknowledges_it(log: LearningLog, home: Home, now: datetime) -> None:
    lead = Chat(log, "lead")
    lead.join(home.tenant, staff_id=home.una)
    Chat(log, "ada", lead.channel).join(home.tenant, person_id=home.ada)
    Chat(log, "ada", lead.channel).says("I am worried")
    assert schedule.alert_again(at(log, now + timedelta(minutes=14)), LINK) == 0
    later = now + timedelta(minutes=15)
    assert schedule.alert_again(at(log, later), LINK) == 1
    assert schedule.alert_again(at(log, later), LINK) == 0
    assert "still waiting" in moved(lead, later).delivered()[-1].words
    with log.write(home.tenant) as records:
        (concern,) = records.all(select(Concern))
        concerns.acknowledge(records, concern.id, home.una, "I called Ada")
    assert schedule.alert_again(at(log, later + timedelta(hours=1)), LINK) == 0


def test_a_question_waits_while_a_worry_is_told(chat: Chat, home: Home) -> None:
    just_before = moved(chat, TOMORROW - timedelta(minutes=1))
    just_before.says("I am worried")
    assert asked_at(chat, TOMORROW) == []
    moved(chat, TOMORROW).says("it is about the nights")
    with chat.log.read(home.tenant) as records:
        assert records.all(select(Reflection)) == []
        (concern,) = records.all(select(Concern))
        assert records.text(concern, "words") == "it is about the nights"
    moved(chat, TOMORROW).says("that is all")
    assert asked_at(chat, TOMORROW + timedelta(minutes=5)) == ["What is going well?"]


def test_after_an_outage_nothing_comes_late_and_nothing_in_a_burst(chat: Chat) -> None:
    for day in range(3):
        falling_due.make_due(at(chat.log, TOMORROW + timedelta(days=day)))
    night = at(chat.log, TOMORROW + timedelta(days=2, hours=17))
    assert falling_due.drop_late(night) == 3
    assert moved(chat, TOMORROW + timedelta(days=2, hours=17)).delivered() == []


def test_one_who_has_left_is_asked_no_more(chat: Chat, home: Home) -> None:
    with chat.log.write(home.tenant) as records:
        records.get(Person, home.ada).left_on = TOMORROW.date()
    assert asked_at(chat, TOMORROW) == []


def test_one_reminder_comes_after_its_wait_and_says_the_question_again(chat: Chat) -> None:
    assert asked_at(chat, TOMORROW) == ["What is going well?"]
    assert asked_at(chat, TOMORROW + timedelta(hours=3, minutes=59)) == []
    assert asked_at(chat, TOMORROW + timedelta(hours=4)) == [
        "I ask you once more. You do not have to answer.",
        "What is going well?",
    ]
    assert asked_at(chat, TOMORROW + timedelta(hours=8)) == []


@pytest.mark.parametrize("said", ["I went out", "skip", "stop", "/pause"])
def test_no_reminder_comes_once_they_have_answered_or_gone_on(chat: Chat, said: str) -> None:
    asked_at(chat, TOMORROW)
    moved(chat, TOMORROW + timedelta(hours=1)).says(said)
    assert "I ask you once more. You do not have to answer." not in asked_at(chat, TOMORROW + timedelta(hours=4))


def test_a_reminder_that_waits_to_be_sent_is_taken_back_by_an_answer(chat: Chat) -> None:
    asked_at(chat, TOMORROW)
    late = moved(chat, TOMORROW + timedelta(hours=4))
    assert falling_due.remind(late.log) == 1
    said = [say.words for say in late.says("I went out")]
    assert "I ask you once more. You do not have to answer." not in said


def test_no_reminder_comes_in_quiet_hours_or_on_another_day(chat: Chat, home: Home) -> None:
    with chat.log.write(home.tenant) as records:
        records.first(select(Schedule)).at = "18:00"
        records.first(select(Schedule)).next_due_at = TOMORROW + timedelta(hours=8)
    assert asked_at(chat, TOMORROW + timedelta(hours=8)) == ["What is going well?"]
    with chat.log.read(home.tenant) as records:
        assert records.first(select(Asked)).remind_at is None


def test_a_reminder_that_is_too_late_is_not_sent(chat: Chat) -> None:
    asked_at(chat, TOMORROW)
    assert asked_at(chat, TOMORROW + timedelta(hours=8)) == []


def test_a_prompt_of_unknown_fate_is_not_repeated_and_a_reminder_may_follow(chat: Chat) -> None:
    later = moved(chat, TOMORROW)
    falling_due.make_due(later.log)
    assert len(later.claim()) == 1
    assert outbox.settle(later.log, "paper") == 1
    assert later.delivered() == []
    assert asked_at(chat, TOMORROW + timedelta(hours=4))[0] == "I ask you once more. You do not have to answer."


def test_an_answer_shows_that_a_prompt_of_unknown_fate_had_arrived(chat: Chat, home: Home) -> None:
    later = moved(chat, TOMORROW)
    falling_due.make_due(later.log)
    later.claim()
    outbox.settle(later.log, "paper")
    later.says("I went out")
    with chat.log.read(home.tenant) as records:
        (prompt,) = records.all(select(OutboxMessage).where(OutboxMessage.kind == "prompt"))
        assert prompt.status == "sent"
        assert records.first(select(Asked)).status == "answered"


def test_moving_to_another_zone_keeps_the_local_time_and_asks_once_a_day(chat: Chat, home: Home) -> None:
    assert asked_at(chat, TOMORROW) == ["What is going well?"]
    moved(chat, TOMORROW + timedelta(minutes=1)).says("skip")
    with at(chat.log, TOMORROW).write(home.tenant) as records:
        ada = records.get(Person, home.ada)
        there = pacing.move_to_zone(records, ada, "America/New_York")
    assert there == TOMORROW + timedelta(days=1, hours=5)
    assert asked_at(chat, TOMORROW + timedelta(hours=5)) == []
    assert asked_at(chat, TOMORROW + timedelta(days=1, hours=5)) == ["What is going well?"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("zone", ["Europe/London", "Australia/Lord_Howe", "America/New_York", "Pacific/Apia"])
def test_each_local_day_of_a_leap_year_gets_exactly_one_prompt(log: LearningLog, home: Home, zone: str) -> None:
    """At 02:30, which the clocks skip once and repeat once; whatever the tick does in between."""
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    start = datetime.fromisoformat("2028-01-01T12:00:00Z")
    with at(log, start).write(home.tenant) as records:
        planned = records.first(select(Schedule))
        planned.at, planned.quiet_from, planned.quiet_until, planned.days = "02:30", "22:00", "22:00", 0b1111111
        pacing.move_to_zone(records, records.get(Person, home.ada), zone)
    moment = start
    with at(log, start).read(home.tenant) as records:
        moment = records.first(select(Schedule)).next_due_at
    while moment < start + timedelta(days=366):
        falling_due.make_due(at(log, moment))
        falling_due.make_due(at(log, moment + timedelta(minutes=61)))
        with log.read(home.tenant) as records:
            moment = records.first(select(Schedule)).next_due_at
    with log.read(home.tenant) as records:
        days = sorted(row.local_date for row in records.all(select(Asked)))
    assert [later - day for day, later in pairwise(days)] == [timedelta(days=1)] * (len(days) - 1)
    assert len(days) >= 365


def test_the_tick_goes_on_when_the_clock_was_set_back(log: LearningLog) -> None:
    """Worries are told again by the tick: it may not wait until the hour has come once more."""

    async def next_ticks_after_an_hour_back() -> tuple[datetime, set[datetime]]:
        ticking = schedule.Schedule(log, at_once, LINK, 5.0, lambda: None)
        ticking.start()
        back = utc_now() - timedelta(hours=1)
        ticking.keep_ticking(back)
        ticks = {job.next_run_time for job in ticking.scheduler.get_jobs()}
        ticking.stop()
        return back, ticks

    back, ticks = asyncio.run(next_ticks_after_an_hour_back())
    assert ticks == {back}


def test_a_clock_that_goes_on_leaves_the_ticks_as_they_are(log: LearningLog) -> None:
    async def ticks_before_and_after() -> tuple[list[datetime], list[datetime]]:
        ticking = schedule.Schedule(log, at_once, LINK, 5.0, lambda: None)
        ticking.start()
        before = [job.next_run_time for job in ticking.scheduler.get_jobs()]
        ticking.keep_ticking(utc_now())
        after = [job.next_run_time for job in ticking.scheduler.get_jobs()]
        ticking.stop()
        return before, after

    before, after = asyncio.run(ticks_before_and_after())
    assert before == after


@pytest.mark.parametrize(("said", "hours"), [("In 1 hour", 1), ("Tonight", 8)], ids=["in an hour", "tonight"])
def test_what_is_put_off_comes_again_at_the_time_that_was_chosen(chat: Chat, said: str, hours: int) -> None:
    assert asked_at(chat, TOMORROW) == ["What is going well?"]
    assert [each.words for each in moved(chat, TOMORROW).says("later")] == ["When shall I ask you again?"]
    moved(chat, TOMORROW).says(said)
    again = TOMORROW + timedelta(hours=hours)
    assert asked_at(chat, again - timedelta(minutes=5)) == []
    assert asked_at(chat, again + timedelta(minutes=1)) == ["What is going well?"]
    moved(chat, again + timedelta(minutes=2)).says("I went out")
    with chat.log.read() as records:
        (kept,) = records.all(select(Reflection))
        assert kept.asked_id is not None


def test_what_is_put_off_until_tomorrow_comes_once(chat: Chat) -> None:
    asked_at(chat, TOMORROW)
    later = moved(chat, TOMORROW)
    later.says("later")
    later.says("Tomorrow")
    assert asked_at(chat, TOMORROW + timedelta(days=1)) == ["What is going well?"]
    assert asked_at(chat, TOMORROW + timedelta(days=1, hours=1)) == []


def test_nothing_that_was_put_off_comes_after_a_stop(chat: Chat) -> None:
    asked_at(chat, TOMORROW)
    later = moved(chat, TOMORROW)
    later.says("later")
    later.says("In 1 hour")
    later.says("STOP")
    assert asked_at(chat, TOMORROW + timedelta(hours=2)) == []


def test_what_would_come_in_quiet_hours_waits_for_the_next_day(chat: Chat) -> None:
    asked_at(chat, TOMORROW)
    night = moved(chat, TOMORROW + timedelta(hours=10, minutes=30))
    night.says("later")
    night.says("In 1 hour")
    assert asked_at(chat, TOMORROW + timedelta(hours=12)) == []
    assert asked_at(chat, TOMORROW + timedelta(days=1)) == ["What is going well?"]
