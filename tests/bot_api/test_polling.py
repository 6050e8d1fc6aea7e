import asyncio
from datetime import timedelta

import httpx
import pytest
from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken

from . import BotApiServer
from .conftest import SetClock, python_telegram_bot, with_bot


def poll(server: BotApiServer, **options: object) -> list[Update]:
    async def once(bot: Bot) -> list[Update]:
        return list(await bot.get_updates(**{"timeout": 0, **options}))  # type: ignore[arg-type]

    return with_bot(server, once)


def texts(updates: list[Update]) -> list[str | None]:
    return [update.effective_message.text for update in updates if update.effective_message]


def test_an_update_comes_back_until_a_higher_offset_confirms_it(server: BotApiServer) -> None:
    ada = server.user()
    ada.send("one")
    ada.send("two")
    first = poll(server)
    assert texts(first) == texts(poll(server)) == ["one", "two"]
    assert texts(poll(server, offset=first[1].update_id)) == ["two"]
    assert texts(poll(server)) == ["two"]
    assert poll(server, offset=first[1].update_id + 1) == []


def test_updates_count_up_from_a_number_nobody_can_foresee(clock: SetClock) -> None:
    starts = []
    for _ in range(3):
        with BotApiServer(clock) as server:
            ids = [server.push_raw({"message": {}}) for _ in range(3)]
            assert ids == [ids[0], ids[0] + 1, ids[0] + 2]
            starts.append(ids[0])
    assert len(set(starts)) == 3


def test_after_a_quiet_week_ids_start_anew_and_an_old_offset_hides_nothing(
    server: BotApiServer, clock: SetClock
) -> None:
    old = server.push_raw({"message": {}, "update_id": 1_999_999_000})
    server.cloud.updates.confirm_below(old + 1)
    clock.forward(timedelta(days=7))
    ada = server.user()
    ada.send("back again")
    updates = poll(server, offset=old + 1)
    assert texts(updates) == ["back again"]
    assert updates[0].update_id < old


def test_a_batch_holds_at_most_the_limit_and_never_more_than_a_hundred(server: BotApiServer) -> None:
    ada = server.user()
    for number in range(103):
        ada.send(str(number))
    assert texts(poll(server, limit=2)) == ["0", "1"]
    assert len(poll(server)) == 100


def test_a_long_poll_answers_as_soon_as_somebody_writes(server: BotApiServer) -> None:
    ada = server.user()

    async def wait_and_write(bot: Bot) -> list[Update]:
        poller = asyncio.create_task(bot.get_updates(timeout=50))
        await asyncio.to_thread(server.wait_until, lambda cloud: cloud.calls["getupdates"] == 1)
        ada.send("here I am")
        return list(await asyncio.wait_for(poller, 5))

    assert texts(with_bot(server, wait_and_write)) == ["here I am"]


def test_a_long_poll_waits_for_its_time_and_then_answers_with_nothing(server: BotApiServer) -> None:
    async def wait_in_vain(bot: Bot) -> tuple[int, float]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        updates = await bot.get_updates(timeout=1)
        return len(updates), loop.time() - began

    updates, seconds = with_bot(server, wait_in_vain)
    assert updates == 0
    assert 0.9 < seconds < 5


def test_a_second_poller_ends_the_first_with_409(server: BotApiServer) -> None:
    ada = server.user()

    async def two_pollers(bot: Bot) -> list[Update]:
        first = asyncio.create_task(bot.get_updates(timeout=50))
        await asyncio.to_thread(server.wait_until, lambda cloud: cloud.calls["getupdates"] == 1)
        second = asyncio.create_task(bot.get_updates(timeout=50))
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await first
        ada.send("for the second")
        return list(await second)

    assert texts(with_bot(server, two_pollers)) == ["for the second"]
    assert server.cloud.polling.conflicts == 1


def test_an_update_is_forgotten_after_24_hours(server: BotApiServer, clock: SetClock) -> None:
    ada = server.user()
    ada.send("old")
    clock.forward(timedelta(hours=23))
    ada.send("young")
    assert texts(poll(server)) == ["old", "young"]
    clock.forward(timedelta(hours=1))
    assert texts(poll(server)) == ["young"]
    assert server.cloud.updates.expired == 1


def test_only_the_kinds_asked_for_arrive_and_the_choice_is_remembered(server: BotApiServer) -> None:
    ada = server.user()
    assert poll(server, allowed_updates=["message"]) == []
    message_id = ada.send("kept")
    ada.edit(message_id, "not told")
    ada.block()
    assert texts(poll(server)) == ["kept"]
    assert texts(poll(server, allowed_updates=[])) == ["kept"]
    ada.unblock()
    assert [update.my_chat_member is None for update in poll(server)] == [True, False]


def test_a_negative_offset_keeps_the_newest_only(server: BotApiServer) -> None:
    ada = server.user()
    for word in ("one", "two", "three"):
        ada.send(word)
    assert texts(poll(server, offset=-1)) == ["three"]
    assert texts(poll(server)) == ["three"]


def test_a_malformed_update_is_handed_out_as_it_is(server: BotApiServer) -> None:
    server.push_raw({"message": {"chat": "nonsense"}})
    with pytest.raises(KeyError):
        poll(server)
    assert server.cloud.updates.waiting()[0].payload["message"] == {"chat": "nonsense"}


def test_a_wrong_token_is_refused_with_401(server: BotApiServer) -> None:
    async def come_in(bot: Bot) -> None:
        with pytest.raises(InvalidToken, match="rejected by the server"):
            async with python_telegram_bot(server, f"{bot.id}:somebody-else"):
                pass

    with_bot(server, come_in)


def test_an_unknown_method_is_refused_with_404(server: BotApiServer) -> None:
    answer = httpx.post(f"{server.base_url}{server.token}/setTheWorldToRights", trust_env=False)
    assert answer.status_code == answer.json()["error_code"] == 404


def test_many_pollers_of_many_servers_do_not_disturb_each_other(clock: SetClock) -> None:
    with BotApiServer(clock) as one, BotApiServer(clock) as other:
        one.user().send("to one")
        other.user().send("to the other")
        assert texts(poll(one)) == ["to one"]
        assert texts(poll(other)) == ["to the other"]
