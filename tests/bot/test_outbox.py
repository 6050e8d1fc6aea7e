"""What is to be said: once, in order, at the channel's pace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from bot import outbox
from bot.channels.channel import Refused
from bot.pacer import Pacer
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Conversation, OutboxMessage, Schedule
from tests.bot.chat import Chat, at
from tests.bot.conftest import Home


@pytest.fixture
def chat(log: LearningLog, home: Home) -> Chat:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    chat.keep(words="I went out")
    chat.handle()
    return chat


def states(log: LearningLog) -> list[str]:
    with log.read() as records:
        rows = records.all(select(OutboxMessage).order_by(OutboxMessage.made_at, OutboxMessage.place, OutboxMessage.id))
        return [row.status for row in rows if row.status != "sent"]


def test_a_message_is_claimed_by_one_sender_only(log: LearningLog, chat: Chat) -> None:
    (first,) = outbox.waiting(log, ["paper"])
    assert len(outbox.claim(log, [first.id])) == 1
    assert outbox.claim(log, [first.id]) == []


def test_the_next_message_of_a_chat_waits_for_the_one_before(log: LearningLog, chat: Chat) -> None:
    (first,) = outbox.waiting(log, ["paper"])
    outbox.claim(log, [first.id])
    assert outbox.waiting(log, ["paper"]) == []
    outbox.sent(log, first.id, "1")
    (second,) = outbox.waiting(log, ["paper"])
    assert second.id != first.id


def test_a_message_that_the_channel_did_not_take_is_tried_again_after_its_wait(
    log: LearningLog, chat: Chat, now: datetime
) -> None:
    (first,) = outbox.waiting(log, ["paper"])
    outbox.claim(log, [first.id])
    outbox.put_back(log, first.id, 7, "too fast")
    assert outbox.waiting(at(log, now + timedelta(seconds=6)), ["paper"]) == []
    assert [each.id for each in outbox.waiting(at(log, now + timedelta(seconds=7)), ["paper"])] == [first.id]


def test_after_a_crash_a_message_of_unknown_fate_is_not_repeated(log: LearningLog, chat: Chat, now: datetime) -> None:
    (first,) = outbox.waiting(log, ["paper"])
    outbox.claim(log, [first.id])
    assert outbox.settle_old_claims(at(log, now + timedelta(seconds=30))) == 0
    assert outbox.settle_old_claims(at(log, now + timedelta(seconds=90))) == 1
    assert states(log)[0] == "unknown"


def test_after_a_crash_an_alert_is_repeated(log: LearningLog, home: Home, now: datetime) -> None:
    lead = Chat(log, "lead")
    lead.join(home.tenant, staff_id=home.una)
    ada = Chat(log, "ada", lead.channel)
    ada.join(home.tenant, person_id=home.ada)
    ada.keep(words="I am worried")
    ada.handle()
    outbox.claim(log, [each.id for each in outbox.waiting(log, ["paper"])])
    outbox.settle_old_claims(at(log, now + timedelta(seconds=90)))
    with log.read() as records:
        (alert,) = records.all(select(OutboxMessage).where(OutboxMessage.kind == "alert"))
        assert alert.status == "pending"


def test_a_refusal_for_ever_ends_the_asking(log: LearningLog, chat: Chat) -> None:
    (first,) = outbox.waiting(log, ["paper"])
    outbox.claim(log, [first.id])
    outbox.refused(log, first.id, Refused("forbidden", blocked=True))
    with log.read() as records:
        assert records.first(select(Conversation)).status == "blocked"
        assert records.first(select(Schedule)).next_due_at is None
    assert states(log)[0] == "failed"


def test_a_chat_that_moved_is_followed(log: LearningLog, chat: Chat) -> None:
    (first,) = outbox.waiting(log, ["paper"])
    outbox.claim(log, [first.id])
    outbox.refused(log, first.id, Refused("moved", moved_to="-100777"))
    (again,) = outbox.claim(log, [first.id])
    assert again.address == "-100777"


@given(chats=st.lists(st.integers(0, 40), max_size=200), step=st.floats(0.001, 0.2))
def test_the_pace_of_the_channel_is_never_passed(chats: Sequence[int], step: float) -> None:
    pacer, now, sent = Pacer(per_second=5, per_chat=1.0), 0.0, []
    for chat in chats:
        now += step
        wait = pacer.wait(str(chat), now)
        now += wait
        assert pacer.wait(str(chat), now) <= 1e-9
        pacer.sent(str(chat), now)
        sent.append((now, chat))
    for moment, chat in sent:
        assert len([1 for other, _ in sent if moment <= other < moment + 1 - 1e-9]) <= 5
        assert len([1 for other, who in sent if who == chat and moment <= other < moment + 1 - 1e-9]) == 1


def test_a_rest_that_the_channel_asks_for_is_kept() -> None:
    pacer = Pacer(per_second=30, per_chat=1.0)
    pacer.rest(12, now=100.0)
    assert pacer.wait("1", now=105.0) == pytest.approx(7.0)
    assert pacer.wait("1", now=112.0) == 0
