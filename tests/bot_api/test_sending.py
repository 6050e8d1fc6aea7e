from datetime import timedelta
from functools import partial

import httpx
import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram.error import BadRequest, ChatMigrated, Forbidden

from . import BotApiServer
from .conftest import SetClock, with_bot


def inline(label: str, data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=data)]])


def send(server: BotApiServer, chat_id: int, text: str = "How is it going?", **options: object) -> Message:
    return with_bot(server, lambda bot: bot.send_message(chat_id, text, **options))  # type: ignore[arg-type]


def test_what_the_bot_says_is_what_the_person_sees(server: BotApiServer) -> None:
    ada = server.user(started=True)
    keys = ReplyKeyboardMarkup([["Good", "Bad"], ["Skip"]])
    said = send(server, ada.chat_id, reply_markup=keys)
    send(server, ada.chat_id, "Press one", reply_markup=inline("Yes", "yes:1"))
    first, second = ada.received
    assert (first.message_id, first.text, first.keyboard) == (said.message_id, said.text, ("Good", "Bad", "Skip"))
    assert (second.text, second.buttons, second.photo, second.voice) == ("Press one", ("Yes",), False, False)
    assert list(ada.keyboard) == ["Good", "Bad", "Skip"]
    send(server, ada.chat_id, "Thank you", reply_markup=ReplyKeyboardRemove())
    assert list(ada.keyboard) == []


def test_text_ends_at_4096_units_and_most_emoji_are_two(server: BotApiServer) -> None:
    ada = server.user(started=True)
    send(server, ada.chat_id, "x" * 4096)
    send(server, ada.chat_id, "🙂" * 2048)
    for too_long in ("x" * 4097, "🙂" * 2049):
        with pytest.raises(BadRequest, match=r"(?i)message is too long"):
            send(server, ada.chat_id, too_long)
    with pytest.raises(BadRequest, match=r"(?i)message text is empty"):
        send(server, ada.chat_id, " \n")
    assert len(ada.received) == 2


def test_callback_data_ends_at_64_bytes_not_letters(server: BotApiServer) -> None:
    ada = server.user(started=True)
    send(server, ada.chat_id, reply_markup=inline("Yes", "ŵ" * 32))
    with pytest.raises(BadRequest, match=r"(?i)BUTTON_DATA_INVALID"):
        send(server, ada.chat_id, reply_markup=inline("Yes", "ŵ" * 32 + "x"))
    with pytest.raises(BadRequest, match=r"(?i)Text buttons are unallowed"):
        send(server, ada.chat_id, reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("Yes")]]))


def test_a_bot_cannot_begin_with_somebody_who_never_wrote(server: BotApiServer) -> None:
    ada = server.user()
    with pytest.raises(Forbidden, match="can't initiate conversation"):
        send(server, ada.chat_id)
    with pytest.raises(BadRequest, match=r"(?i)chat not found"):
        send(server, ada.chat_id + 1)
    ada.start("INVITED")
    assert send(server, ada.chat_id).message_id == ada.received[0].message_id


def test_a_blocked_bot_gets_403_until_it_is_unblocked(server: BotApiServer) -> None:
    ada = server.user(started=True)
    ada.block()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        send(server, ada.chat_id)
    ada.unblock()
    send(server, ada.chat_id)
    updates = with_bot(server, lambda bot: bot.get_updates())
    changes = [update.my_chat_member for update in updates]
    assert [change.new_chat_member.status for change in changes if change] == ["kicked", "member"]


def test_a_group_that_moved_is_refused_with_its_new_address(server: BotApiServer) -> None:
    ada = server.user()
    group = server.group()
    group.send(ada, "hello all")
    new = group.migrate(by=ada)
    with pytest.raises(ChatMigrated) as moved:
        send(server, group.chat_id)
    assert moved.value.new_chat_id == new.chat_id
    send(server, new.chat_id, "We are here now")
    assert [message.text for message in new.received] == ["We are here now"]


def test_a_bot_that_left_or_was_thrown_out_may_no_longer_write(server: BotApiServer) -> None:
    ada = server.user(started=True)
    left, kicked = server.group(), server.group()
    with_bot(server, lambda bot: bot.leave_chat(left.chat_id))
    kicked.kick_bot(by=ada)
    for group in (left, kicked):
        with pytest.raises(Forbidden):
            send(server, group.chat_id)
    with pytest.raises(BadRequest):
        with_bot(server, lambda bot: bot.leave_chat(ada.chat_id))


def test_an_edit_without_buttons_takes_them_away(server: BotApiServer) -> None:
    ada = server.user(started=True)

    async def say_and_edit(bot: Bot) -> None:
        said = await bot.send_message(ada.chat_id, "Good?", reply_markup=inline("Yes", "y"))
        await bot.edit_message_reply_markup(ada.chat_id, said.message_id, reply_markup=inline("No", "n"))
        assert ada.received[0].buttons == ("No",)
        await bot.edit_message_text("Thank you", ada.chat_id, said.message_id)

    with_bot(server, say_and_edit)
    edited = ada.received[0]
    assert (edited.text, edited.buttons, edited.edited) == ("Thank you", (), True)


def test_an_edit_that_changes_nothing_or_touches_what_it_may_not_is_refused(server: BotApiServer) -> None:
    ada = server.user(started=True)
    theirs = ada.send("mine")

    async def refused(bot: Bot, words: str, message_id: int, text: str) -> None:
        with pytest.raises(BadRequest, match=rf"(?i){words}"):
            await bot.edit_message_text(text, ada.chat_id, message_id)

    async def try_all(bot: Bot) -> None:
        said = await bot.send_message(ada.chat_id, "Same")
        with_keys = await bot.send_message(ada.chat_id, "Keys", reply_markup=ReplyKeyboardMarkup([["A"]]))
        await refused(bot, "message is not modified", said.message_id, "Same")
        await refused(bot, "message to edit not found", with_keys.message_id + 100, "New")
        await refused(bot, "message can't be edited", with_keys.message_id, "New")
        await refused(bot, "message can't be edited", theirs, "New")

    with_bot(server, try_all)


def test_what_is_deleted_is_gone_and_after_48_hours_it_stays(server: BotApiServer, clock: SetClock) -> None:
    ada = server.user(started=True)
    stays, goes = (send(server, ada.chat_id, text).message_id for text in ("stays", "goes"))
    assert with_bot(server, lambda bot: bot.delete_message(ada.chat_id, goes))
    clock.forward(timedelta(hours=49))
    for message_id, words in ((stays, "can't be deleted"), (goes, "message to delete not found")):
        with pytest.raises(BadRequest, match=rf"(?i){words}"):
            with_bot(server, partial(Bot.delete_message, chat_id=ada.chat_id, message_id=message_id))
    assert [message.text for message in ada.received] == ["stays"]


def test_a_reply_points_at_its_message_or_is_refused(server: BotApiServer) -> None:
    ada = server.user()
    asked = ada.send("question")
    assert send(server, ada.chat_id, reply_parameters=ReplyParameters(asked)).reply_to_message
    assert ada.received[0].reply_to == asked
    with pytest.raises(BadRequest, match=r"(?i)message to be replied not found"):
        send(server, ada.chat_id, reply_parameters=ReplyParameters(asked + 1000))


@pytest.mark.parametrize("style", ["json", "data", "params", "files"])
def test_every_way_to_carry_a_call_is_read_alike(server: BotApiServer, style: str) -> None:
    ada = server.user(started=True)
    markup = '{"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}'
    values = {"chat_id": str(ada.chat_id), "text": "It is 2 + 2 & more", "reply_markup": markup}
    carried = {name: (None, value) for name, value in values.items()} if style == "files" else values
    url = f"{server.base_url}{server.token}/sendmessage"
    answer = httpx.request("POST", url, trust_env=False, **{style: carried})  # type: ignore[arg-type]
    assert answer.json()["ok"]
    assert (ada.received[0].text, ada.received[0].buttons) == ("It is 2 + 2 & more", ("Yes",))


def test_commands_actions_and_chats_are_known(server: BotApiServer) -> None:
    ada = server.user("Ada (invented)", started=True)

    async def ask(bot: Bot) -> None:
        await bot.set_my_commands([("stop", "Stop the questions")])
        assert [command.command for command in await bot.get_my_commands()] == ["stop"]
        with pytest.raises(BadRequest, match=r"(?i)BOT_COMMAND_INVALID"):
            await bot.set_my_commands([("Stop!", "Stop the questions")])
        await bot.send_chat_action(ada.chat_id, "typing")
        chat = await bot.get_chat(ada.chat_id)
        assert (chat.type, chat.first_name) == ("private", "Ada (invented)")

    with_bot(server, ask)
    assert ada.actions == ["typing"]
