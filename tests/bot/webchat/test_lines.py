"""New lines reach an open page once each, whatever order they become visible in."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.webchat.lines import OVERLAP, Chat, Cursor, look
from bot.dialogue.turn import Say
from learning_log.services import conversations
from learning_log.services.conversations import Line
from learning_log.settings import Settings
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Conversation, InboxMessage, OutboxMessage, new_id
from tests.bot.conftest import Home

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADDRESS = "a" * 43


def open_chat(log: LearningLog, home: Home) -> UUID:
    with log.write(home.tenant) as records:
        chat = Conversation(
            person_id=home.ada,
            channel="webchat",
            address_hash=conversations.address_hash(records, "webchat", ADDRESS),
            made_at=START,
            changed_at=START,
        )
        return records.add(chat, address=ADDRESS).id


def said(log: LearningLog, home: Home, chat: UUID, words: str, at: datetime, status: str = "sent") -> None:
    with log.write(home.tenant) as records:
        row = OutboxMessage(
            conversation_id=chat, channel="webchat", kind="reply", made_at=at, due_at=at, status=status, claimed_at=at
        )
        row.sent_at = at if status == "sent" else None
        records.add(row, body=Say(words).as_json())


def heard(log: LearningLog, home: Home, chat: UUID, words: str, at: datetime) -> None:
    with log.write(home.tenant) as records:
        row = InboxMessage(conversation_id=chat, channel="webchat", message_key=new_id().hex, received_at=at)
        records.add(row, body=json.dumps({"kind": "words", "words": words}))


def words_of(chat: Chat) -> list[str]:
    return [line.words for line in chat.lines]


def test_lines_of_one_moment_come_once_each(log: LearningLog, home: Home, settings: Settings) -> None:
    chat = open_chat(log, home)
    cursor = ""
    for number in range(4):
        said(log, home, chat, f"line {number}", START)
        found = look(log, settings, ADDRESS, cursor)
        assert words_of(found) == [f"line {number}"]
        cursor = found.cursor
    assert look(log, settings, ADDRESS, cursor).lines == ()


def test_a_line_that_turns_up_late_is_not_missed(log: LearningLog, home: Home, settings: Settings) -> None:
    chat = open_chat(log, home)
    said(log, home, chat, "on time", START)
    cursor = look(log, settings, ADDRESS).cursor
    heard(log, home, chat, "a little earlier", START - OVERLAP / 2)
    found = look(log, settings, ADDRESS, cursor)
    assert words_of(found) == ["a little earlier"]
    assert look(log, settings, ADDRESS, found.cursor).lines == ()
    assert words_of(look(log, settings, ADDRESS)) == ["a little earlier", "on time"]


def test_an_empty_chat_has_a_cursor_that_misses_nothing(log: LearningLog, home: Home, settings: Settings) -> None:
    chat = open_chat(log, home)
    empty = look(log, settings, ADDRESS)
    said(log, home, chat, "the first", START)
    assert words_of(look(log, settings, ADDRESS, empty.cursor)) == ["the first"]


def test_both_sides_stand_in_the_order_in_which_they_were_seen(
    log: LearningLog, home: Home, settings: Settings
) -> None:
    chat = open_chat(log, home)
    for number in range(6):
        side: Callable[..., None] = said if number % 2 else heard
        side(log, home, chat, str(number), START + timedelta(seconds=number))
    assert words_of(look(log, settings, ADDRESS)) == list("012345")


def test_what_was_said_is_shown_and_what_waits_or_was_taken_back_is_not(
    log: LearningLog, home: Home, settings: Settings
) -> None:
    chat = open_chat(log, home)
    for status in ("sent", "pending", "sending", "unknown", "cancelled", "failed"):
        said(log, home, chat, status, START, status=status)
    assert words_of(look(log, settings, ADDRESS)) == ["sent"]


def test_a_long_chat_shows_its_newest_lines(log: LearningLog, home: Home) -> None:
    chat = open_chat(log, home)
    for number in range(7):
        said(log, home, chat, f"said {number}", START + timedelta(seconds=2 * number))
        heard(log, home, chat, f"heard {number}", START + timedelta(seconds=2 * number + 1))
    with log.read(home.tenant) as records:
        lines = conversations.transcript(records, records.get(Conversation, chat), most=3)
    assert [json.loads(line.body)["words"] for line in lines] == ["heard 5", "said 6", "heard 6"]


def test_days_and_times_are_in_the_zone_of_the_service(log: LearningLog, home: Home, settings: Settings) -> None:
    chat = open_chat(log, home)
    said(log, home, chat, "late", datetime(2026, 7, 1, 23, 30, tzinfo=UTC))
    assert look(log, settings, ADDRESS).lines[0].at.day == 2


@given(st.text(max_size=40))
def test_any_text_can_be_handed_in_as_a_cursor(text: str) -> None:
    cursor = Cursor.read(text)
    assert cursor is None or Cursor.read(str(cursor)) == cursor


@given(
    st.timedeltas(timedelta(), timedelta(days=36_500)).map(lambda later: START + later),
    st.lists(st.integers(-300, 300), max_size=12),
)
def test_a_cursor_survives_its_way_through_the_page(newest: datetime, seconds: list[int]) -> None:
    lines = [Line(new_id(), newest + timedelta(seconds=late), "bot", "", str(late)) for late in seconds]
    after = Cursor(newest, frozenset()).after(lines)
    assert Cursor.read(str(after)) == after
    assert after.newest == max([newest, *(line.at for line in lines)])
    assert after.seen == {line.id.hex[-8:] for line in lines if line.at >= after.since}
