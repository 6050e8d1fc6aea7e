"""What the troubles count must be able to come out badly, or it would be worth nothing."""

from __future__ import annotations

import pytest

from benchmarks.faults.counted import Counted
from benchmarks.faults.troubles import known
from benchmarks.faults.troubles.channel import REST_SECONDS, Storm, Unsteady
from benchmarks.faults.troubles.malformed import WORDS, Spoilt

ODD = range(100, 110)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_is_sent_in_a_rest_is_seen() -> None:
    clock = Clock()
    storm = Storm(1, share=1.0, clock=clock)
    storm.take("sendmessage", None)
    clock.now = REST_SECONDS - 0.1
    storm.take("sendmessage", None)
    assert (storm.rests, storm.refused, storm.early) == (1, 2, 1)


def test_what_was_under_way_when_a_rest_began_is_no_fault() -> None:
    clock = Clock()
    storm = Storm(1, share=1.0, clock=clock)
    storm.take("sendmessage", None)
    clock.now = 0.1
    storm.take("sendmessage", None)
    clock.now = REST_SECONDS + 0.1
    storm.take("sendmessage", None)
    assert (storm.rests, storm.refused, storm.early) == (2, 3, 0)


def test_only_messages_whose_fate_stays_open_may_be_unknown() -> None:
    unsteady = Unsteady(1, share=1.0)
    spoilt = [unsteady.take(method, None) for method in ["sendmessage"] * 50 + ["getupdates"] * 50]
    assert unsteady.broken == sum(fault is not None and fault.spoils for fault in spoilt[:50])
    assert unsteady.dropped + unsteady.slow == 100


def test_a_promise_that_did_not_hold_is_not_well_and_says_so() -> None:
    broken = Counted("polls", 3, remark="2 refused", holds=False)
    assert not broken.is_well
    assert broken.cells()[-1] == "NOT AS PROMISED: 2 refused"


def test_odd_updates_of_known_people_hold_no_words_that_could_be_kept() -> None:
    spoilt = Spoilt(1, ODD)
    updates = [spoilt.update() for _ in range(2_000)]
    known_people = [update for update in updates if _chat_of(update) in ODD]
    assert len(known_people) > 100
    assert [update for update in known_people if _says_something(update)] == []


def test_troubles_are_asked_for_by_name() -> None:
    assert known.named("locked,clock") == ["locked", "clock"]
    assert known.named("none") == []
    assert known.named("all") == list(known.TROUBLES)
    with pytest.raises(ValueError, match="no such trouble: earthquake"):
        known.named("locked,earthquake")


def _chat_of(update: dict[str, object]) -> object:
    message = update.get("message")
    chat = message.get("chat") if isinstance(message, dict) else None
    found = chat.get("id") if isinstance(chat, dict) else None
    return found if type(found) is int else None


def _says_something(update: dict[str, object]) -> bool:
    message = update["message"]
    return isinstance(message, dict) and any(isinstance(message.get(name), str) for name in WORDS)
