"""What is stuck is found, said in plain words, and mended where that is safe; looking changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from learning_log.services import auditing, doctoring
from learning_log.services.doctoring import Finding
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import (
    NOBODY,
    Asked,
    AuditEntry,
    Concern,
    Conversation,
    InboxMessage,
    OutboxMessage,
    Person,
    Schedule,
)
from tests.services.delivered import Post

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def post(log: LearningLog, tenant: UUID) -> Post:
    return Post(log, tenant)


@pytest.fixture
def other(log: LearningLog, other_tenant: UUID) -> Post:
    return Post(log, other_tenant)


def found(log: LearningLog) -> dict[str, Finding]:
    return {finding.name: finding for finding in doctoring.look(log)}


def actions(log: LearningLog, tenant: UUID) -> list[str]:
    with log.read(tenant) as records:
        assert auditing.broken_at(records) is None
        return [entry.action for entry in records.all(select(AuditEntry).order_by(AuditEntry.position))]


def test_where_all_is_well_nothing_is_found_and_nothing_mended(log: LearningLog, post: Post) -> None:
    chat = post.conversation()
    post.schedule(chat, -DAY)
    post.received(HOUR, status="done")
    post.said("prompt", status="sent", conversation_id=chat)
    post.worry(HOUR, acknowledged_at=post.now)
    post.seen("webchat", 10 * SECOND, holder="worker-1")
    assert found(log) == {}
    assert doctoring.mend(log) == {}


def test_claims_of_a_worker_that_died_are_settled_by_their_kind(log: LearningLog, post: Post) -> None:
    post.seen("webchat", SECOND)
    alert = post.said("alert", status="sending", claimed_at=post.now - 2 * MINUTE)
    prompt = post.said("prompt", status="sending", claimed_at=post.now - 2 * MINUTE)
    fresh = post.said("reply", status="sending", claimed_at=post.now - 30 * SECOND)
    assert (found(log)["claims"].count, found(log)["claims"].mends) == (2, True)
    assert "1 alert among" in found(log)["claims"].said
    assert doctoring.mend(log) == {"claims": 2}
    states = [post.row(OutboxMessage, id).status for id in (alert, prompt, fresh)]
    assert states == ["pending", "unknown", "sending"]
    assert "claims" not in found(log)


def test_messages_set_aside_get_another_round(log: LearningLog, post: Post, other: Post) -> None:
    post.seen("webchat", SECOND)
    values = {"attempts": 5, "next_try_at": post.now + DAY, "trouble": "KeyError"}
    mine = post.received(HOUR, status="aside", **values)
    theirs = other.received(2 * HOUR, status="aside", **values)
    done = post.received(3 * HOUR, status="done")
    listed = found(log)["aside"].details
    assert [(each.id, each.at, each.trouble) for each in listed] == [
        (theirs, post.now - 2 * HOUR, "KeyError"),
        (mine, post.now - HOUR, "KeyError"),
    ]
    assert doctoring.mend(log) == {"aside": 2}
    for id in (mine, theirs):
        row = post.row(InboxMessage, id)
        assert (row.status, row.attempts, row.next_try_at, row.trouble) == ("kept", 0, None, None)
    assert post.row(InboxMessage, done).status == "done"
    assert "gave another round" in actions(log, post.tenant)
    assert "gave another round" in actions(log, other.tenant)
    assert "aside" not in found(log)


def test_a_strangers_message_gets_another_round_too(log: LearningLog, tenant: UUID) -> None:
    with log.write() as records:
        row = InboxMessage(tenant_id=NOBODY, channel="paper", message_key="1", received_at=records.now, status="aside")
        records.session.add(row)
    assert doctoring.mend(log) == {"aside": 1}


def test_messages_that_wait_where_no_worker_is_are_said(log: LearningLog, post: Post) -> None:
    post.received(MINUTE, channel="telegram")
    post.said("reply", channel="telegram")
    post.said("reply", channel="webchat")
    post.seen("telegram", 3 * MINUTE)
    post.seen("webchat", MINUTE)
    finding = found(log)["unattended"]
    assert (finding.count, finding.mends, finding.stuck) == (2, False, True)
    assert "telegram" in finding.said
    assert "webchat" not in finding.said
    assert doctoring.mend(log) == {}


def test_messages_wait_also_where_no_worker_ever_was(log: LearningLog, post: Post) -> None:
    post.received(MINUTE, channel="telegram")
    assert found(log)["unattended"].count == 1


def test_questions_for_people_who_stopped_are_called_off(log: LearningLog, post: Post, other: Post) -> None:
    post.seen("webchat", SECOND)
    stopped, goes_on, blocked = post.conversation("stopped"), post.conversation(), other.conversation("blocked")
    asked = post.asked(stopped, MINUTE, "due", remind_at=post.now + HOUR)
    waits = post.said("prompt", conversation_id=stopped, asked_id=asked)
    reply = post.said("reply", conversation_id=stopped)
    wanted = post.said("prompt", conversation_id=goes_on)
    post.schedule(goes_on, -DAY)
    planned = other.schedule(blocked, -DAY)
    assert found(log)["unwanted"].count == 2
    assert doctoring.mend(log) == {"unwanted": 2}
    assert [post.row(OutboxMessage, id).status for id in (waits, reply, wanted)] == ["cancelled", "pending", "pending"]
    assert (post.row(Asked, asked).status, post.row(Asked, asked).remind_at) == ("cancelled", None)
    assert post.row(Schedule, planned).next_due_at is None
    assert "called off questions" in actions(log, other.tenant)
    assert "unwanted" not in found(log)


def test_a_reminder_that_is_to_come_is_called_off_too(log: LearningLog, post: Post) -> None:
    asked = post.asked(post.conversation("stopped"), HOUR, "asked", remind_at=post.now + HOUR)
    assert doctoring.mend(log) == {"unwanted": 1}
    assert (post.row(Asked, asked).status, post.row(Asked, asked).remind_at) == ("asked", None)


def test_people_who_agreed_and_whom_nobody_plans_to_ask_are_planned_anew(log: LearningLog, post: Post) -> None:
    forgotten = post.schedule(post.conversation(), None)
    post.conversation()  # with no schedule at all
    no_day = post.schedule(post.conversation(), None, days=0)
    not_agreed = post.schedule(post.conversation(agreed=False), None)
    stopped = post.schedule(post.conversation("stopped"), None)
    assert found(log)["unplanned"].count == 2
    assert doctoring.mend(log) == {"unplanned": 2}
    planned: datetime = post.row(Schedule, forgotten).next_due_at
    assert post.now < planned < post.now + 2 * DAY
    assert [post.row(Schedule, id).next_due_at for id in (no_day, not_agreed, stopped)] == [None] * 3
    assert actions(log, post.tenant).count("planned anew") == 2
    assert "unplanned" not in found(log)


def test_somebody_who_left_is_not_planned_anew(log: LearningLog, post: Post) -> None:
    chat = post.conversation()
    post.schedule(chat, None)
    with log.write(post.tenant) as records:
        records.get(Person, records.get(Conversation, chat).person_id).left_on = records.now.date()
    assert "unplanned" not in found(log)


def test_a_time_that_cannot_be_is_said_and_left_for_the_person_to_choose(log: LearningLog, post: Post) -> None:
    post.schedule(post.conversation(), None, at="22:00")
    post.schedule(post.conversation(), None, zone="Nowhere/Atall")
    assert (found(log)["unplannable"].count, "unplanned" in found(log)) == (2, False)
    assert doctoring.mend(log) == {}


def test_questions_that_are_long_due_are_said_with_what_becomes_of_them(log: LearningLog, post: Post) -> None:
    for ago in (MINUTE, HOUR, 4 * HOUR, 5 * HOUR):
        post.schedule(post.conversation(), ago)
    finding = found(log)["overdue"]
    assert (finding.count, finding.stuck, finding.mends) == (3, True, False)
    assert "more than 3 hours late (2 by now)" in finding.then
    assert "2 March 2026 at 04:00" in finding.said


def test_messages_of_unknown_fate_are_noted_and_never_repeated(log: LearningLog, post: Post) -> None:
    unknown = post.said("prompt", status="unknown", ago=HOUR)
    post.said("reply", status="failed", ago=HOUR, trouble="Forbidden")
    post.said("reply", status="failed", ago=25 * HOUR)
    finding = found(log)["troubled"]
    assert (finding.count, finding.stuck) == (2, False)
    assert "1 message of unknown fate, 1 refused" in finding.said
    assert doctoring.mend(log) == {}
    assert post.row(OutboxMessage, unknown).status == "unknown"


def test_missed_questions_of_the_last_day_are_noted(log: LearningLog, post: Post) -> None:
    chat = post.conversation()
    post.schedule(chat, -DAY)
    for ago in (HOUR, 23 * HOUR, 25 * HOUR):
        post.asked(chat, ago, "missed")
    post.asked(chat, 2 * HOUR, "answered")
    assert (found(log)["missed"].count, found(log)["missed"].stuck) == (2, False)


def test_worries_are_said_with_who_has_to_act_and_never_acknowledged(log: LearningLog, post: Post, other: Post) -> None:
    late, also_late = post.worry(HOUR), other.worry(20 * MINUTE)
    post.worry(5 * MINUTE)
    finding = found(log)["worries"]
    assert (finding.count, finding.stuck, finding.mends) == (2, True, False)
    assert "Riverside Together: 1, and there is no safeguarding lead." in finding.then
    assert "2 March 2026 at 08:00" in finding.said
    doctoring.mend(log)
    assert [post.row(Concern, id).acknowledged_at for id in (late, also_late)] == [None, None]


def test_chats_that_blocked_the_bot_are_noted(log: LearningLog, post: Post) -> None:
    post.conversation("blocked")
    assert (found(log)["blocked"].count, found(log)["blocked"].stuck) == (1, False)


def test_people_whose_address_is_missing_are_counted(log: LearningLog, post: Post) -> None:
    post.schedule(post.conversation(address=None), -DAY)
    post.schedule(post.conversation(), -DAY)
    post.conversation("stopped", address=None)
    assert (found(log)["unreachable"].count, found(log)["unreachable"].stuck) == (1, True)


def test_looking_changes_nothing(log: LearningLog, post: Post) -> None:
    aside = post.received(HOUR, status="aside")
    claimed = post.said("alert", status="sending", claimed_at=post.now - HOUR)
    unplanned = post.schedule(post.conversation(), None)
    before = actions(log, post.tenant)
    assert {"aside", "claims", "unplanned"} <= found(log).keys()
    assert post.row(InboxMessage, aside).status == "aside"
    assert post.row(OutboxMessage, claimed).status == "sending"
    assert post.row(Schedule, unplanned).next_due_at is None
    assert actions(log, post.tenant) == before
