"""Several workers at once on one database: nothing twice, nothing out of order, nobody overlooked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar

import pytest
from sqlmodel import select

from bot import inbox, outbox
from bot.channels.channel import Channel, Incoming
from bot.handling import answer_some
from bot.prompting import compose
from learning_log.services import falling_due, joining, organisation
from learning_log.storage.database import Database
from learning_log.storage.holding import take_hold
from learning_log.storage.records import LearningLog
from learning_log.storage.ringing import Listening, ring
from learning_log.storage.tables import Asked, OutboxMessage, Person, Reflection, Schedule, Team
from tests.bot.chat import Chat, PaperChannel, at
from tests.bot.conftest import Home

WORKERS, CHATS, MESSAGES = 3, 6, 8
Found = TypeVar("Found")


def all_at_once(work: Callable[[], Found]) -> list[Found]:
    with ThreadPoolExecutor(WORKERS) as workers:
        return [each.result() for each in [workers.submit(work) for _ in range(WORKERS)]]


def until_nothing_is_left(work: Callable[[], int]) -> int:
    """Looks a few times more: another worker may be in the middle of what this one has to leave to it."""
    done, idle = 0, 0
    while idle < 20:
        found = work()
        done, idle = done + found, 0 if found else idle + 1
    return done


@pytest.fixture
def chats(log: LearningLog, home: Home) -> list[Chat]:
    """Invented people of one home, who have all joined."""
    channel = PaperChannel()
    chats = []
    for number in range(CHATS):
        with log.write(home.tenant) as records:
            ada = records.get(Person, home.ada)
            team = records.get(Team, ada.team_id)
            person = organisation.add_person(records, f"Invented {number}", team).id
        chat = Chat(log, f"chat-{number}", channel)
        chat.join(home.tenant, person_id=person)
        chats.append(chat)
    return chats


def test_each_message_is_answered_once_and_each_chat_in_order(
    log: LearningLog, home: Home, chats: list[Chat], now: datetime
) -> None:
    """Each worker takes what it can; the messages of a chat are told apart by the second they came in."""
    seconds = count(1)
    for number in range(MESSAGES):
        for chat in chats:
            moment = at(log, now + timedelta(seconds=next(seconds)))
            body = {"kind": "words", "words": f"{chat.address} says {number}"}
            inbox.keep(moment, "paper", [Incoming(f"{chat.address}-{number}", chat.address, body)])
    channels: dict[str, Channel] = {"paper": PaperChannel()}
    late = at(log, now + timedelta(hours=1))

    def work() -> int:
        return until_nothing_is_left(lambda: len(answer_some(late, channels, "", limit=7).answered))

    assert sum(all_at_once(work)) == CHATS * MESSAGES
    heard: dict[str, list[int]] = defaultdict(list)
    with log.read(home.tenant) as records:
        for row in sorted(records.all(select(Reflection)), key=lambda row: row.id):
            chat_name, _, number_said = records.text(row, "words").partition(" says ")
            heard[chat_name].append(int(number_said))
    assert {name: sorted(said) for name, said in heard.items()} == {
        chat.address: list(range(MESSAGES)) for chat in chats
    }
    for name, said in heard.items():
        assert said == sorted(said), name


def test_each_message_is_claimed_by_one_worker(log: LearningLog, chats: list[Chat]) -> None:
    for chat in chats:
        chat.keep(words="I went out")
    chats[0].handle()

    def work() -> list[Any]:
        return [each.id for each in outbox.turn(log, "paper", (), 2, (), compose)]

    claimed = [id for _ in range(4) for found in all_at_once(work) for id in found]
    assert len(claimed) == len(set(claimed)) == CHATS


def test_each_person_is_asked_once_by_however_many_ticks(log: LearningLog, chats: list[Chat]) -> None:
    with log.read() as records:
        due = min(row.next_due_at for row in records.all(select(Schedule)))
    later = at(log, due)
    assert sum(all_at_once(lambda: falling_due.make_due(later))) == CHATS
    with log.read() as records:
        assert len(records.all(select(Asked))) == CHATS
        prompts = records.all(select(OutboxMessage).where(OutboxMessage.kind == "prompt"))
        assert len({row.conversation_id for row in prompts}) == len(prompts) == CHATS


def test_one_worker_at_a_time_holds_a_channel(log: LearningLog) -> None:
    other = Database(log.database.engine.url.render_as_string(hide_password=False))
    ours = take_hold(log.database, "telegram-1")
    assert ours is not None
    assert take_hold(other, "telegram-1") is None
    another_bot = take_hold(other, "telegram-2")
    assert another_bot is not None
    another_bot.release()
    assert ours.is_held()
    ours.release()
    theirs = take_hold(other, "telegram-1")
    assert theirs is not None
    theirs.release()
    other.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_hold_ends_with_its_connection_and_that_is_noticed(log: LearningLog) -> None:
    ours = take_hold(log.database, "telegram-1")
    assert ours is not None
    with log.write() as records:
        records.session.connection().exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        )
    assert not ours.is_held()
    ours.release()
    theirs = take_hold(log.database, "telegram-1")
    assert theirs is not None
    theirs.release()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_worker_is_woken_by_what_another_has_said(log: LearningLog) -> None:
    heard: list[str] = []
    listening = Listening(log.database, heard.extend)
    try:
        tries = 0
        while "telegram" not in heard and tries < 200:
            ring(log.database, ["telegram", "ab" * 32])
            tries += 1
            listening.wait_a_moment(0.05)
        assert heard[:2] == ["telegram", "ab" * 32]
    finally:
        listening.close()


def test_joining_and_writing_at_once_by_two_workers_lets_one_person_in_once(log: LearningLog, home: Home) -> None:
    with log.write(home.tenant) as records:
        code = joining.invite(records, person_id=home.ada)
    for number, address in enumerate(("one", "two", "three")):
        inbox.keep(log, "paper", [Incoming(f"start-{number}", address, {"kind": "start", "code": code})])
    channels: dict[str, Channel] = {"paper": PaperChannel()}
    done = all_at_once(lambda: until_nothing_is_left(lambda: len(answer_some(log, channels, "", 1).answered)))
    assert sum(done) == 3
    with log.read() as records:
        used = records.all(select(OutboxMessage).where(OutboxMessage.conversation_id.is_(None)))  # type: ignore[union-attr]
        assert len(used) == 2
