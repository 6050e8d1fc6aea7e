"""A count that could not find a loss would be worth nothing: each kind of loss is made here, and has to be seen."""

from __future__ import annotations

from collections import Counter, defaultdict
from uuid import UUID

import pytest

from benchmarks.crowd import Crowd
from benchmarks.faults.counted import Counted
from benchmarks.faults.counting import Outcome, Row
from benchmarks.faults.people import Record, wording
from tests.bot_api.messages import Message

ADA, LEAD = 1, 2


class Told(Outcome):
    """An outcome that is made up, and not read from a database."""

    def __init__(self) -> None:
        self.people = Crowd(UUID(int=1), range(ADA, ADA + 1), range(LEAD, LEAD + 1))
        self.record = Record()
        self.rows = defaultdict(list)
        self.kept = Counter()
        self.concerns = 0

    def says(self, words: str) -> None:
        self.record.said[ADA].append(words)
        self.kept[words] += 1
        self.hears(ADA, "reply", wording().kept)

    def hears(self, chat: int, kind: str, words: str, status: str = "sent") -> None:
        number = 1 + sum(len(heard) for heard in self.record.heard.values())
        self.record.heard[chat].append(Message({"message_id": number, "text": words}, True, number))
        place = 0 if words.endswith(wording().answers) else 1
        self.rows[chat] = [*self.rows[chat], Row(kind, status, str(number) if status == "sent" else "", place)]

    def asked(self, times: int = 1) -> None:
        self.record.prompted.append(ADA)
        for _ in range(times):
            self.hears(ADA, "prompt", wording().question)

    def worried(self) -> None:
        self.says("a worry")
        self.record.worries.append("a worry")
        self.concerns += 1
        self.hears(LEAD, "alert", "A worry is waiting")

    def of(self, what: str, in_flight: int = 0) -> Counted:
        return next(one for one in self.counted(in_flight) if what in one.what)


@pytest.fixture
def told() -> Told:
    told = Told()
    told.says("one")
    told.says("two")
    return told


def test_all_is_well_when_all_was_kept_and_answered(told: Told) -> None:
    told.asked()
    told.worried()
    assert all(one.is_well for one in told.counted(0))


def test_a_message_that_was_not_kept_is_lost(told: Told) -> None:
    del told.kept["one"]
    assert told.of("one reflection").lost == 1


def test_a_message_that_was_kept_twice_is_doubled(told: Told) -> None:
    told.kept["one"] += 1
    assert told.of("one reflection").doubled == 1


def test_a_reflection_that_nobody_said_is_doubled(told: Told) -> None:
    told.kept["never said"] += 1
    assert told.of("one reflection").doubled == 1


def test_a_message_without_an_answer_is_lost(told: Told) -> None:
    told.rows[ADA] = told.rows[ADA][:1]
    del told.record.heard[ADA][1:]
    assert told.of("answered once").lost == 1


def test_an_answer_that_never_went_is_lost(told: Told) -> None:
    told.rows[ADA] = [told.rows[ADA][0], Row("reply", "failed", "", 0)]
    del told.record.heard[ADA][1:]
    assert told.of("answered once").lost == 1
    assert told.of("each sent once").lost == 1


def test_an_answer_of_unknown_fate_is_not_lost(told: Told) -> None:
    told.rows[ADA] = [told.rows[ADA][0], Row("reply", "unknown", "", 0)]
    del told.record.heard[ADA][1:]
    assert told.of("answered once", in_flight=1) == Counted("messages confirmed, each answered once", 2, 0, 0, 1)


def test_an_answer_that_came_twice_is_doubled(told: Told) -> None:
    told.record.heard[ADA].append(Message({"message_id": 99, "text": wording().kept}, True, 99))
    assert told.of("each sent once").doubled == 1
    assert told.of("answered once").doubled == 1


def test_an_answer_that_was_recorded_and_never_came_is_lost(told: Told) -> None:
    told.record.heard[ADA].pop()
    assert told.of("each sent once").lost == 1


def test_what_was_in_flight_may_be_unknown_and_more_is_lost(told: Told) -> None:
    told.hears(ADA, "reply", "a question", "unknown")
    assert told.of("each sent once", in_flight=1).is_well
    assert told.of("each sent once", in_flight=0).lost == 1


def test_a_prompt_that_came_twice_is_doubled(told: Told) -> None:
    told.asked(2)
    assert told.of("prompts").doubled == 1


def test_a_prompt_that_never_came_is_lost(told: Told) -> None:
    told.record.prompted.append(ADA)
    assert told.of("prompts").lost == 1


def test_an_alert_that_never_came_is_lost(told: Told) -> None:
    told.worried()
    told.record.heard[LEAD].clear()
    assert told.of("alerts").lost == 1


def test_a_worry_without_a_concern_is_lost(told: Told) -> None:
    told.worried()
    told.concerns -= 1
    assert told.of("alerts").lost == 1
