"""The pace of a channel: even, and never more than it allows in any second."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pacer import Pacer


def sent_by(pacer: Pacer, wanted: Sequence[float], travels: Sequence[tuple[float, float]]) -> list[float]:
    """When each message arrives. wanted: seconds between the wishes. travels: to the channel, and back."""
    now, arrived, answers = 100.0, list[float](), list[float]()
    for number, step in enumerate(wanted):
        now += step
        while (wait := pacer.wait(now)) > 0:
            now = min(now + wait, answers[0]) if answers and answers[0] > now else now + wait
            _done(pacer, answers, now)
        pacer.begin(now)
        there, back = travels[number % len(travels)]
        arrived.append(now + there)
        heapq.heappush(answers, now + there + back)
        _done(pacer, answers, now)
    return arrived


def _done(pacer: Pacer, answers: list[float], now: float) -> None:
    while answers and answers[0] <= now:
        pacer.done(b"somebody", heapq.heappop(answers))


@given(
    wanted=st.lists(st.floats(0, 0.1), max_size=200),
    travels=st.lists(st.tuples(st.floats(0, 0.6), st.floats(0.001, 0.6)), min_size=1, max_size=20),
)
def test_no_second_ever_holds_more_than_the_channel_allows(
    wanted: Sequence[float], travels: Sequence[tuple[float, float]]
) -> None:
    """Whenever messages are wanted, and however long each is on its way."""
    arrived = sent_by(Pacer(per_second=10, per_chat=0), wanted, travels)
    for moment in arrived:
        assert len([1 for other in arrived if moment <= other < moment + 1 - 1e-9]) <= 10


@given(answer=st.floats(0.001, 0.008), seconds=st.integers(2, 20))
def test_a_channel_that_answers_quickly_is_used_to_99_percent(answer: float, seconds: int) -> None:
    arrived = sent_by(Pacer(per_second=30, per_chat=0), [0.0] * 30 * seconds, [(answer / 2, answer / 2)])
    assert (len(arrived) - 1) / (arrived[-1] - arrived[0]) >= 0.99 * 30


def test_messages_go_evenly_and_not_in_bursts() -> None:
    arrived = sent_by(Pacer(per_second=10, per_chat=0), [0.0] * 10, [(0.001, 0.001)])
    assert arrived[-1] - arrived[0] > 0.8


def test_a_chat_rests_for_its_second_and_is_forgotten_then() -> None:
    pacer = Pacer(per_second=30, per_chat=1.0)
    pacer.begin(now=9.9)
    pacer.done(b"ada", now=10.0)
    assert pacer.resting(10.5) == {b"ada": 11.0}
    assert pacer.resting(11.0) == {}


def test_a_rest_that_the_channel_asks_for_is_kept() -> None:
    pacer = Pacer(per_second=30, per_chat=1.0)
    pacer.rest(12, now=100.0)
    assert pacer.rest_until == 112.0
    assert pacer.wait(105.0) == pytest.approx(7.0)
    assert pacer.wait(112.0) == 0


def test_a_channel_without_a_limit_never_waits() -> None:
    pacer = Pacer(per_second=0, per_chat=0)
    for _ in range(100):
        assert pacer.wait(1.0) == 0
        pacer.begin(1.0)
    pacer.done(b"ada", now=1.0)
    assert pacer.resting(1.0) == {}
