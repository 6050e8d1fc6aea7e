import asyncio
from datetime import timedelta

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, ReplyKeyboardMarkup, Update
from telegram.error import BadRequest

from . import BotApiServer, User
from .conftest import SetClock, with_bot


def updates(server: BotApiServer) -> list[Update]:
    return list(with_bot(server, lambda bot: bot.get_updates()))


def test_everything_a_person_can_send_is_understood_by_the_library(server: BotApiServer) -> None:
    ada = server.user("Ada (invented)", language_code="cy")
    started = ada.start("CODE-1")
    ada.send_photo(b"picture", "my garden")
    ada.send_voice(b"sound", reply_to=started)
    ada.send_document("list.xlsx", b"sheet")
    ada.send_sticker("🙂")
    ada.edit(started, "/start CODE-2")
    got = updates(server)
    start, photo, voice, document, sticker = (update.message for update in got[:5] if update.message)
    assert start.text == "/start CODE-1"
    assert [(entity.type, entity.length) for entity in start.entities] == [("bot_command", 6)]
    assert start.from_user
    assert (start.from_user.id, start.from_user.language_code) == (ada.chat_id, "cy")
    assert (len(photo.photo), photo.caption) == (2, "my garden")
    assert voice.voice
    assert voice.reply_to_message
    assert voice.reply_to_message.message_id == started
    assert document.document
    assert document.document.file_name == "list.xlsx"
    assert sticker.sticker
    assert sticker.sticker.emoji == "🙂"
    assert got[5].edited_message
    assert got[5].edited_message.text == "/start CODE-2"


def test_a_pressed_button_tells_its_data_and_can_be_answered_once(server: BotApiServer, clock: SetClock) -> None:
    ada = server.user(started=True)
    buttons = InlineKeyboardMarkup([[InlineKeyboardButton("Good", callback_data="f:1")]])

    async def ask_and_answer(bot: Bot) -> None:
        for _ in range(2):
            said = await bot.send_message(ada.chat_id, "How?", reply_markup=buttons)
        ada.press("Good")
        ada.press("f:1")
        first, second = (update.callback_query for update in await bot.get_updates())
        assert first
        assert second
        assert first.message
        assert first.message.message_id == said.message_id
        assert (first.data, first.chat_instance) == (second.data, second.chat_instance) == ("f:1", first.chat_instance)
        await first.answer("Kept")
        clock.forward(timedelta(seconds=61))
        for query in (first, second):
            with pytest.raises(BadRequest, match=r"(?i)query is too old"):
                await query.answer()

    with_bot(server, ask_and_answer)
    assert ada.notices == ["Kept"]


def test_a_key_of_the_keyboard_sends_its_label(server: BotApiServer) -> None:
    ada = server.user(started=True)
    keys = ReplyKeyboardMarkup([["Good", "Bad"]])
    with_bot(server, lambda bot: bot.send_message(ada.chat_id, "How?", reply_markup=keys))
    ada.press("Bad")
    assert [update.message.text for update in updates(server) if update.message] == ["Bad"]


def test_pressing_what_is_not_there_shows_the_chat(server: BotApiServer) -> None:
    ada = server.user()
    ada.send("hello")
    with pytest.raises(AssertionError, match=r"No button 'Good'[\s\S]+Ada \(invented\): hello"):
        ada.press("Good")


def test_waiting_ends_when_the_bot_speaks(server: BotApiServer) -> None:
    ada = server.user()
    ada.send("hello")

    async def wait_and_say(bot: Bot) -> str:
        waiting = asyncio.create_task(asyncio.to_thread(ada.wait_for_text, "in time"))
        await bot.send_message(ada.chat_id, "not this")
        await bot.send_message(ada.chat_id, "just in time")
        return (await waiting).text

    assert with_bot(server, wait_and_say) == "just in time"


def test_waiting_in_vain_shows_the_chat(server: BotApiServer) -> None:
    ada = server.user()
    ada.send("hello")
    with pytest.raises(AssertionError, match=r"'never'[\s\S]+Ada \(invented\): hello"):
        ada.wait_for_text("never", timeout=0.01)


def test_an_answer_to_an_earlier_act_does_not_count_for_a_later_one(server: BotApiServer) -> None:
    ada = server.user()
    ada.send("first")
    with_bot(server, lambda bot: bot.send_message(ada.chat_id, "Thank you"))
    assert ada.wait_for_text("Thank you", timeout=0)
    ada.send("second")
    with pytest.raises(AssertionError):
        ada.wait_for_text("Thank you", timeout=0.01)
    assert ada.wait_for_text("Thank you", timeout=0, since=0)


def test_an_edit_ends_the_waiting_too(server: BotApiServer) -> None:
    ada = server.user()
    ada.send("first")

    async def edit(bot: Bot) -> None:
        said = await bot.send_message(ada.chat_id, "Working on it")
        mark = ada.mark()
        await bot.edit_message_text("Done", ada.chat_id, said.message_id)
        assert ada.wait_for(lambda message: message.edited, 0, since=mark).text == "Done"

    with_bot(server, edit)


def test_a_group_hears_its_members_and_numbers_its_own_messages_once_it_is_a_supergroup(server: BotApiServer) -> None:
    ada, ben = server.user("Ada (invented)"), server.user("Ben (invented)")
    group = server.group("Team (invented)").migrate(by=ada)
    group.send(ben, "/start@invented_test_bot now")
    heard = updates(server)[-1].message
    assert heard
    assert heard.from_user
    assert (heard.chat_id, heard.from_user.id, heard.message_id) == (group.chat_id, ben.chat_id, 2)
    assert heard.chat.type == "supergroup"


def count_aloud(one: User) -> None:
    for number in range(10):
        one.send(str(number))


def test_nothing_is_lost_or_doubled_with_many_people_and_connections_at_once(server: BotApiServer) -> None:
    people = [server.user(f"Person {number} (invented)") for number in range(20)]

    async def echo(bot: Bot) -> None:
        offset = answered = 0
        while answered < 200:
            batch = await bot.get_updates(offset=offset, timeout=5)
            messages = [update.message for update in batch if update.message]
            await asyncio.gather(*(bot.send_message(one.chat_id, f"heard {one.text}") for one in messages))
            answered += len(messages)
            offset = batch[-1].update_id + 1
        await bot.get_updates(offset=offset)

    async def talk() -> None:
        says = [asyncio.to_thread(count_aloud, one) for one in people]
        await asyncio.gather(asyncio.to_thread(with_bot, server, echo), *says)

    asyncio.run(talk())
    server.wait_until_confirmed(timeout=5)
    for one in people:
        assert sorted(message.text for message in one.received) == [f"heard {n}" for n in range(10)]
