from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from learning_log.domain.periods import Period, months_until
from learning_log.errors import NotFound
from learning_log.services import conversations, joining, reading, reflecting, rights, searching, sense_making
from learning_log.services.sharing import Filters, for_release
from learning_log.services.theme_rows import texts_of
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import (
    Conversation,
    InboxMessage,
    Media,
    OutboxMessage,
    Person,
    Reading,
    Reflection,
    ReflectionMeaning,
    Staff,
    ThemePlacement,
)
from tests.sense_making_app.place import Place, agree, chat, make_place, make_theme, reflect


@pytest.fixture
def place(log: LearningLog, tenant: UUID) -> Place:
    return make_place(log, tenant)


def said(place: Place, words: str = "The garden is good", person: int = 0, audience: str = "team") -> UUID:
    with place.log.write(place.tenant) as records:
        one = reflect(records, place.people[person], words, records.now, service_id=place.service.id, audience=audience)
        records.session.flush()
        return one.id


def talk(place: Place, person: int = 0) -> UUID:
    with place.log.write(place.tenant) as records:
        return chat(records, place.people[person]).id


def shown(place: Place, role: str) -> list[str]:
    with place.log.write(place.tenant) as records:
        return [one.words for one in reading.newest(records, place.reader(role), Filters()).stories]


def give_worker(place: Place, role: str | None) -> None:
    with place.log.write(place.tenant) as records:
        records.get(Person, place.people[0].id).worker_id = place.staff[role].id if role else None


def choose(place: Place, conversation: UUID, answer: UUID, audience: str) -> None:
    with place.log.write(place.tenant) as records:
        rights.choose_audience(records, records.get(Conversation, conversation), answer, audience)


def in_months(records: Records) -> list[Period]:
    return months_until(records.now.date(), 3)


def test_who_read_an_answer_is_remembered_once_for_each_reader(place: Place) -> None:
    answer, unread, conversation = said(place), said(place, "Nobody read this", 4, "me"), talk(place)
    for role in ("own_team", "own_team", "own_service"):
        assert shown(place, role) == ["The garden is good"]

    with place.log.read(place.tenant) as records:
        names = rights.who_read(records, records.get(Conversation, conversation))
        looks = [look.reflection_id for look in records.all(select(Reading))]
    assert names == {answer: ("Staffown_teamAa", "Staffown_serviceAa")}
    assert looks == [answer, answer]
    assert unread not in looks


def test_the_first_time_of_reading_stays(place: Place) -> None:
    said(place)
    with place.log.read(place.tenant) as records:
        first = records.now
    for later in (timedelta(0), timedelta(days=2)):
        with place.log.write(place.tenant, at=first + later) as records:
            reading.newest(records, place.reader("own_team"), Filters())
    with place.log.read(place.tenant) as records:
        assert [look.first_read_at for look in records.all(select(Reading))] == [first]


def test_every_way_to_the_words_is_remembered(place: Place) -> None:
    answer = said(place)
    reader = place.reader("own_team")
    with place.log.write(place.tenant) as records:
        theme = make_theme(records, "garden", [records.get(Reflection, answer)]).id
        months = tuple(in_months(records))
    ways = [
        lambda records: reading.behind_theme(records, reader, theme, Filters()),
        lambda records: reading.typical_of_theme(records, reader, theme, Filters()),
        lambda records: reading.at_the_edge_of_theme(records, reader, theme, Filters()),
        lambda records: reading.of_that_time(records, reader, (), Filters(months=months)),
        lambda records: reading.these(records, reader, [answer], Filters()),
        lambda records: reading.newest(records, reader, Filters()),
    ]
    for way in ways:
        with place.log.write(place.tenant) as records:
            way(records)
            (look,) = records.all(select(Reading))
            assert look.staff_id == reader.staff_id
            records.session.delete(look)
    hits = searching.Searcher(None).search(place.log, reader, "garden", Filters()).hits
    with place.log.read(place.tenant) as records:
        assert len(hits) == len(records.all(select(Reading))) == 1


def test_ones_own_words_are_no_reading(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        reflect(records, place.staff["own_team"], "My own words", records.now, service_id=place.service.id)
    assert shown(place, "own_team") == ["My own words"]
    with place.log.read(place.tenant) as records:
        assert records.all(select(Reading)) == []


def test_an_answer_for_the_worker_is_read_by_the_worker_and_by_no_colleague(place: Place) -> None:
    answer, conversation = said(place), talk(place)
    give_worker(place, "own_team")
    choose(place, conversation, answer, "worker")

    assert shown(place, "own_team") == ["The garden is good"]
    for colleague in ("own_service", "every_team", "far_team"):
        assert shown(place, colleague) == []
    searcher = searching.Searcher(None)
    assert len(searcher.search(place.log, place.reader("own_team"), "garden", Filters()).hits) == 1
    assert searcher.search(place.log, place.reader("every_team"), "garden", Filters()).hits == ()
    with place.log.write(place.tenant) as records:
        (story,) = reading.newest(records, place.reader("own_team"), Filters()).stories
        with pytest.raises(NotFound):
            sense_making.must_read(records, place.reader("every_team"), answer)
    assert story.worker_only
    give_worker(place, "own_service")
    assert (shown(place, "own_team"), shown(place, "own_service")) == ([], ["The garden is good"])


def test_an_answer_for_oneself_is_read_by_nobody(place: Place) -> None:
    answer, conversation = said(place), talk(place)
    give_worker(place, "own_team")
    choose(place, conversation, answer, "me")
    for role in ("own_team", "own_service", "every_team"):
        assert shown(place, role) == []
    with place.log.read(place.tenant) as records:
        assert records.text(records.get(Reflection, answer), "words") == "The garden is good"


@pytest.mark.parametrize("audience", ["me", "worker"])
def test_what_is_not_for_the_team_counts_in_no_theme(place: Place, audience: str) -> None:
    answer, other, conversation = said(place), said(place, "A loud lift", 1), talk(place)
    give_worker(place, "own_team")
    with place.log.write(place.tenant) as records:
        make_theme(records, "garden", [records.get(Reflection, one) for one in (answer, other)])
        records.add(ReflectionMeaning(reflection_id=answer, encoder="an encoder"), vectors=b"meaning")
        # The database itself does not count it, whoever changes the row.
        records.get(Reflection, answer).audience = audience
        records.session.flush()
        placed = select(ThemePlacement.counts).where(ThemePlacement.reflection_id == answer)
        assert records.first(placed) is False
        records.get(Reflection, answer).audience = "team"
    choose(place, conversation, answer, audience)

    with place.log.read(place.tenant) as records:
        assert [one.reflection_id for one in records.all(select(ThemePlacement))] == [other]
        assert records.all(select(ReflectionMeaning)) == []
        assert texts_of(records, [answer]) == []
        months = tuple(in_months(records))
        (theme,) = sense_making.themes_over_time(records, place.reader("own_team"), Filters(months=months))
    assert theme.people == 1


def test_themes_and_a_worker_can_be_chosen_only_where_they_are(place: Place) -> None:
    answer, conversation = said(place), talk(place)
    for audience in ("themes", "worker", "everybody"):
        with pytest.raises(rights.AudienceWrong):
            choose(place, conversation, answer, audience)
    give_worker(place, "own_team")
    with place.log.write(place.tenant) as records:
        agree(records, place.people[0], joining.THEMES, True, records.now)
    with place.log.read(place.tenant) as records:
        mine = rights.audiences(records, records.get(Conversation, conversation))
    assert mine == ("me", "worker", "team", "themes")
    choose(place, conversation, answer, "themes")


def test_nobody_changes_what_somebody_else_said(place: Place) -> None:
    answer, conversation = said(place, person=1), talk(place)
    with place.log.write(place.tenant) as records:
        mine = records.get(Conversation, conversation)
        about_them = reflect(records, place.staff["own_team"], "A good day", records.now, service_id=place.service.id)
        about_them.person_id = place.people[0].id
        records.session.flush()
        for one in (answer, about_them.id):
            with pytest.raises(NotFound):
                rights.choose_audience(records, mine, one, "me")
            with pytest.raises(NotFound):
                rights.take_back(records, mine, one)


def test_an_answer_that_is_taken_back_leaves_a_row_without_content(place: Place) -> None:
    words = "The garden has a red gate"
    with place.log.write(place.tenant) as records:
        mine = chat(records, place.people[0])
        came = records.add(
            InboxMessage(
                conversation_id=mine.id, channel="webchat", message_key="1", chat_message="1", received_at=records.now
            ),
            body=json.dumps({"words": words}),
        )
        records.session.flush()
        came.status = "done"
        agree(records, place.people[0], joining.TAKE_PART, True, records.now)
        photo = reflecting.Attachment("photo", "image/png", b"a photo")
        first = reflecting.keep_reflection(
            records, mine, words, "works", UUID(int=1), inbox_id=came.id, attachments=[photo]
        )
        corrected = reflecting.correct(records, mine, "1", f"{words} now")
        assert corrected
        records.session.flush()
        answer, other = (
            corrected.id,
            reflect(records, place.people[1], "Kept", records.now, service_id=place.service.id),
        )
        make_theme(records, "gate", [corrected, other])
        records.add(ReflectionMeaning(reflection_id=answer, encoder="an encoder"), vectors=b"meaning")
        for body in (f"2 March: {words} now", "Thank you."):
            conversations.say(records, mine, [conversations.message(body)])
        records.flush()
        for message in records.all(select(OutboxMessage)):
            message.status = "sent"
        records.session.flush()
        reading.newest(records, place.reader("own_team"), Filters())

    with place.log.write(place.tenant) as records:
        rights.take_back(records, records.get(Conversation, mine.id), first)
    with place.log.read(place.tenant) as records:
        for id in (first, answer):
            row = records.get(Reflection, id)
            assert (row.words_sealed, row.feeling, row.withdrawn_at) == (None, None, records.now)
        assert records.text(records.get(Reflection, other.id), "words") == "Kept"
        for kind in (Media, ReflectionMeaning):
            assert records.all(select(kind)) == []
        assert [one.reflection_id for one in records.all(select(ThemePlacement))] == [other.id]
        assert [look.reflection_id for look in records.all(select(Reading))] == [other.id]
        assert records.first(select(InboxMessage)).body_sealed is None
        said_by_bot = [records.text(row, "body") for row in records.all(select(OutboxMessage))]
        assert sorted(json.loads(body)["words"] for body in said_by_bot if body) == ["Thank you."]
        with pytest.raises(NotFound):
            rights.take_back(records, records.get(Conversation, mine.id), answer)
    assert shown(place, "own_team") == ["Kept"]


def test_what_was_taken_back_is_held_in_no_memory_from_the_next_search_on(place: Place) -> None:
    answer, conversation = said(place), talk(place)
    said(place, "The garden again", 1)
    searcher = searching.Searcher(None)
    assert len(searcher.search(place.log, place.reader("own_team"), "garden", Filters()).hits) == 2
    with place.log.write(place.tenant) as records:
        rights.take_back(records, records.get(Conversation, conversation), answer)
    assert len(searcher.search(place.log, place.reader("own_team"), "garden", Filters()).hits) == 1
    ((_, index),) = searcher._held.values()
    assert answer not in index.ids


def test_what_was_written_for_somebody_is_no_voice_of_theirs(place: Place) -> None:
    answers = [said(place, f"Words {at}", at, "themes") for at in (0, 1)]
    with place.log.write(place.tenant) as records:
        for at in (0, 1):
            for purpose in (joining.TAKE_PART, joining.THEMES):
                agree(records, place.people[at], purpose, True, records.now)
        records.get(Reflection, answers[0]).helped = "written"
        records.get(Reflection, answers[1]).helped = "staff"
    with place.log.write(place.tenant) as records:
        released = records.all(select(Reflection.id).where(*for_release(records.tenant, in_months(records))))
        stories = reading.newest(records, place.reader("own_team"), Filters()).stories
    assert released == [answers[1]]
    assert {one.words: one.written_for_them for one in stories} == {"Words 0": True, "Words 1": False}


def test_a_member_of_staff_has_no_worker_to_choose(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        member = records.get(Staff, place.staff["own_team"].id)
        assert rights.audiences(records, chat(records, member)) == ("me", "team")
