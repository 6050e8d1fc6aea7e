"""The chat on the home screen, and its page for when the network is gone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.channels.webchat.page import HERE, texts
from tests.bot.webchat.room import Room, Visitor


@pytest.mark.parametrize("language", ["en", "cy", "xx"])
def test_the_chat_can_be_put_on_the_home_screen(room: Room, language: str) -> None:
    answer = room.client().get(f"/chat/manifest/{language}")
    assert answer.headers["content-type"] == "application/manifest+json"
    told = answer.json()
    assert told["name"] == texts(language)["page"]["name"]
    assert (told["start_url"], told["display"]) == ("/chat", "standalone")
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in told["icons"]}
    for icon in told["icons"]:
        assert room.client().get(icon["src"]).headers["content-type"] == icon["type"]


def test_the_page_names_its_manifest_and_the_policy_allows_no_other(ada: Visitor) -> None:
    answer = ada.join().client.get("/chat")
    assert 'rel="manifest" href="/chat/manifest/en"' in answer.text
    for rule in ("manifest-src 'self'", "worker-src 'self'", "script-src 'self'"):
        assert rule in answer.headers["content-security-policy"]


def test_the_worker_keeps_the_files_of_the_page_and_nothing_that_anybody_said(room: Room) -> None:
    answer = room.client().get("/chat/worker.js")
    assert answer.headers["service-worker-allowed"] == "/chat"
    assert answer.headers["content-type"].startswith("text/javascript")
    kept = set(re.findall(r'"([a-z]+\.(?:js|css|svg))"', answer.text))
    files = {path.name for path in Path(HERE / "static").iterdir() if path.suffix in (".js", ".css", ".svg")}
    assert kept == files - {"worker.js"}
    assert "messages" not in answer.text


@pytest.mark.parametrize("language", ["en", "cy"])
def test_without_a_network_there_is_a_page_in_plain_words(room: Room, language: str) -> None:
    page = room.client().get(f"/chat/offline/{language}").text
    assert f'<html lang="{language}">' in page
    assert "Call 999." in page
    assert set(re.findall(r'(?:src|href)="([^"]+)"', page)) <= {
        "/chat",
        "/chat/static/chat.css",
        "/chat/static/icon.svg",
        "/chat/static/icon-180.png",
    }
