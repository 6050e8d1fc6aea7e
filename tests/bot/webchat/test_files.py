"""Photos and sounds."""

from __future__ import annotations

import asyncio
import io
import struct
import zlib

import pytest
from PIL import Image
from sqlmodel import select

from bot.channels.webchat import files
from bot.channels.webchat.channel import WebChat, body_of_media
from bot.channels.webchat.files import FileRefused, clean_photo, kind_of
from bot.channels.webchat.page import sorry
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Media
from tests.bot.webchat.room import Visitor

SECRET = b"53.2 N 3.8 W, camera of an invented person"


def photo(kind: str = "JPEG", size: tuple[int, int] = (64, 48), comment: bytes = SECRET) -> bytes:
    """An invented picture that says where it was taken, and lies on its side."""
    picture = Image.new("RGBA" if kind in ("PNG", "WEBP") else "RGB", size, "green")
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, comment.decode()
    written = io.BytesIO()
    picture.save(written, kind, exif=exif.tobytes()) if kind != "GIF" else picture.save(written, kind, comment=comment)
    return written.getvalue()


SOUNDS = {
    "audio/webm": b"\x1a\x45\xdf\xa3 an invented sound",
    "audio/ogg": b"OggS an invented sound",
    "audio/wav": b"RIFF\x10\0\0\0WAVE an invented sound",
    "audio/mp4": b"\0\0\0\x18ftypM4A an invented sound",
    "audio/mpeg": b"ID3 an invented sound",
}
MPEG_FRAMES = (b"\xff\xfb\x90 an invented sound", b"\xff\xf3\x90 an invented sound", b"\xff\xf1 an invented sound")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_photo_loses_where_and_by_whom_it_was_taken(kind: str) -> None:
    taken = photo(kind)
    assert SECRET in taken
    assert kind_of(taken) == ("photo", "image/jpeg")
    kept, preview = clean_photo(taken)
    with Image.open(io.BytesIO(kept)) as opened:
        assert opened.format == "JPEG"
        assert not opened.getexif()
        assert opened.size == ((64, 48) if kind == "GIF" else (48, 64))
    assert SECRET not in kept
    assert preview.startswith("data:image/jpeg;base64,")


def test_a_big_photo_is_made_smaller() -> None:
    kept, _ = clean_photo(photo(size=(4000, 3000)))
    with Image.open(io.BytesIO(kept)) as opened:
        assert max(opened.size) == files.LONGEST_SIDE


def test_a_small_file_that_unfolds_to_a_huge_picture_is_refused() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 20_000, 20_000, 1, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    with pytest.raises(FileRefused) as refused:
        clean_photo(bomb)
    assert refused.value.reason == "too_big"


@pytest.mark.parametrize("content", [photo()[:200], b"\x89PNG\r\n\x1a\n nothing more", b"GIF89a"])
def test_half_a_photo_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefused) as refused:
        clean_photo(content)
    assert refused.value.reason == "broken"


@pytest.mark.parametrize(("mime", "content"), [*SOUNDS.items(), *(("audio/mpeg", frame) for frame in MPEG_FRAMES)])
def test_a_sound_is_known_by_its_first_bytes(mime: str, content: bytes) -> None:
    assert kind_of(content) == ("voice", mime)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"MZ\x90\0",
        b"\0\0\0\x18ftypheic",
        b"\xff\xfe<\0h\0",
    ],
)
def test_other_files_are_refused(content: bytes) -> None:
    with pytest.raises(FileRefused) as refused:
        kind_of(content)
    assert refused.value.reason == "wrong_kind"


def test_a_photo_with_words_reaches_the_log_whole(ada: Visitor, log: LearningLog) -> None:
    ada.join().post(text="My bus stop", file=photo())
    with log.read(ada.tenant) as records:
        kept = records.all(select(Media))
        assert [(row.kind, row.mime) for row in kept] == [("photo", "image/jpeg")]
        assert records.content(kept[0], "content") == clean_photo(photo())[0]
    page = ada.page()
    assert "My bus stop" in page
    assert 'src="data:image/jpeg;base64,' in page


def test_a_voice_message_reaches_the_log_whole(ada: Visitor, log: LearningLog) -> None:
    ada.join().post(file=SOUNDS["audio/webm"])
    with log.read(ada.tenant) as records:
        kept = records.first(select(Media))
        assert records.content(kept, "content") == SOUNDS["audio/webm"]
        assert kept.mime == "audio/webm"
    assert "A voice message" in ada.page()


def test_a_voice_message_of_the_largest_size_is_kept_and_a_larger_one_gets_a_sentence(
    ada: Visitor, log: LearningLog
) -> None:
    ada.join()
    largest = SOUNDS["audio/ogg"].ljust(files.MOST_BYTES, b"\0")
    ada.post(file=largest)
    kept = len(ada.room.kept)
    for larger in (largest + b"\0", largest * 2):
        assert ada.post(413, file=larger)["sorry"] == sorry("en", "too_big")
    assert len(ada.room.kept) == kept
    with log.read(ada.tenant) as records:
        assert [row.size for row in records.all(select(Media))] == [files.MOST_BYTES]


def test_a_file_of_another_kind_gets_a_sentence(ada: Visitor) -> None:
    ada.join()
    kept = len(ada.room.kept)
    assert ada.post(415, file=b"%PDF-1.7")["sorry"] == sorry("en", "wrong_kind")
    assert ada.post(415, file=photo()[:100])["sorry"] == sorry("en", "broken")
    assert len(ada.room.kept) == kept


def test_any_body_that_was_kept_can_be_heard() -> None:
    chat = WebChat()
    media = chat.hear(body_of_media("voice", "audio/ogg", b"invented", "", "")).media
    assert media is not None
    assert asyncio.run(chat.fetch(media)) == b"invented"
    for body in ({}, {"kind": 3}, {"kind": "photo"}, {"kind": "voice", "content": "", "size": "large"}):
        assert chat.hear(body).kind == "unreadable"
