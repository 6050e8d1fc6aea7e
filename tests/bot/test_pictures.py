"""Every picture that the bot uses has a file, and a photograph of the service's own goes before it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.pictures import SIDE, emoji_of, hexcode, picture_file
from learning_log import config

WORDING = [config.load(f"wording/{name}") for name in config.names("wording")]
IN_FRONT = re.compile(r"^([^\w\s]+)\s+\S")
USED = {picture for table in WORDING for picture in table["pictures"].values()} | {
    found[1]
    for table in WORDING
    for texts in table.values()
    if isinstance(texts, dict)
    for text in texts.values()
    if isinstance(text, str) and (found := IN_FRONT.match(text)) and not found[1].isascii()
}


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_every_picture_of_the_wording_has_a_file(kind: Literal["svg", "png"]) -> None:
    assert len(USED) >= 12
    for emoji in USED:
        found = picture_file(emoji, kind)
        assert found is not None, emoji
        assert found.suffix == f".{kind}"
        assert found.stat().st_size > 200


def test_a_drawing_for_a_channel_without_svg_is_large_and_in_colour() -> None:
    found = picture_file("🙂", "png")
    assert found is not None
    with Image.open(found) as picture:
        assert picture.size == (SIDE, SIDE)
        assert picture.getpixel((0, 0)) == (255, 255, 255)
        assert picture.getpixel((SIDE // 2, SIDE // 2)) == (252, 234, 43)


def test_no_two_pictures_of_the_wording_are_alike() -> None:
    files = [picture_file(emoji, "png") for emoji in USED]
    assert len({path.read_bytes() for path in files if path}) == len(USED)


@pytest.mark.parametrize(
    ("emoji", "name"), [("❤️", "2764"), ("❤", "2764"), ("#️⃣", "0023-FE0F-20E3"), ("👩🏽‍🦽", "1F469-1F3FD-200D-1F9BD")]
)
@pytest.mark.parametrize("kind", ["svg", "png"])
def test_an_emoji_of_several_parts_is_found(emoji: str, name: str, kind: Literal["svg", "png"]) -> None:
    found = picture_file(emoji, kind)
    assert found is not None
    assert found.stem.replace("-FE0F", "") == name.replace("-FE0F", "")


@pytest.mark.parametrize("text", ["", "a word", "..", "🙂🙂", "\x00", "/"])
def test_what_is_no_emoji_has_no_picture(text: str) -> None:
    assert picture_file(text, "svg") is None
    assert picture_file(text, "png") is None


@pytest.mark.parametrize("name", ["1F642.png", "1f642.JPG", "1F642.webp", "1F642-FE0F.jpeg"])
def test_a_photograph_of_the_services_own_goes_before_the_drawing(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"invented")
    (tmp_path / "1F641.txt").write_text("no photograph")
    for kind in ("svg", "png"):
        assert picture_file("🙂", kind, tmp_path) == tmp_path / name  # type: ignore[arg-type]
    drawing = picture_file("🙁", "svg", tmp_path)
    assert drawing is not None
    assert drawing.name == "1F641.svg"


def test_a_folder_that_is_not_there_takes_nothing_away(tmp_path: Path) -> None:
    assert picture_file("🙂", "svg", tmp_path / "gone") == picture_file("🙂", "svg")


@given(st.text(min_size=1, max_size=6).filter(lambda text: "\ufe0f" not in text))
def test_a_name_says_which_emoji_it_is_of(emoji: str) -> None:
    assert emoji_of(hexcode(emoji)) == emoji
