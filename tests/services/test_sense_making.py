from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from learning_log.domain.disclosure import HIDDEN
from learning_log.domain.periods import months_until
from learning_log.errors import NotAllowed, NotFound
from learning_log.services import deciding
from learning_log.services.labelling import LabelNamesSomebody, LabelTooExact
from learning_log.services.organisation import add_person, add_service, add_team, list_providers
from learning_log.services.reading import (
    at_the_edge_of_theme,
    behind_theme,
    newest,
    of_that_time,
    typical_of_theme,
)
from learning_log.services.releasing import Release, record_look, released_themes
from learning_log.services.sense_making import theme as one_theme
from learning_log.services.sense_making import themes_over_time
from learning_log.services.sharing import Filters
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import Agreement, AuditEntry, Person, Reflection, Theme, ThemePlacement
from tests.sense_making_app.place import Place, agree, crowd, make_place, make_theme, reflect

TODAY = date(2026, 3, 2)
YEAR = Filters(months=tuple(months_until(TODAY, 12)))
QUARTERS = [datetime.fromisoformat(f"2025-{month}-10T12:00:00+00:00") for month in ("02", "05", "08", "11")]


@pytest.fixture
def place(log: LearningLog, tenant: UUID) -> Place:
    return make_place(log, tenant)


def say(records: Records, place: Place, person: int, words: str, days_ago: int = 1, **more: object) -> Reflection:
    service = place.far_service if person >= 4 else place.service
    said_at = records.now - timedelta(days=days_ago)
    return reflect(records, place.people[person], words, said_at, service_id=service.id, **more)  # type: ignore[arg-type]


def test_a_theme_has_its_answers_and_its_people_month_by_month(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        said = [say(records, place, 0, "a", 1), say(records, place, 0, "b", 2), say(records, place, 1, "c", 40)]
        make_theme(records, "Buses", said)

    with place.log.read(place.tenant) as records:
        (found,) = themes_over_time(records, place.reader("own_team"), YEAR)

    assert (found.label, found.times, found.people) == ("Buses", 3, 2)
    by_month = {count.period.key: (count.times, count.people) for count in found.months if count.times}
    assert by_month == {"2026-01": (1, 1), "2026-02": (1, 1), "2026-03": (1, 1)}


def test_a_month_begins_at_midnight_in_london(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        # Half past eleven in the evening of 30 June by UTC is half past midnight on 1 July in London.
        summer = datetime.fromisoformat("2025-06-30T23:30:00+00:00")
        make_theme(records, "Late", [reflect(records, place.people[0], "late", summer, service_id=place.service.id)])

    with place.log.read(place.tenant) as records:
        (found,) = themes_over_time(records, place.reader("own_team"), YEAR)

    assert [count.period.key for count in found.months if count.times] == ["2025-07"]


@pytest.mark.parametrize(
    "hidden",
    [{"audience": "me"}, {"withdrawn": True}, {"superseded": True}, {"nothing": True}],
    ids=["kept for oneself", "taken back", "corrected", "nothing to report"],
)
def test_what_may_not_be_read_is_neither_shown_nor_counted(place: Place, hidden: dict[str, object]) -> None:
    with place.log.write(place.tenant) as records:
        theme = make_theme(
            records, "Mixed", [say(records, place, 0, "shown bus"), say(records, place, 1, "hidden bus", **hidden)]
        )

    reader = place.reader("own_team")
    with place.log.write(place.tenant) as records:
        (found,) = themes_over_time(records, reader, YEAR)
        shown = behind_theme(records, reader, theme.id, YEAR)
        typical = typical_of_theme(records, reader, theme.id, YEAR)
        searched = newest(records, reader, Filters())
        beside = of_that_time(records, reader, [place.service.id], YEAR)

    assert (found.times, shown.total, beside.total) == (1, 1, 1)
    assert [story.words for story in (*shown.stories, *typical, *searched.stories)] == ["shown bus"] * 3


def everything_read(records: Records, place: Place, role: str, theme_id: UUID) -> str:
    """The outcome of every query that shows words or counts of a theme to a team."""
    reader = place.reader(role)
    out: list[object] = [themes_over_time(records, reader, YEAR, with_set_aside=True)]
    out.append(newest(records, reader, Filters()))
    out.append(of_that_time(records, reader, [], YEAR))
    for query in (behind_theme, typical_of_theme, one_theme):
        try:
            out.append(query(records, reader, theme_id, YEAR))
        except NotFound:
            out.append(None)
    return repr(out)


def test_a_team_reads_its_own_people_and_nobody_else(place: Place) -> None:
    words = [f"word{person}" for person in range(6)]
    with place.log.write(place.tenant) as records:
        theme = make_theme(records, "Everybody", [say(records, place, at, word) for at, word in enumerate(words)])

    with place.log.write(place.tenant) as records:
        seen = {
            role: {word for word in words if word in everything_read(records, place, role, theme.id)}
            for role in ("own_team", "own_service", "every_team", "far_team")
        }

    assert seen == {
        "own_team": set(words[:2]),
        "own_service": set(words[:4]),
        "every_team": set(words),
        "far_team": set(words[4:]),
    }


def test_a_theme_of_another_team_alone_is_not_even_named(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        theme = make_theme(records, "Faraway", [say(records, place, 4, "far")])

    with place.log.write(place.tenant) as records:
        assert "Faraway" not in everything_read(records, place, "own_team", theme.id)
        for decide in (deciding.confirm, deciding.set_aside, deciding.take_up_again):
            with pytest.raises(NotFound):
                decide(records, place.reader("own_team"), theme.id)
        with pytest.raises(NotFound):
            deciding.rename(records, place.reader("own_team"), theme.id, "Mine")


@pytest.mark.parametrize("role", ["commissioner", "administrator", "lead"])
def test_only_a_team_reads_words(place: Place, role: str) -> None:
    with place.log.write(place.tenant) as records:
        theme = make_theme(records, "Buses", [say(records, place, 0, "bus")])
    reader = place.reader(role)
    with place.log.write(place.tenant) as records:
        for query in (
            lambda: themes_over_time(records, reader, YEAR),
            lambda: one_theme(records, reader, theme.id, YEAR),
            lambda: behind_theme(records, reader, theme.id, YEAR),
            lambda: typical_of_theme(records, reader, theme.id, YEAR),
            lambda: at_the_edge_of_theme(records, reader, theme.id, YEAR),
            lambda: newest(records, reader, Filters()),
            lambda: of_that_time(records, reader, [], YEAR),
            lambda: deciding.confirm(records, reader, theme.id),
            lambda: deciding.rename(records, reader, theme.id, "Bus"),
        ):
            with pytest.raises(NotAllowed):
                query()


def test_a_reader_of_one_tenant_gets_nothing_from_another(log: LearningLog, place: Place, other_tenant: UUID) -> None:
    other = make_place(log, other_tenant, mark="Zz")
    with log.write(other_tenant) as records:
        theme = make_theme(records, "Theirs", [say(records, other, 0, "theirs")])

    with log.write(place.tenant) as records:
        assert "heirs" not in everything_read(records, place, "every_team", theme.id)
    with log.write(other_tenant) as records, pytest.raises(NotAllowed):
        themes_over_time(records, place.reader("every_team"), YEAR)
    with log.write(other_tenant) as records, pytest.raises(NotAllowed):
        newest(records, place.reader("every_team"), Filters())
    with log.write(other_tenant) as records, pytest.raises(NotAllowed):
        released_themes(records, place.reader("commissioner"), TODAY)


def test_filters_narrow_and_never_widen(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        make_theme(records, "All", [say(records, place, at, f"word{at}") for at in range(6)])
    reader = place.reader("own_service")
    with place.log.write(place.tenant) as records:
        by_team = newest(records, reader, Filters(team_id=place.other_team.id))
        by_person = newest(records, reader, Filters(person_id=place.people[1].id))
        by_far_service = newest(records, reader, Filters(service_id=place.far_service.id))
        by_direction = newest(records, reader, Filters(direction="not_working"))

    assert {story.words for story in by_team.stories} == {"word2", "word3"}
    assert {story.words for story in by_person.stories} == {"word1"}
    assert by_far_service.stories == by_direction.stories == ()


def test_typical_answers_are_of_different_people(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        said = [say(records, place, person, f"word{at}") for at, person in enumerate((0, 0, 0, 1))]
        theme = make_theme(records, "Buses", said)

    with place.log.write(place.tenant) as records:
        typical = typical_of_theme(records, place.reader("own_team"), theme.id, YEAR)

    assert [story.words for story in typical] == ["word0", "word3"]


def test_at_the_edge_are_those_that_the_machine_is_least_sure_of(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        said = [say(records, place, person, f"word{at}") for at, person in enumerate((0, 0, 1, 1))]
        theme = make_theme(records, "Buses", said)
        rows = records.all(select(ThemePlacement).order_by(ThemePlacement.reflection_id))
        for row, strength, by in zip(rows, (0.9, 0.3, 0.4, 0.2), (*["machine"] * 3, "person"), strict=True):
            row.strength, row.placed_by = strength, by

    with place.log.write(place.tenant) as records:
        edge = at_the_edge_of_theme(records, place.reader("own_team"), theme.id, YEAR)

    assert [story.words for story in edge] == ["word1", "word2"]


def test_words_are_read_page_by_page_newest_first(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        theme = make_theme(records, "Many", [say(records, place, 0, f"word{day:02}", day) for day in range(1, 8)])
    with place.log.write(place.tenant) as records:
        pages = [
            behind_theme(records, place.reader("own_team"), theme.id, YEAR, page, size=3).stories for page in (1, 2, 3)
        ]

    assert [[story.words for story in page] for page in pages] == [
        ["word01", "word02", "word03"],
        ["word04", "word05", "word06"],
        ["word07"],
    ]


def test_reading_goes_further_back_through_answers_of_one_moment(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        for number in range(5):
            say(records, place, 0, f"word{number}")
    reader = place.reader("own_team")
    seen: list[str] = []
    with place.log.write(place.tenant) as records:
        found = newest(records, reader, Filters(), size=2)
        seen += [story.words for story in found.stories]
        while found.further:
            found = newest(records, reader, Filters(), found.further, size=2)
            seen += [story.words for story in found.stories]

    assert sorted(seen) == [f"word{number}" for number in range(5)]


def test_a_story_says_whose_it_is_and_what_it_is_about(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        say(records, place, 0, "mine", 3)
        reflect(records, place.staff["own_team"], "staff's", records.now, service_id=place.service.id)
        reflect(records, None, "nobody's", records.now - timedelta(days=9), service_id=place.service.id)
    with place.log.write(place.tenant) as records:
        found = newest(records, place.reader("every_team"), Filters()).stories

    assert [(story.words, story.who, story.by_staff, story.team) for story in found] == [
        ("staff's", "Staffown_teamAa", True, "AshAa"),
        ("mine", "Person0Aa", False, "AshAa"),
        ("nobody's", "", False, ""),
    ]


def test_an_answer_without_a_name_is_the_services_to_read(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        reflect(records, None, "comment", records.now - timedelta(days=1), service_id=place.service.id)
    with place.log.write(place.tenant) as records:
        found = {
            role: [story.words for story in newest(records, place.reader(role), Filters()).stories]
            for role in ("own_team", "own_service", "far_team")
        }

    assert found == {"own_team": [], "own_service": ["comment"], "far_team": []}


def test_every_look_at_words_is_audited_without_them(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        theme = make_theme(records, "Buses", [say(records, place, 0, "secretbus")])
    reader = place.reader("own_team")
    with place.log.write(place.tenant) as records:
        behind_theme(records, reader, theme.id, YEAR)
        typical_of_theme(records, reader, theme.id, YEAR)
        newest(records, reader, Filters())
        of_that_time(records, reader, [], YEAR)

    with place.log.read(place.tenant) as records:
        entries = records.all(select(AuditEntry).where(AuditEntry.actor == reader.actor))
        told = [(entry.action, entry.subject_id) for entry in sorted(entries, key=lambda entry: entry.position)]
    assert told == [
        ("read_words_behind_theme", theme.id),
        ("read_typical_words", theme.id),
        ("read_newest_words", None),
        ("read_words_beside_indicator", None),
    ]


def test_a_decision_is_kept_with_who_and_when(place: Place, now: datetime) -> None:
    with place.log.write(place.tenant) as records:
        theme = make_theme(records, "bus late", [say(records, place, 0, "bus")])
    reader = place.reader("own_team")
    with place.log.write(place.tenant) as records:
        deciding.rename(records, reader, theme.id, "  Late   buses ")
        deciding.confirm(records, reader, theme.id)
    with place.log.read(place.tenant) as records:
        found = one_theme(records, reader, theme.id, YEAR)
        actions = records.all(select(AuditEntry.action).where(AuditEntry.subject == "theme"))

    assert (found.label, found.state, found.decided_by, found.decided_at) == (
        "Late buses",
        "confirmed",
        "Staffown_teamAa",
        now,
    )
    assert set(actions) == {"renamed_theme", "confirmed_theme"}


def test_a_theme_that_was_set_aside_is_gone_until_it_is_taken_up_again(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        theme = make_theme(records, "Buses", [say(records, place, 0, "bus")])
    reader = place.reader("own_team")
    with place.log.write(place.tenant) as records:
        deciding.set_aside(records, reader, theme.id)
        assert themes_over_time(records, reader, YEAR) == []
        assert len(themes_over_time(records, reader, YEAR, with_set_aside=True)) == 1
        deciding.take_up_again(records, reader, theme.id)
        assert [found.state for found in themes_over_time(records, reader, YEAR)] == ["proposed"]


@pytest.mark.parametrize("label", ["", "   ", "x" * 81, "two\x00parts"])
def test_a_theme_needs_a_short_name(place: Place, label: str) -> None:
    with place.log.write(place.tenant) as records:
        theme = make_theme(records, "Buses", [say(records, place, 0, "bus")])
        with pytest.raises(deciding.LabelWrong):
            deciding.rename(records, place.reader("own_team"), theme.id, label)


def test_a_name_of_somebody_gets_into_no_theme_that_commissioners_see(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        theme = make_theme(records, "about person0aa", [say(records, place, 0, "bus")])
        for name in place.names:
            with pytest.raises(LabelNamesSomebody):
                deciding.rename(records, place.reader("own_team"), theme.id, f"Visits by {name}")
        with pytest.raises(LabelNamesSomebody):
            deciding.confirm(records, place.reader("own_team"), theme.id)


@pytest.mark.parametrize(
    "label",
    ["Jo is shouted at", "jo is shouted at", "Fire at the mill", "Jane's room", "O'Brien leaves", "My is tired"],
)
def test_no_part_of_a_name_gets_into_the_name_of_a_theme(place: Place, label: str) -> None:
    with place.log.write(place.tenant) as records:
        service = add_service(records, "Tinder Mill Supported Living", list_providers(records)[0])
        home = add_team(records, "The Home of Rest", service)
        for name in ("Jo Mary-Jane O'Brien", "My Example", "Mr Example"):
            add_person(records, name, home)
        theme = make_theme(records, label, [say(records, place, 0, "bus")])
        for decide in (
            lambda: deciding.rename(records, place.reader("own_team"), theme.id, label),
            lambda: deciding.confirm(records, place.reader("own_team"), theme.id),
        ):
            with pytest.raises(LabelNamesSomebody):
                decide()
        for ordinary in ("Living in a supported home", "How to plan my journey", "Jobs and milling about"):
            deciding.rename(records, place.reader("own_team"), theme.id, ordinary)


@pytest.mark.parametrize("label", ["Fire on 12 May", "Flat ④", "ann@example.org shouts", "Noise near SW1A 1AA"])
def test_no_number_or_address_gets_into_the_name_of_a_theme(place: Place, label: str) -> None:
    with place.log.write(place.tenant) as records:
        theme = make_theme(records, label, [say(records, place, 0, "bus")])
        with pytest.raises(LabelTooExact):
            deciding.rename(records, place.reader("own_team"), theme.id, label)
        with pytest.raises(LabelTooExact):
            deciding.confirm(records, place.reader("own_team"), theme.id)


def test_commissioners_see_rounded_people_of_confirmed_themes(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        theme = busy_theme(records, place, {"one": 12, "two": 11, "three": 10})
        theme.state = "confirmed"
    release = release_of(place)

    (found,) = release.themes
    assert [cell.text for cell in found.people] == ["35"] * 4
    assert [quarter.key for quarter in release.quarters] == ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]


def test_people_are_counted_once_however_much_they_say(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        theme = busy_theme(records, place, {"one": 3, "two": 2, "three": 2}, times=5)
        theme.state = "confirmed"

    assert release_of(place).themes == ()
    assert release_of(place).too_few


@pytest.mark.parametrize("state", ["proposed", "set_aside"])
def test_a_theme_that_nobody_confirmed_is_not_released(place: Place, state: str) -> None:
    with place.log.write(place.tenant) as records:
        busy_theme(records, place, {"one": 12, "two": 11, "three": 10}).state = state

    assert release_of(place).themes == ()


@pytest.mark.parametrize("purpose", ["take_part", "themes"])
def test_who_said_no_later_is_not_counted_any_more(place: Place, purpose: str, now: datetime) -> None:
    with place.log.write(place.tenant) as records:
        theme = busy_theme(records, place, {"one": 12, "two": 11, "three": 10})
        theme.state = "confirmed"
        for number, person in enumerate(everybody(records)):
            agree(records, person, purpose, True, now - timedelta(days=200))
            if number < 8:
                agree(records, person, purpose, False, now - timedelta(days=1))

    assert [cell.text for cell in release_of(place).themes[0].people] == ["25"] * 4


def test_who_never_agreed_to_themes_is_not_counted(place: Place, now: datetime) -> None:
    with place.log.write(place.tenant) as records:
        busy_theme(records, place, {"one": 12, "two": 11, "three": 10}, agreeing=False).state = "confirmed"
        for person in everybody(records):
            agree(records, person, "take_part", True, now - timedelta(days=200))
    assert release_of(place).themes == ()

    with place.log.write(place.tenant) as records:
        for person in everybody(records)[8:]:
            agree(records, person, "themes", True, now - timedelta(days=1))
    assert [cell.text for cell in release_of(place).themes[0].people] == ["25"] * 4


def test_an_agreement_that_was_taken_back_is_none(place: Place, now: datetime) -> None:
    with place.log.write(place.tenant) as records:
        busy_theme(records, place, {"one": 12, "two": 11, "three": 10}).state = "confirmed"
        for answer in records.all(select(Agreement).where(Agreement.purpose == "themes")):
            answer.withdrawn_at = now

    assert release_of(place).themes == ()


def test_who_said_no_and_then_yes_is_counted_again(place: Place, now: datetime) -> None:
    with place.log.write(place.tenant) as records:
        busy_theme(records, place, {"one": 12, "two": 11, "three": 10}).state = "confirmed"
        for person in everybody(records):
            agree(records, person, "themes", False, now - timedelta(days=200))
            agree(records, person, "themes", True, now - timedelta(days=1))

    assert [cell.text for cell in release_of(place).themes[0].people] == ["35"] * 4


def test_answers_for_the_team_or_without_a_name_are_not_counted_for_commissioners(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        theme = busy_theme(records, place, {"one": 3, "two": 3, "three": 3}, audience="team")
        nameless = [
            reflect(records, None, "x", said_at, service_id=place.service.id, audience="themes")
            for said_at in QUARTERS
            for _ in range(40)
        ]
        theme = make_theme(records, "Nameless", nameless)
        theme.state = "confirmed"

    assert release_of(place).themes == ()


def test_a_commissioner_of_a_part_gets_no_counts(place: Place) -> None:
    with place.log.write(place.tenant) as records, pytest.raises(NotAllowed):
        released_themes(records, place.reader("part_commissioner"), TODAY)


@pytest.mark.parametrize("role", ["own_team", "every_team", "administrator", "lead"])
def test_only_a_commissioner_reads_what_is_released(place: Place, role: str) -> None:
    with place.log.write(place.tenant) as records:
        with pytest.raises(NotAllowed):
            released_themes(records, place.reader(role), TODAY)
        with pytest.raises(NotAllowed):
            record_look(records, place.reader(role))


def test_one_quarter_alone_is_hidden_with_the_empty_ones_that_would_tell_it(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        theme = busy_theme(records, place, {"one": 12, "two": 11, "three": 10})
        theme.state = "confirmed"
        for said_at in QUARTERS[:3]:
            for old in records.all(select(Reflection).where(Reflection.said_at == said_at)):
                old.withdrawn_at = records.now

    assert release_of(place).themes == ()


def test_a_theme_named_after_somebody_who_came_later_is_held_back(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        theme = busy_theme(records, place, {"one": 12, "two": 11, "three": 10}, label="Lavender")
        theme.state = "confirmed"
    assert [found.label for found in release_of(place).themes] == ["Lavender"]

    with place.log.write(place.tenant) as records:
        records.seal(records.get(Person, place.people[0].id), name="Lavender Example")

    assert release_of(place).themes == ()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(0, 14), min_size=3, max_size=3), audience=st.sampled_from(["themes", "team", "me"]))
def test_no_word_name_place_day_or_small_number_reaches_a_commissioner(
    place: Place, sizes: list[int], audience: str
) -> None:
    with place.log.write(place.tenant) as records:
        for old in records.all(select(Theme)):
            old.state = "set_aside"
        theme = busy_theme(records, place, dict(zip(("one", "two", "three"), sizes, strict=True)), audience=audience)
        theme.state = "confirmed"
    release = release_of(place)
    told = repr(release)

    assert not [name for name in (*place.names, "Crowd", "Secretword", str(theme.id)) if name in told]
    assert not [day for day in ("-10", ", 10)") if day in told]
    for found in release.themes:
        for cell in found.people:
            assert cell == HIDDEN or (cell.value is not None and cell.value >= 10 and cell.value % 5 == 0)
    if audience != "themes" or sum(sizes) <= 7:
        assert release.themes == ()


def busy_theme(
    records: Records,
    place: Place,
    sizes: dict[str, int],
    *,
    times: int = 1,
    audience: str = "themes",
    label: str = "Weekends",
    agreeing: bool = True,
) -> Theme:
    """A theme that so many people in each of three services speak of in every quarter of last year."""
    provider = list_providers(records)[0]
    said = []
    for number, (name, size) in enumerate(sizes.items()):
        mark = f"{name}{records.first(select(Theme.id).order_by(col(Theme.id).desc())) or number}"
        service = add_service(records, f"Service {mark}", provider)
        team = add_team(records, f"Home {mark}", service)
        for person in crowd(records, team, mark, size):
            if agreeing:
                agree(records, person, "themes", True, QUARTERS[0] - timedelta(days=30))
            said += [
                reflect(records, person, "Secretword", said_at, service_id=service.id, audience=audience)
                for said_at in QUARTERS
                for _ in range(times)
            ]
    return make_theme(records, label, said)


def everybody(records: Records) -> list[Person]:
    return [person for person in records.all(select(Person)) if records.text(person, "name").startswith("Crowd")]


def release_of(place: Place) -> Release:
    with place.log.read(place.tenant) as records:
        return released_themes(records, place.reader("commissioner"), TODAY)
