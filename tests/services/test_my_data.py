"""What somebody is given of themselves: all of it, nobody else's, and in words that they can read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html.parser import HTMLParser
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from sqlmodel import select

from learning_log.domain.easy_read import sentences, words
from learning_log.services import concerns, forgetting, joining, my_data, pacing, reading, reflecting, rights
from learning_log.services.organisation import add_person
from learning_log.services.sharing import Filters
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import (
    AuditEntry,
    CapacityRecord,
    Conversation,
    Experiment,
    FollowUp,
    InboxMessage,
    Outcome,
    OutcomeRating,
    Person,
    Prompt,
    PromptVersion,
)
from tests.browser import browser
from tests.sense_making_app.place import Place, make_place, reflect

PHONE, LAPTOP = (390, 844), (1280, 800)
NAME, OTHER = "Wilhelmina Quill", "Bartholomew Stone"


@dataclass(frozen=True)
class Home:
    place: Place
    person: UUID
    chat: UUID

    def everything(self) -> dict[str, object]:
        with self.place.log.read(self.place.tenant) as records:
            return my_data.everything_about(records, records.get(Conversation, self.chat))


@pytest.fixture
def home(log: LearningLog, tenant: UUID) -> Home:
    """A person with something of every kind."""
    place = make_place(log, tenant)
    with log.write(tenant) as records:
        person = add_person(records, NAME, place.team, "Q-77")
        add_person(records, OTHER, place.far_team)
        person.worker_id = place.staff["own_team"].id
        chat = Conversation(
            person_id=person.id, channel="webchat", address_hash=b"w", made_at=records.now, changed_at=records.now
        )
        records.add(chat)
        prompt = records.add(Prompt(key="works", direction="works"))
        records.session.flush()
        asked = PromptVersion(
            prompt_id=prompt.id, language="en", version=1, words="What is going well?", first_used_at=records.now
        )
        records.add(asked)
        for purpose, yes in ((joining.TAKE_PART, True), (joining.THEMES, False)):
            joining.answer_agreement(records, chat, purpose, yes, "en.1")
        pacing.start(records, chat)
        came = InboxMessage(
            conversation_id=chat.id, channel="webchat", message_key="1", chat_message="1", received_at=records.now
        )
        records.add(came)
        records.session.flush()
        photo = reflecting.Attachment("photo", "image/png", bytes(20_000))
        reflecting.keep_reflection(
            records,
            chat,
            f"I made soup with {OTHER}",
            "works",
            UUID(int=1),
            inbox_id=came.id,
            question=asked.id,
            attachments=[photo],
        )
        corrected = reflecting.correct(records, chat, "1", f"I made <b>bread</b> with {OTHER}")
        assert corrected
        corrected.helped = "chosen"
        records.session.flush()
        reading.newest(records, place.reader("own_team"), Filters())
        concerns.raise_concern(records, chat, "button", "My card is gone")
        concerns.raise_concern(records, chat, "scan", "Noticed by the rules")
        day = records.now.date()
        goal = records.add(Outcome(person_id=person.id, set_on=day, added_at=records.now), words="Cook for friends")
        records.session.flush()
        for by, note in (("person", ""), ("proxy", f"{NAME} cooked with {OTHER}, ring 07700 900123")):
            rating = OutcomeRating(outcome_id=goal.id, rated_on=day, stage="review", value=3, rated_by=by)
            records.add(rating, note=note or None)
        tried = Experiment(team_id=place.team.id, person_id=person.id, started_on=day, made_at=records.now)
        records.add(tried, heard="The kitchen is busy", **{"try": f"Cook on Mondays with {OTHER}"})
        records.add(FollowUp(person_id=person.id, kind="helped", due_on=day, made_at=records.now))
        capacity = CapacityRecord(
            person_id=person.id,
            decision="take_part",
            assessed_on=day,
            able=True,
            review_on=day + timedelta(days=90),
            recorded_at=records.now,
        )
        records.add(capacity, assessor="Staff Nurse", support="Pictures", reasons="Can decide", consulted=OTHER)
        reflect(records, place.people[1], "Somebody else's walrus", records.now, service_id=place.service.id)
        staffs = reflect(records, place.staff["own_team"], "A shift's walrus", records.now, service_id=place.service.id)
        staffs.person_id = person.id
        return Home(place, person.id, chat.id)


def test_everything_that_is_kept_is_there_and_is_json(home: Home) -> None:
    kept = json.loads(json.dumps(home.everything()))
    (answer,) = kept["answers"]
    assert (kept["you"]["name"], kept["you"]["reference"], kept["you"]["worker"]) == (NAME, "Q-77", "Staffown_teamAa")
    assert [(one["to"], one["yes"], one["text"]) for one in kept["agreements"]] == [
        ("take_part", True, "en.1"),
        ("themes", False, "en.1"),
    ]
    assert answer["words"] == f"I made <b>bread</b> with {OTHER}"
    assert [one["words"] for one in answer["before"]] == [f"I made soup with {OTHER}"]
    assert (answer["question"], answer["for"], answer["helped"]) == ("What is going well?", "team", "chosen")
    assert answer["read_by"] == ["Staffown_teamAa"]
    assert [(one["kind"], one["bytes"]) for one in answer["media"]] == [("photo", 20_000)]
    assert kept["asked"]["days"] == [4]
    assert [one["step"] for one in kept["goals"][0]["ratings"]] == [3, 3]
    assert (kept["follow_ups"][0]["about"], kept["deciding"][0]["support"]) == ("helped", "Pictures")


def test_worries_that_somebody_told_are_there_and_what_rules_noticed_is_not(home: Home) -> None:
    assert [one["words"] for one in home.everything()["worries"]] == ["My card is gone"]


def test_what_others_wrote_has_no_name_of_a_third_person(home: Home) -> None:
    kept = home.everything()
    assert kept["goals"][0]["ratings"][1]["note"] == f"{NAME} cooked with [name], ring [number]"
    assert kept["tried_with_you"][0]["try"] == "Cook on Mondays with [name]"
    assert kept["deciding"][0]["consulted"] == "[name]"
    written = json.dumps({name: kept[name] for name in kept if name != "answers"})
    assert "Bartholomew" not in written


def test_nobody_elses_words_are_there(home: Home) -> None:
    assert "walrus" not in json.dumps(home.everything())
    with home.place.log.read(home.place.tenant) as records:
        staff = my_data.everything_about(records, home.place.staff["own_team"])
    assert [one["words"] for one in staff["answers"]] == ["A shift's walrus"]
    assert (staff["goals"], staff["deciding"]) == ([], [])


def test_what_was_taken_back_says_so_and_has_no_words(home: Home) -> None:
    (answer,) = home.everything()["answers"]
    with home.place.log.write(home.place.tenant) as records:
        rights.take_back(records, records.get(Conversation, home.chat), UUID(answer["id"]))
    kept = home.everything()
    (answer,) = kept["answers"]
    assert (answer["words"], answer["media"], answer["read_by"]) == ("", [], [])
    assert "You took this back on 2 March 2026." in my_data.easy_read_page(kept)


def test_the_look_is_audited_without_words(home: Home) -> None:
    with home.place.log.write(home.place.tenant) as records:
        my_data.record_look(records, records.get(Person, home.person))
        last = records.all(select(AuditEntry).order_by(AuditEntry.position))[-1]
        assert (last.actor, last.action) == (f"person:{home.person}", "gave_my_data")


def test_the_page_stands_alone_and_lets_no_words_become_markup(home: Home) -> None:
    page = my_data.easy_read_page(home.everything())
    assert "&lt;b&gt;bread&lt;/b&gt;" in page
    assert "<b>bread" not in page
    assert "We took out other people&#x27;s names. There it says [name]." in page
    for outside in ("<script", "http:", "https:", "src=", "@import", "url(", "<link", "<form"):
        assert outside not in page


def test_the_page_speaks_the_persons_language_and_safety_stays_english(home: Home) -> None:
    kept = home.everything()
    page = my_data.easy_read_page(kept, "cy")
    assert '<html lang="cy">' in page
    assert "Eich atebion" in page
    assert '<span lang="en">In danger now? Call 999. You can also call NHS 111 and press 2.</span>' in page
    assert '<html lang="en">' in my_data.easy_read_page(kept, "xx")


class _Said(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_no_sentence_of_the_page_is_too_long(home: Home) -> None:
    said = _Said()
    said.feed(re.sub(r"<style>.*?</style>", "", my_data.easy_read_page(home.everything()), flags=re.DOTALL))
    for text in said.texts:
        for sentence in sentences(text):
            assert len(words(sentence)) <= 15, sentence


def test_the_last_words_name_backups_and_telegram(home: Home) -> None:
    with home.place.log.write(home.place.tenant) as records:
        person = records.get(Person, home.person)
        with pytest.raises(forgetting.ErasureHeld) as refused:
            forgetting.forget(records, person)
        assert forgetting.why_held(refused.value, "en").startswith("I cannot forget you yet.")
        forgotten = forgetting.Forgotten(2, (records.now + timedelta(days=30)).date(), "telegram", "1")
        assert forgetting.told(forgotten, person)[2:] == (
            "Old copies may hold your words until 1 April 2026. Nobody reads them.",
            "Telegram may keep its own copy. You can delete this chat there.",
        )


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("size", [PHONE, LAPTOP])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_has_no_serious_finding_and_fits(
    home: Home, chromium: Browser, size: tuple[int, int], scheme: str
) -> None:
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    for language in ("en", "cy"):
        page.set_content(my_data.easy_read_page(home.everything(), language))
        found = Axe().run(page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_an_answer_without_a_reader_says_so(home: Home) -> None:
    with home.place.log.write(home.place.tenant) as records:
        reflect(records, records.get(Person, home.person), "Unread", records.now, service_id=home.place.service.id)
    assert "Nobody has read it yet." in my_data.easy_read_page(home.everything())
