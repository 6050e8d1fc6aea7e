"""The pictures on the page, and that they come from us."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image

from bot.channels.webchat.pictures import Pictures
from learning_log.settings import Settings
from learning_log.storage.records import LearningLog
from tests.bot.conftest import Home
from tests.bot.webchat.room import Room, Visitor


def test_every_picture_on_the_page_is_there_and_may_be_kept_for_a_year(ada: Visitor) -> None:
    addresses = set(re.findall(r'src="(/chat/picture/[^"]+)"', ada.join().page()))
    assert len(addresses) >= 8
    for address in addresses:
        answer = ada.client.get(address)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/svg+xml"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert b"<script" not in answer.content


def test_a_picture_says_nothing_to_a_screen_reader_that_its_words_do_not_say(ada: Visitor) -> None:
    page = ada.join().page()
    images = re.findall(r"<img [^>]*>", page)
    assert images
    assert [image for image in images if 'alt=""' not in image and "Your photo" not in image] == []


def test_who_drew_the_pictures_is_named(ada: Visitor) -> None:
    assert "Pictures: OpenMoji, CC BY-SA 4.0" in ada.join().page()


@pytest.mark.parametrize(
    "name",
    ["1F642.png", "1f642.svg", "1F642", "110000.svg", "FFFFFF.svg", "61-62.svg", "..%2F..%2Fpyproject.toml", "LICENSE"],
)
def test_an_unknown_picture_is_not_found_and_not_remembered(room: Room, name: str) -> None:
    answer = room.client().get(f"/chat/picture/{name}")
    assert answer.status_code == 404
    assert answer.headers.get("cache-control", "no-store") == "no-store"


def test_an_emoji_without_a_picture_stays_text() -> None:
    assert Pictures().drawn("☃︎︎?") == '<span class="emoji" aria-hidden="true">☃︎︎?</span>'
    assert "&lt;b&gt;" in Pictures().drawn("<b>")


def test_a_photograph_of_the_services_own_is_shown_in_its_place(
    log: LearningLog, settings: Settings, home: Home, tmp_path: Path
) -> None:
    photograph = io.BytesIO()
    Image.new("RGB", (80, 60), "green").save(photograph, "JPEG")
    (tmp_path / "1F44B.jpg").write_bytes(photograph.getvalue())
    room = Room(log, settings.model_copy(update={"pictures_dir": tmp_path}))
    page = room.client().get(f"/join/{room.invite(home.tenant, person_id=home.ada)}").text
    found = re.search(r'src="(/chat/picture/1F44B\.jpg\?\d+)"', page)
    assert found
    answer = room.client().get(found[1])
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content == photograph.getvalue()
    assert room.client().get("/chat/picture/1F44B.svg").status_code == 404
    assert room.client().get("/chat/picture/1F642.svg").status_code == 200
