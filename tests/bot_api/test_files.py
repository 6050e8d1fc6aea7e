import pytest
from telegram import Bot
from telegram.error import BadRequest, InvalidToken

from . import BotApiServer
from .conftest import with_bot

PNG = b"\x89PNG\r\n\x1a\n" + b"invented"
OPUS = b"OggS OpusHead invented"


def sized(width: int, height: int) -> bytes:
    """The beginning of a PNG of that size."""
    return PNG[:8] + (13).to_bytes(4, "big") + b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big")


def test_what_a_person_sends_can_be_downloaded(server: BotApiServer) -> None:
    ada = server.user()
    ada.send_photo(b"picture")
    ada.send_voice(b"sound")
    ada.send_document("note.txt", b"words")

    async def download(bot: Bot) -> list[bytes]:
        photo, voice, document = (update.message for update in await bot.get_updates() if update.message)
        assert voice.voice
        assert document.document
        files = [await one.get_file() for one in (photo.photo[-1], voice.voice, document.document)]
        return [bytes(await file.download_as_bytearray()) for file in files]

    assert with_bot(server, download) == [b"picture", b"sound", b"words"]


def test_a_file_above_20_mebibytes_is_too_big_to_fetch(server: BotApiServer) -> None:
    ada = server.user()
    ada.send_document("just right.bin", 20 * 1024 * 1024)
    ada.send_document("too big.bin", 20 * 1024 * 1024 + 1)

    async def fetch(bot: Bot) -> None:
        right, big = (update.message for update in await bot.get_updates() if update.message)
        assert right.document
        assert big.document
        assert (await right.document.get_file()).file_path
        with pytest.raises(BadRequest, match=r"(?i)file is too big"):
            await big.document.get_file()
        with pytest.raises(BadRequest, match=r"(?i)wrong file_id"):
            await bot.get_file("never heard of")

    with_bot(server, fetch)


def test_photo_voice_and_document_reach_the_person(server: BotApiServer) -> None:
    ada = server.user(started=True)

    async def send(bot: Bot) -> None:
        sent = await bot.send_photo(ada.chat_id, PNG, caption="Happy?")
        await bot.send_photo(ada.chat_id, sent.photo[-1].file_id)
        await bot.send_voice(ada.chat_id, OPUS)
        await bot.send_document(ada.chat_id, b"all of it", filename="my data.json")

    with_bot(server, send)
    photo, again, voice, document = ada.received
    assert (photo.photo, photo.text, photo.content) == (True, "Happy?", PNG)
    assert (again.photo, again.content) == (True, PNG)
    assert (voice.voice, voice.content) == (True, OPUS)
    assert (document.document, document.content) == ("my data.json", b"all of it")


def test_a_drawing_an_empty_file_and_a_huge_photo_are_no_photos(server: BotApiServer) -> None:
    ada = server.user(started=True)

    async def send(bot: Bot) -> None:
        huge = PNG + bytes(10 * 1024 * 1024)
        for content, words in ((b"<svg/>", "IMAGE_PROCESS_FAILED"), (b"", "non-empty"), (huge, "too big")):
            with pytest.raises(BadRequest, match=rf"(?i){words}"):
                await bot.send_photo(ada.chat_id, content)
        with pytest.raises(BadRequest, match=r"(?i)caption is too long"):
            await bot.send_photo(ada.chat_id, PNG, caption="x" * 1025)

    with_bot(server, send)
    assert ada.received == []


def test_a_photo_may_be_neither_vast_nor_a_thread(server: BotApiServer) -> None:
    ada = server.user(started=True)

    async def send(bot: Bot) -> None:
        for width, height in ((5000, 5000), (2000, 100)):
            await bot.send_photo(ada.chat_id, sized(width, height))
        for width, height in ((5000, 5001), (2001, 100), (0, 10)):
            with pytest.raises(BadRequest, match=r"(?i)PHOTO_INVALID_DIMENSIONS"):
                await bot.send_photo(ada.chat_id, sized(width, height))

    with_bot(server, send)
    assert len(ada.received) == 2


def test_sound_is_a_voice_message_only_in_a_format_of_those(server: BotApiServer) -> None:
    ada = server.user(started=True)

    async def send(bot: Bot) -> None:
        await bot.send_voice(ada.chat_id, OPUS, caption="Hello")
        await bot.send_voice(ada.chat_id, b"RIFF WAVE invented", filename="hello.wav")
        with pytest.raises(BadRequest, match=r"(?i)caption is too long"):
            await bot.send_voice(ada.chat_id, OPUS, caption="x" * 1025)
        with pytest.raises(BadRequest, match=r"(?i)non-empty"):
            await bot.send_voice(ada.chat_id, b"")

    with_bot(server, send)
    assert [(message.voice, message.document) for message in ada.received] == [(True, None), (False, "hello.wav")]


def test_who_lets_nobody_send_them_voice_messages_still_gets_words(server: BotApiServer) -> None:
    ada = server.user(started=True)
    ada.forbid_voice()

    async def send(bot: Bot) -> None:
        with pytest.raises(BadRequest, match=r"(?i)VOICE_MESSAGES_FORBIDDEN"):
            await bot.send_voice(ada.chat_id, OPUS)
        await bot.send_message(ada.chat_id, "Hello")

    with_bot(server, send)
    assert [message.text for message in ada.received] == ["Hello"]


def test_a_caption_can_be_edited_but_a_picture_has_no_text(server: BotApiServer) -> None:
    ada = server.user(started=True)

    async def edit(bot: Bot) -> None:
        sent = await bot.send_photo(ada.chat_id, PNG, caption="Happy?")
        with pytest.raises(BadRequest, match=r"(?i)there is no text in the message to edit"):
            await bot.edit_message_text("Sad?", ada.chat_id, sent.message_id)
        await bot.edit_message_caption(ada.chat_id, sent.message_id, caption="Sad?")

    with_bot(server, edit)
    assert ada.received[0].text == "Sad?"


def test_a_download_needs_the_token_and_a_file_that_exists(server: BotApiServer) -> None:
    async def fetch(bot: Bot) -> None:
        for token, path in ((server.token, "photos/none.jpg"), (f"{bot.id}:wrong", "photos/none.jpg")):
            with pytest.raises(InvalidToken):
                await bot.request.retrieve(f"{server.base_file_url}{token}/{path}")

    with_bot(server, fetch)
