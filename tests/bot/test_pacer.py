"""The pace of a channel: even, and never more than it allows in any second."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pacer import LATE, Pacer


@given(steps=st.lists(st.floats(0, 0.2), max_size=300), shifts=st.lists(st.floats(0, 0.004), min_size=1, max_size=50))
def test_no_second_ever_holds_more_than_the_channel_allows(steps: Sequence[float], shifts: Sequence[float]) -> None:
    """Whenever messages are wanted, and although each arrives some milliseconds after its moment."""
    pacer, now, arrived = Pacer(per_second=30, per_chat=1.0), 100.0, []
    for number, step in enumerate(steps):
        now += step
        moment = pacer.slot(now)
        assert moment >= now
        arrived.append(moment + shifts[number % len(shifts)])
    for moment in arrived:
        assert len([1 for other in arrived if moment <= other < moment + 1]) <= 30


@given(late=st.floats(0, LATE), seconds=st.integers(2, 20))
def test_a_loop_that_is_a_little_late_keeps_99_percent_of_the_pace(late: float, seconds: int) -> None:
    pacer, now, sent = Pacer(per_second=30, per_chat=1.0), 0.0, 0
    while now < seconds:
        now = pacer.slot(now) + late
        sent += 1
    assert sent >= 0.99 * 30 * seconds


def test_a_chat_rests_for_its_second_and_is_forgotten_then() -> None:
    pacer = Pacer(per_second=30, per_chat=1.0)
    pacer.done(b"ada", now=10.0)
    assert pacer.resting(10.5) == {b"ada": 11.0}
    assert pacer.resting(11.0) == {}


def test_a_rest_that_the_channel_asks_for_is_kept() -> None:
    pacer = Pacer(per_second=30, per_chat=1.0)
    pacer.rest(12, now=100.0)
    assert pacer.rest_until == 112.0
    assert pacer.backlog(105.0) == pytest.approx(7.0)
    assert pacer.slot(112.0) == 112.0


def test_a_channel_without_a_limit_never_waits() -> None:
    pacer = Pacer(per_second=None, per_chat=0)
    assert [pacer.slot(1.0) for _ in range(5)] == [1.0] * 5
    pacer.done(b"ada", now=1.0)
    assert pacer.resting(1.0) == {}
