"""What people said is found by its words and by what it means, and nobody finds what they may not read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from learning_log.analysis.encoder import Encoder
from learning_log.analysis.search_index import SearchIndex
from learning_log.errors import NotAllowed
from learning_log.services import meanings, searching
from learning_log.services.searching import Searcher
from learning_log.services.sharing import Filters
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import AuditEntry, Reflection, new_id
from tests.sense_making_app.place import Place, make_place, reflect

SAID = ["The BUS was late", "A late train", "late bus again", "No bus", "bus, so late"]
LONELY = "I have nobody to talk to after tea"


@pytest.fixture
def place(log: LearningLog, tenant: UUID) -> Place:
    place = make_place(log, tenant)
    with log.write(tenant) as records:
        for day, words in enumerate(SAID):
            when = records.now - timedelta(days=day + 1)
            reflect(records, place.people[0], words, when, service_id=place.service.id)
        long_ago = records.now - timedelta(days=40)
        reflect(records, place.people[4], LONELY, long_ago, service_id=place.far_service.id)
    return place


def found(searcher: Searcher, place: Place, role: str, words: str, **more: int) -> list[str]:
    hits = searcher.search(place.log, place.reader(role), words, Filters(), **more)
    return [hit.story.words for hit in hits.hits]


def test_every_word_is_found_in_any_capitals_and_as_a_part_page_by_page(place: Place) -> None:
    searcher = Searcher(None)
    reader = place.reader("own_team")
    first = searcher.search(place.log, reader, "LATE bus", Filters(), size=2)
    assert [hit.story.words for hit in first.hits] == ["The BUS was late", "late bus again"]
    assert first.further is not None
    second = searcher.search(place.log, reader, "LATE bus", Filters(), first.further, size=2)
    assert [hit.story.words for hit in second.hits] == ["bus, so late"]
    assert second.further is None
    assert found(searcher, place, "own_team", "trai") == ["A late train"]


def test_without_a_model_only_words_are_searched_and_it_says_so(place: Place) -> None:
    hits = Searcher(None).search(place.log, place.reader("every_team"), "lonely", Filters())
    assert (hits.hits, hits.by_meaning) == ((), False)


def test_what_means_something_like_it_comes_after_what_has_the_words(place: Place, encoder: Encoder) -> None:
    meanings.keep_all(place.log, place.tenant, encoder)
    searcher = Searcher(encoder)
    hits = searcher.search(place.log, place.reader("every_team"), "late bus", Filters()).hits
    assert [hit.why for hit in hits[:3]] == ["words"] * 3
    assert {hit.why for hit in hits[3:]} == {"meaning"}
    lonely = searcher.search(place.log, place.reader("every_team"), "lonely, no one to speak with", Filters()).hits
    assert [(hit.story.words, hit.why) for hit in lonely] == [(LONELY, "meaning")]


def test_nobody_finds_what_they_may_not_read_by_words_or_by_meaning(place: Place, encoder: Encoder) -> None:
    meanings.keep_all(place.log, place.tenant, encoder)
    searcher = Searcher(encoder)
    assert found(searcher, place, "every_team", "nobody to talk")
    assert found(searcher, place, "own_team", "nobody to talk") == []
    assert found(searcher, place, "far_team", "bus") == []
    for role in ("commissioner", "administrator", "lead"):
        with pytest.raises(NotAllowed):
            searcher.search(place.log, place.reader(role), "bus", Filters())


def test_what_others_said_takes_no_place_from_what_the_reader_may_read(place: Place, encoder: Encoder) -> None:
    with place.log.write(place.tenant) as records:
        for minute in range(220):
            when = records.now - timedelta(days=2, minutes=minute)
            nearer = f"I am lonely, no one to speak to, day {minute}"
            reflect(records, place.people[4], nearer, when, service_id=place.far_service.id)
        reflect(records, place.people[0], LONELY, records.now - timedelta(days=1), service_id=place.service.id)
    meanings.keep_all(place.log, place.tenant, encoder)
    assert found(Searcher(encoder), place, "own_team", "lonely, no one to speak with") == [LONELY]


def test_a_page_never_tells_how_much_there_is_that_the_reader_may_not_read(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "CHUNK", 5)
    monkeypatch.setattr(searching, "ASKED_FIRST", 10)
    with place.log.write(place.tenant) as records:
        for minute in range(30):
            when = records.now - timedelta(days=2, minutes=minute)
            reflect(records, place.people[4], f"zebra {minute}", when, service_id=place.far_service.id)
    reader, searcher = place.reader("own_team"), Searcher(None)
    nothing = searcher.search(place.log, reader, "zebra", Filters())
    assert (nothing.hits, nothing.further) == ((), None)
    with place.log.write(place.tenant) as records:
        for day in (50, 60):
            long_ago = records.now - timedelta(days=day)
            reflect(records, place.people[0], f"my zebra {day}", long_ago, service_id=place.service.id)
    first = searcher.search(place.log, reader, "zebra", Filters(), size=1)
    assert [hit.story.words for hit in first.hits] == ["my zebra 50"]
    assert first.further is not None
    last = searcher.search(place.log, reader, "zebra", Filters(), first.further, size=1)
    assert ([hit.story.words for hit in last.hits], last.further) == (["my zebra 60"], None)


@pytest.mark.parametrize("column", ["withdrawn_at", "superseded_at", "audience", "nothing_to_report"])
def test_what_was_taken_back_after_it_was_read_is_not_found(place: Place, encoder: Encoder, column: str) -> None:
    meanings.keep_all(place.log, place.tenant, encoder)
    searcher = Searcher(encoder)
    assert found(searcher, place, "own_team", "train") == ["A late train"]
    with place.log.write(place.tenant) as records:
        for row in records.all(select(Reflection)):
            values = {"audience": "me", "nothing_to_report": True}
            setattr(row, column, values.get(column, records.now))
    assert found(searcher, place, "own_team", "train") == []


def test_what_was_said_since_is_found_once_it_is_there_and_by_meaning_once_it_is_encoded(
    place: Place, encoder: Encoder
) -> None:
    searcher = Searcher(encoder)
    assert found(searcher, place, "own_team", "kettle") == []
    with place.log.write(place.tenant) as records:
        reflect(records, place.people[0], "The kettle broke", records.now, service_id=place.service.id)
    assert found(searcher, place, "own_team", "kettle") == ["The kettle broke"]
    asked = "a broken tea maker in the kitchen"
    assert "The kettle broke" not in found(searcher, place, "own_team", asked)
    meanings.keep_all(place.log, place.tenant, encoder)
    assert found(searcher, place, "own_team", asked) == ["The kettle broke"]


def test_what_others_said_pushes_out_nothing_that_a_reader_may_find_by_meaning(place: Place, encoder: Encoder) -> None:
    with place.log.write(place.tenant) as records:
        for day in range(250):
            when = records.now - timedelta(days=1, minutes=day)
            reflect(records, place.people[0], "Lonely, no one to speak with", when, service_id=place.service.id)
    meanings.keep_all(place.log, place.tenant, encoder)
    assert found(Searcher(encoder), place, "far_team", "lonely, no one to speak with") == [LONELY]


def test_pages_end_where_what_a_reader_may_read_ends(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        for minute in range(1_100):
            when = records.now - timedelta(days=1, minutes=minute)
            reflect(records, place.people[0], "to talk", when, service_id=place.service.id)
    hits = Searcher(None).search(place.log, place.reader("far_team"), "talk", Filters(), size=1)
    assert ([hit.story.words for hit in hits.hits], hits.further) == ([LONELY], None)


def test_of_a_correction_the_new_words_are_found_and_not_the_old(place: Place) -> None:
    searcher = Searcher(None)
    assert found(searcher, place, "own_team", "train") == ["A late train"]
    with place.log.write(place.tenant) as records:
        old = next(row for row in records.all(select(Reflection)) if records.text(row, "words") == "A late train")
        old.superseded_at = records.now
        reflect(records, place.people[0], "A late tram", old.said_at, service_id=place.service.id)
    assert found(searcher, place, "own_team", "train") == []
    assert found(searcher, place, "own_team", "tram") == ["A late tram"]


def test_two_organisations_are_searched_apart(place: Place, other_tenant: UUID) -> None:
    other = make_place(place.log, other_tenant)
    searcher = Searcher(None)
    assert found(searcher, place, "every_team", "bus")
    assert found(searcher, other, "every_team", "bus") == []


def test_a_search_is_audited_without_what_was_searched_for(place: Place) -> None:
    found(Searcher(None), place, "own_team", "secretword")
    with place.log.read(place.tenant) as records:
        entries = records.all(select(AuditEntry).where(AuditEntry.action == "searched_words"))
        assert len(entries) == 1
        assert "secretword" not in str([entry.model_dump() for entry in entries])


TEXTS = st.lists(st.text(st.sampled_from("abAB c,."), max_size=12), max_size=12)


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.lists(st.text(st.sampled_from("abAB,."), min_size=1, max_size=3), min_size=1, max_size=3))
def test_by_words_the_index_finds_what_a_plain_look_finds(texts: list[str], terms: list[str]) -> None:
    index = SearchIndex()
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    said = [(new_id(), moment + timedelta(minutes=at % 3), words) for at, words in enumerate(texts)]
    index.add(said)
    index.add(said)
    newest_first = sorted(said, key=lambda one: (one[1], one[0]), reverse=True)
    plain = [id for id, _, words in newest_first if all(term.casefold() in words.casefold() for term in terms)]
    assert index.with_words(terms) == plain
