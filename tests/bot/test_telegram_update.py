"""What updates say, however they are made; and by which key they are known again."""

from __future__ import annotations

import copy
import json
import string
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram_update import LARGEST, Json, heard, incoming
from bot.dialogue.turn import Heard, HeardKind, Media

ADA = {"id": 42, "type": "private", "first_name": "Ada (invented)"}
TEAM = {"id": -7, "type": "group", "title": "Elm House (invented)"}
BOT = {"id": 1, "is_bot": True, "first_name": "Bot"}


def message(chat: Json = ADA, **content: Any) -> Json:
    return {"message_id": 3, "date": 1_780_000_000, "chat": chat, "from": ADA, **content}


def said(chat: Json = ADA, **content: Any) -> Json:
    return {"update_id": 7, "message": message(chat, **content)}


def edited(chat: Json = ADA, **content: Any) -> Json:
    return {"update_id": 7, "edited_message": message(chat, **{"edit_date": 1_780_000_060, **content})}


def tapped(chat: Json = ADA, **content: Any) -> Json:
    query = {"id": "4382", "from": ADA, "chat_instance": "1", "message": message(chat, text="Yes or no?"), **content}
    return {"update_id": 7, "callback_query": query}


def member(status: str) -> Json:
    new = {"user": BOT, "status": status}
    return {"update_id": 7, "my_chat_member": {"chat": ADA, "date": 1_780_000_000, "from": ADA, "new_chat_member": new}}


PHOTO = [{"file_id": "small", "width": 9, "height": 9}, {"file_id": "large", "width": 90, "height": 90, "file_size": 5}]
VOICE = {"file_id": "v", "duration": 2, "mime_type": "audio/mpeg", "file_size": 6}
FILE = {"file_id": "d", "file_unique_id": "u", "file_size": 1000}

EXAMPLES: list[tuple[Json, Heard]] = [
    (said(text="I went out"), Heard("words", words="I went out")),
    (said(text="/start CODE42 "), Heard("start", code="CODE42")),
    (said(text="/start@WhatMattersBot CODE42"), Heard("start", code="CODE42")),
    (said(text="/start"), Heard("words", words="/start")),
    (said(text="half \ud83d"), Heard("words", words="half ?")),
    (
        said(photo=PHOTO, caption="my garden"),
        Heard("media", "my garden", media=Media("photo", "large", "image/jpeg", 5)),
    ),
    (said(voice=VOICE), Heard("media", media=Media("voice", "v", "audio/mpeg", 6))),
    (said(voice={"file_id": "v"}), Heard("media", media=Media("voice", "v", "audio/ogg", 0))),
    (said(sticker={**FILE, "emoji": "🙂"}), Heard("words", words="🙂")),
    (said(sticker=FILE), Heard("unreadable")),
    (said(document=FILE, caption="notes"), Heard("unreadable", words="notes")),
    (said(animation=FILE, document={**FILE, "file_size": LARGEST + 1}), Heard("too_big")),
    (said(video={**FILE, "file_size": LARGEST}), Heard("unreadable")),
    (said(location={"latitude": 51.5, "longitude": 0}), Heard("unreadable")),
    (said(new_chat_title="x"), Heard("nothing")),
    (said(TEAM, text="hello everybody"), Heard("group")),
    (said(TEAM, photo=PHOTO, caption="look"), Heard("group")),
    (said(TEAM, photo=PHOTO), Heard("nothing")),
    (edited(text="better"), Heard("edited", words="better", edits="3")),
    (edited(photo=PHOTO, caption="roses"), Heard("edited", words="roses", edits="3")),
    (edited(TEAM, text="better"), Heard("nothing")),
    (tapped(data="a:1"), Heard("button", button="a:1", tap="4382")),
    (tapped(TEAM, data="a:1"), Heard("group", tap="4382")),
    (tapped(game_short_name="chess"), Heard("nothing")),
    (tapped(data="a:1", message=None), Heard("nothing")),
    (member("kicked"), Heard("blocked")),
    (member("left"), Heard("blocked")),
    (member("member"), Heard("nothing")),
    ({"update_id": 7, "poll": {"id": "1"}}, Heard("nothing")),
    ({"update_id": 7, "message": {"message_id": "x", "chat": "broken", "date": []}}, Heard("unreadable")),
    ({"update_id": 7, "message": "broken"}, Heard("unreadable")),
    ({"update_id": 7, "message": message(text=5)}, Heard("unreadable")),
    ({"update_id": 7, "edited_message": "broken"}, Heard("nothing")),
    ({"update_id": 7, "callback_query": [1]}, Heard("nothing")),
    ({}, Heard("nothing")),
]


@pytest.mark.parametrize(("update", "says"), EXAMPLES)
def test_an_update_says_what_it_says(update: Json, says: Heard) -> None:
    assert heard(update) == says


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(string.ascii_lowercase), inner, max_size=3),
    max_leaves=8,
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every room in it that holds something: the table or list, and the name or place."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, held in inside:
        yield value, key
        yield from places(held)


@st.composite
def spoiled(draw: st.DrawFn) -> Json:
    """An update of the examples in which some things are gone or of another kind."""
    update: Json = copy.deepcopy(draw(st.sampled_from([example for example, _ in EXAMPLES])))
    for _ in range(draw(st.integers(1, 3))):
        rooms = list(places(update))
        if not rooms:
            break
        room, key = draw(st.sampled_from(rooms))
        if isinstance(room, dict) and draw(st.booleans()):
            del room[key]
        else:
            room[key] = draw(anything)
    return update


@given(spoiled() | st.dictionaries(st.sampled_from(["message", "edited_message", "callback_query"]), anything))
def test_any_json_gives_something_heard_that_can_be_kept(update: Json) -> None:
    found, kept = heard(update), incoming(update)
    assert found.kind in get_args(HeardKind)
    for text in (found.words, found.button, found.code, found.edits, found.tap, kept.key, kept.address):
        assert isinstance(text, str)
        text.encode()
    assert found.media is None or (found.media.reference and isinstance(found.media.size, int))
    assert kept.key
    assert kept.key.replace(":", "").replace("-", "").isalnum()
    assert len(kept.key) < 80 or any(isinstance(room[key], int) and room[key] > 10**18 for room, key in places(update))
    assert heard(json.loads(json.dumps(update))) == found


@pytest.mark.parametrize("update", [said(text="a"), edited(text="a"), tapped(data="a:1"), member("left"), {"poll": {}}])
def test_the_same_update_delivered_twice_has_one_key(update: Json) -> None:
    again = json.loads(json.dumps(update))
    assert incoming(again).key == incoming(update).key


def test_a_new_update_with_an_old_number_has_another_key() -> None:
    later = {"date": 1_790_000_000}
    updates = [
        said(text="a"),
        said(text="a", **later),
        edited(text="a", edit_date=1_790_000_060),
        tapped(data="a:1"),
        tapped(data="a:1", id="4383"),
        {"update_id": 7, "poll": {}},
    ]
    keys = [incoming(update).key for update in updates]
    assert keys == ["7:1780000000", "7:1790000000", "7:1790000060", "7:4382", "7:4383", "7"]


def test_updates_without_a_number_are_told_apart_by_what_they_hold() -> None:
    first, second = ({"update_id": number, "message": message(text="a")} for number in ("x", "y"))
    assert incoming(first).key != incoming(second).key
    assert incoming({"update_id": 7, "message": {"text": "no date"}}).key == "7"


def test_an_update_is_kept_for_its_chat_under_the_messages_number() -> None:
    kept = incoming(said(text="a"))
    assert (kept.address, kept.chat_message, kept.body) == ("42", "3", said(text="a"))
    assert incoming(tapped(data="a:1")).address == "42"
    assert incoming(member("left")).address == "42"
    assert incoming({"update_id": 7, "poll": {}}).address == "none-7"
