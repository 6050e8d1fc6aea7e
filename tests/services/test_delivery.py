"""What waits is counted over every tenant, by index, whatever the size of the tables."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text

from learning_log.services import delivery as counting
from learning_log.services.delivery import Delivery, SeenChannel
from learning_log.storage.records import LearningLog
from tests.services.delivered import Post

INDEXES = (
    "ix_inbox_kept",
    "ix_inbox_aside",
    "ix_inbox_chat_kept",
    "ix_outbox_open",
    "ix_outbox_chat_open",
    "ix_outbox_troubled",
    "ix_concern_unacknowledged",
    "ix_schedule_next_due_at",
)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def post(log: LearningLog, tenant: UUID) -> Post:
    return Post(log, tenant)


@pytest.fixture
def other(log: LearningLog, other_tenant: UUID) -> Post:
    return Post(log, other_tenant)


def delivery(log: LearningLog) -> Delivery:
    with log.read() as records:
        return counting.delivery(records)


def test_where_nothing_waits_everything_is_nothing(log: LearningLog) -> None:
    nothing = {"alert": 0, "reply": 0, "notice": 0, "prompt": 0}
    assert delivery(log) == Delivery(0, nothing, 0, 0, 0, 0, 0.0, 0, 0, 0.0, ())


def test_what_waits_is_counted_over_every_tenant(log: LearningLog, post: Post, other: Post) -> None:
    for each in (post, other):
        each.received(MINUTE)
        each.received(HOUR, status="aside")
        each.received(HOUR, status="done")
        each.worry(HOUR)
        each.worry(HOUR, acknowledged_at=each.now)
        each.schedule(each.conversation(), MINUTE)
        each.schedule(each.conversation(), -MINUTE)
        each.schedule(each.conversation(), None)
    found = delivery(log)
    assert (found.kept, found.aside, found.worries, found.schedules_due) == (2, 2, 2, 2)


def test_ages_are_those_of_the_oldest(log: LearningLog, post: Post, other: Post) -> None:
    post.received(MINUTE)
    other.received(3 * MINUTE)
    other.received(9 * HOUR, status="done")
    post.worry(HOUR)
    other.worry(2 * HOUR)
    found = delivery(log)
    assert (found.oldest_kept_seconds, found.oldest_worry_seconds) == (180.0, 7200.0)


def test_what_is_to_be_sent_is_counted_by_how_urgent_it_is(log: LearningLog, post: Post) -> None:
    for kind in ("alert", "reply", "reply", "notice", "prompt", "reminder"):
        post.said(kind)
    post.said("reply", channel="telegram")
    post.said("prompt", status="sending", channel="telegram", claimed_at=post.now)
    post.said("prompt", status="sent")
    found = delivery(log)
    assert found.to_send == {"alert": 1, "reply": 3, "notice": 1, "prompt": 2}
    assert found.sending == 1


def test_due_are_schedules_and_prompts_that_wait(log: LearningLog, post: Post) -> None:
    post.schedule(post.conversation(), MINUTE)
    post.said("prompt")
    assert delivery(log).due == 2


def test_trouble_of_the_last_day_is_counted_and_older_trouble_is_not(log: LearningLog, post: Post) -> None:
    for ago in (HOUR, 23 * HOUR, 25 * HOUR):
        post.said("prompt", status="unknown", ago=ago)
        post.said("prompt", status="failed", ago=ago)
    assert (delivery(log).unknown, delivery(log).failed) == (2, 2)


def test_who_holds_a_channel_is_said_until_the_hold_is_over(log: LearningLog, post: Post, now: datetime) -> None:
    post.seen("telegram", MINUTE, holder="worker-1")
    post.seen("webchat", HOUR, holder="worker-2")
    assert delivery(log).channels == (SeenChannel("telegram", "worker-1", 60.0), SeenChannel("webchat", None, 3600.0))


def test_counts_end_where_more_would_say_nothing_more(log: LearningLog, post: Post) -> None:
    for _ in range(3):
        post.received(MINUTE)
        post.said("reply")
    with log.read() as records:
        found = counting.delivery(records, most=2)
    assert (found.kept, found.to_send["reply"]) == (2, 2)


def test_no_count_reads_a_whole_table(log: LearningLog, post: Post) -> None:
    """Each statement is explained by the database itself, which has to choose an index for every big table."""
    post.said("reply")
    asked = _statements(log)
    assert len(asked) > 5
    with log.database.engine.connect() as connection:
        if not log.database.is_sqlite:
            connection.execute(text("SET enable_seqscan = off"))  # a few rows are always read whole there
        for statement, values in asked:
            explain = "EXPLAIN QUERY PLAN " if log.database.is_sqlite else "EXPLAIN "
            plan = "\n".join(str(row) for row in connection.exec_driver_sql(explain + statement, values))
            assert any(index in plan for index in INDEXES), plan
            for table in ("inbox", "outbox", "concern", "schedule"):
                assert f"SCAN {table}'" not in plan, plan
                assert f"Seq Scan on {table} " not in plan, plan


def _statements(log: LearningLog) -> list[tuple[str, Any]]:
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if "FROM channel" not in statement and statement.startswith("SELECT"):
            asked.append((statement, values))

    event.listen(log.database.engine, "before_cursor_execute", note)
    delivery(log)
    event.remove(log.database.engine, "before_cursor_execute", note)
    return asked
