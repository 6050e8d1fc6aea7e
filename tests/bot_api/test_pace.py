import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot
from telegram.error import RetryAfter

from . import BotApiServer, Pace, Refused
from .conftest import SetClock, with_bot


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_31st_message_within_a_second_is_told_to_wait(clock: SetClock) -> None:
    seconds = Seconds()
    with BotApiServer(clock, pace=Pace(enforced=True, clock=seconds)) as server:
        people = [server.user(started=True) for _ in range(31)]

        async def to_all(bot: Bot) -> None:
            await asyncio.gather(*(bot.send_message(one.chat_id, "Hello") for one in people[:30]))
            seconds.now = 0.999
            with pytest.raises(RetryAfter, match="Retry in 1 seconds"):
                await bot.send_message(people[30].chat_id, "Hello")
            seconds.now = 1.0
            await bot.send_message(people[30].chat_id, "Hello")

        with_bot(server, to_all)
        assert [len(one.received) for one in people] == [1] * 31
        assert [(violation.chat_id, violation.most) for violation in server.pace.violations] == [(None, 30)]
        assert server.pace.busiest_second == 30


def test_one_chat_hears_one_message_a_second(clock: SetClock) -> None:
    with BotApiServer(clock, pace=Pace(enforced=True, clock=Seconds())) as server:
        ada, ben = server.user(started=True), server.user(started=True)

        async def twice(bot: Bot) -> None:
            await bot.send_message(ada.chat_id, "one")
            await bot.send_message(ben.chat_id, "one")
            with pytest.raises(RetryAfter):
                await bot.send_message(ada.chat_id, "two")

        with_bot(server, twice)
        assert [violation.chat_id for violation in server.pace.violations] == [ada.chat_id]


def test_limits_are_counted_even_when_they_are_not_enforced(server: BotApiServer) -> None:
    ada = server.user(started=True)

    async def burst(bot: Bot) -> None:
        await asyncio.gather(*(bot.send_message(ada.chat_id, str(number)) for number in range(5)))

    with_bot(server, burst)
    assert len(ada.received) == 5
    assert len(server.pace.violations) == 4


def test_a_group_hears_20_messages_a_minute() -> None:
    seconds = Seconds()
    pace = Pace(enforced=True, clock=seconds)
    for second in range(20):
        seconds.now = float(second)
        pace.admit(-1, True)
    seconds.now = 20.0
    with pytest.raises(Refused) as refused:
        pace.admit(-1, True)
    assert refused.value.parameters == {"retry_after": 40}


@given(st.lists(st.floats(0, 0.4), max_size=120), st.integers(1, 5))
def test_no_sliding_second_ever_holds_more_than_the_limit(pauses: list[float], most: int) -> None:
    seconds = Seconds()
    pace = Pace(enforced=True, per_second=most, per_chat_second=0, clock=seconds)
    admitted = list(admissions(pace, seconds, pauses))
    for earliest, latest in zip(admitted, admitted[most:], strict=False):
        assert latest - earliest >= 1.0
    assert len(admitted) + len(pace.violations) == len(pauses)
    assert pace.busiest_second <= most


def admissions(pace: Pace, seconds: Seconds, pauses: list[float]) -> Iterator[float]:
    for chat_id, pause in enumerate(pauses):
        seconds.now += pause
        try:
            pace.admit(chat_id, False)
        except Refused:
            continue
        yield seconds.now
