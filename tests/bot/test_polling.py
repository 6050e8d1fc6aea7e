"""What Telegram is told that we have, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from telegram.error import NetworkError

from bot.channels.channel import Incoming
from bot.polling import Poller


class Scripted:
    """Answers getUpdates as it was told to, writes down each offset that it was asked with, and ends the polling."""

    def __init__(self, answers: Sequence[Any], stop: asyncio.Event) -> None:
        self.answers, self.stop = list(answers), stop
        self.offsets: list[int | None] = []

    async def do_api_request(self, _name: str, api_kwargs: dict[str, Any], read_timeout: float) -> Any:
        self.offsets.append(api_kwargs.get("offset"))
        answer = self.answers.pop(0)
        if not self.answers:
            self.stop.set()
        if isinstance(answer, Exception):
            raise answer
        return answer


def update(number: int) -> dict[str, Any]:
    chat = {"id": 5, "type": "private"}
    return {"update_id": number, "message": {"message_id": number, "date": 1, "chat": chat, "from": chat, "text": "hi"}}


def polled(answers: Sequence[Any], fails_at: int | None = None) -> tuple[list[int | None], list[str]]:
    """The offsets that were asked with, and the keys of what was kept. fails_at: this call to keep fails."""
    kept: list[str] = []

    async def main() -> list[int | None]:
        ours, stop = asyncio.Event(), asyncio.Event()
        ours.set()
        bot: Any = Scripted(answers, stop)
        calls = 0

        async def keep(_channel: str, messages: Sequence[Incoming]) -> None:
            nonlocal calls
            calls += 1
            if calls == fails_at:
                raise OSError("the disk is full")
            kept.extend(message.key for message in messages)

        async def seen() -> None:
            pass

        await Poller(bot, keep, seen).serve(ours, stop)
        return list(bot.offsets)

    return asyncio.run(main()), kept


def test_an_update_is_confirmed_only_by_the_next_call_after_it_was_kept() -> None:
    offsets, kept = polled([[update(7), update(8)], [update(9)], []])
    assert offsets == [None, 9, 10]
    assert len(kept) == 3


def test_after_an_empty_answer_no_offset_is_sent_so_that_numbers_may_begin_anew_lower() -> None:
    offsets, kept = polled([[update(900)], [], [update(3)], [update(4)], []])
    assert offsets == [None, 901, None, 4, 5]
    assert len(kept) == 3


def test_what_could_not_be_kept_is_not_confirmed() -> None:
    with pytest.raises(OSError, match="full"):
        polled([[update(7)], []], fails_at=1)


def test_after_a_broken_call_the_same_offset_is_asked_with(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(_stop: asyncio.Event, _seconds: float) -> None:
        """No test waits."""

    monkeypatch.setattr("bot.polling._rest", at_once)
    offsets, kept = polled([[update(7)], NetworkError("gone"), [update(8)], []])
    assert offsets == [None, 8, 8, 9]
    assert len(kept) == 2
