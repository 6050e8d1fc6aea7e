"""Themes: found in what people say, kept where people decided, never in words that are not to be read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import col, func, select

from learning_log.services import auditing, organisation, theming
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import AuditEntry, Reflection, Team, Theme, ThemeModel, ThemePlacement

WORKS, NOT_WORKING = "works", "not_working"
# Two words for each thing; all words around them are ones that make no theme, so that what is found is known.
SAID = {
    "minibus": (NOT_WORKING, "minibus driver"),
    "heating": (NOT_WORKING, "heating boiler"),
    "swimming": (WORKS, "swimming pool"),
    "choir": (WORKS, "choir singing"),
}
STARTS = ["The", "My", "Our own", "I think the", "Again the", "Always the"]
ENDS = {
    NOT_WORKING: ["is bad.", "is the worst.", "was a problem.", "has problems."],
    WORKS: ["is great.", "was lovely.", "is the best.", "was wonderful."],
}


def said_about(topic: str, count: int) -> list[tuple[str, str]]:
    """So many different answers, as (words, direction)."""
    direction, thing = SAID[topic]
    every = [(f"{start} {thing} {end}", direction) for start in STARTS for end in ENDS[direction]]
    return every[:count]


def everything(count: int = 20) -> list[tuple[str, str]]:
    return [said for topic in SAID for said in said_about(topic, count)]


@pytest.fixture
def home(records: Records) -> Team:
    return a_home(records)


def a_home(records: Records) -> Team:
    provider = organisation.add_provider(records, "Quince Support")
    service = organisation.add_service(records, "Quince Lane", provider)
    return organisation.add_team(records, "Quince House", service)


def tell(records: Records, home: Team, said: Sequence[tuple[str, str]], **also: object) -> list[Reflection]:
    kept = []
    for words, direction in said:
        row = Reflection(
            team_id=home.id,
            service_id=home.service_id,
            direction=direction,
            source="webchat",
            audience="team",
            said_at=records.now,
            kept_at=records.now,
        )
        for column, value in also.items():
            setattr(row, column, value)
        kept.append(records.add(row, words=words))
    records.session.flush()
    return kept


def theme_about(records: Records, word: str) -> Theme:
    found = [theme for theme in records.all(select(Theme)) if word in records.text(theme, "terms")]
    assert len(found) == 1, f"{len(found)} themes about {word}"
    return found[0]


def texts_in(records: Records, theme: Theme) -> set[str]:
    inside = select(Reflection).join(ThemePlacement, col(ThemePlacement.reflection_id) == Reflection.id)
    return {records.text(row, "words") for row in records.all(inside.where(ThemePlacement.theme_id == theme.id))}


def as_kept(records: Records) -> tuple[object, ...]:
    """All that a refresh may change."""
    themes = {
        (row.id, row.key, row.state, row.clarity, records.text(row, "label"), records.text(row, "terms"))
        for row in records.all(select(Theme))
    }
    placements = {
        (row.id, row.theme_id, row.reflection_id, row.strength, row.placed_by, row.placed_at)
        for row in records.all(select(ThemePlacement))
    }
    models = {
        (row.id, row.learnt_at, row.reflections, records.text(row, "model")) for row in records.all(select(ThemeModel))
    }
    return themes, placements, models, {(row.id, row.placed_at) for row in records.all(select(Reflection))}


def by_words(records: Records) -> dict[str, set[str]]:
    return {theme.key: texts_in(records, theme) for theme in records.all(select(Theme))}


def test_themes_are_found_in_what_works_and_in_what_does_not(records: Records, home: Team) -> None:
    tell(records, home, everything())
    done = theming.refresh(records)
    assert done.found == len(records.all(select(Theme))) >= 4
    assert (done.kept, done.placed + done.waiting) == (0, 80)
    for topic, (direction, _) in SAID.items():
        theme = theme_about(records, topic)
        assert theme.direction == direction
        assert texts_in(records, theme) == {words for words, _ in said_about(topic, 20)}


def test_every_reflection_that_was_looked_at_says_when(records: Records, home: Team) -> None:
    tell(records, home, everything())
    theming.refresh(records)
    assert {row.placed_at for row in records.all(select(Reflection))} == {records.now}


def test_a_second_refresh_changes_nothing(log: LearningLog, tenant: UUID) -> None:
    with log.write(tenant) as records:
        tell(records, a_home(records), everything())
        theming.refresh(records)
        before = as_kept(records)
    with log.write(tenant, at=log.clock() + timedelta(days=1)) as records:
        again = theming.refresh(records)
        assert as_kept(records) == before
        assert again.kept == again.found


def test_the_order_in_which_reflections_came_does_not_matter(
    log: LearningLog, tenant: UUID, other_tenant: UUID
) -> None:
    shuffled = sorted(everything(), key=lambda said: said[0][::-1])
    with log.write(tenant) as records:
        tell(records, a_home(records), everything())
        theming.refresh(records)
        one = sorted(map(sorted, by_words(records).values()))
    with log.write(other_tenant) as records:
        tell(records, a_home(records), shuffled)
        theming.refresh(records)
        assert sorted(map(sorted, by_words(records).values())) == one


def test_a_confirmed_name_survives_ten_percent_more_reflections(records: Records, home: Team) -> None:
    tell(records, home, everything())
    theming.refresh(records)
    theme = theme_about(records, "minibus")
    theme.state, theme.decided_at = "confirmed", records.now
    records.seal(theme, label="Waiting for a lift")
    before = texts_in(records, theme)
    tell(records, home, [("The minibus driver was late and I waited.", NOT_WORKING)] * 4)
    tell(records, home, [("A heron in the park.", WORKS), ("The heron came back.", WORKS)] * 2)
    theming.refresh(records)
    records.session.refresh(theme)
    assert (records.text(theme, "label"), theme.state) == ("Waiting for a lift", "confirmed")
    assert len(before) == 20
    assert texts_in(records, theme) >= before


def test_a_theme_that_was_set_aside_stays_aside(records: Records, home: Team) -> None:
    tell(records, home, everything())
    theming.refresh(records)
    theme = theme_about(records, "choir")
    theme.state = "set_aside"
    tell(records, home, [("The choir singing was loud and fun.", WORKS)])
    theming.refresh(records)
    assert theme_about(records, "choir").state == "set_aside"


def test_a_theme_goes_when_nobody_speaks_of_it_unless_people_decided_about_it(records: Records, home: Team) -> None:
    told = tell(records, home, everything())
    theming.refresh(records)
    confirmed, undecided = theme_about(records, "heating"), theme_about(records, "minibus")
    confirmed.state = "confirmed"
    for row in told:
        if row.direction == NOT_WORKING:
            row.withdrawn_at = records.now
    theming.refresh(records)
    left = {row.id for row in records.all(select(Theme))}
    assert confirmed.id in left
    assert undecided.id not in left
    assert texts_in(records, confirmed) == set()


def test_a_decided_theme_that_was_quiet_takes_in_what_is_said_later(records: Records, home: Team) -> None:
    told = tell(records, home, everything())
    theming.refresh(records)
    theme = theme_about(records, "heating")
    theme.state = "confirmed"
    for row in told:
        if "heating" in records.text(row, "words"):
            row.withdrawn_at = records.now
    for _ in range(2):
        theming.refresh(records)
    tell(records, home, [("The heating boiler is broken this winter.", NOT_WORKING)])
    assert theming.place_waiting(records) == 1
    assert texts_in(records, theme) == {"The heating boiler is broken this winter."}
    theming.refresh(records)
    assert texts_in(records, theme) == {"The heating boiler is broken this winter."}


def test_where_a_person_placed_a_reflection_it_stays(records: Records, home: Team) -> None:
    told = tell(records, home, everything())
    theming.refresh(records)
    choir, swimming = theme_about(records, "choir"), theme_about(records, "swimming")
    moved = next(row for row in told if "choir" in records.text(row, "words"))
    for placement in records.all(select(ThemePlacement).where(ThemePlacement.reflection_id == moved.id)):
        placement.theme_id, placement.placed_by = swimming.id, "person"
    theming.refresh(records)
    placed = records.all(select(ThemePlacement).where(ThemePlacement.reflection_id == moved.id))
    assert [(row.theme_id, row.placed_by) for row in placed] == [(swimming.id, "person")]
    assert records.text(moved, "words") not in texts_in(records, choir)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("audience", "me"),
        ("withdrawn_at", "now"),
        ("superseded_at", "now"),
        ("nothing_to_report", True),
        ("direction", "other"),
    ],
)
def test_what_is_not_to_be_read_stands_behind_no_theme(
    records: Records, home: Team, column: str, value: object
) -> None:
    tell(records, home, everything())
    theming.refresh(records)
    row = tell(records, home, [("The minibus driver is bad again today.", NOT_WORKING)])[0]
    assert theming.place_waiting(records) == 1
    assert records.all(select(ThemePlacement).where(ThemePlacement.reflection_id == row.id))
    setattr(row, column, records.now if value == "now" else value)
    theming.refresh(records)
    behind = records.all(select(ThemePlacement).where(ThemePlacement.reflection_id == row.id))
    assert behind == []
    row.placed_at = None
    assert theming.place_waiting(records) == 0


def test_another_tenants_reflections_are_never_read(log: LearningLog, tenant: UUID, other_tenant: UUID) -> None:
    with log.write(other_tenant) as records:
        for row in tell(records, a_home(records), everything()):
            row.words_sealed = b"opening this would raise WrongKey"
    with log.write(tenant) as records:
        told = tell(records, a_home(records), everything())
        assert theming.refresh(records).found >= 4
        tell(records, records.all(select(Team))[0], said_about("choir", 1))
        assert theming.place_waiting(records) == 1
        placed = set(records.session.execute(select(ThemePlacement.reflection_id)).scalars())
        assert {row.id for row in told} & placed
    with log.read(other_tenant) as records:
        assert records.all(select(Theme)) == []
        assert records.all(select(ThemePlacement)) == []
        assert not any(row.placed_at for row in records.all(select(Reflection)))


def test_a_new_reflection_finds_its_place_without_a_refresh(records: Records, home: Team) -> None:
    tell(records, home, everything())
    theming.refresh(records)
    fresh = tell(records, home, [("My heating boiler stopped.", NOT_WORKING)])[0]
    assert theming.place_waiting(records) == 1
    records.session.refresh(fresh)
    assert fresh.placed_at == records.now
    assert "My heating boiler stopped." in texts_in(records, theme_about(records, "heating"))


def test_a_reflection_waits_until_there_are_themes(records: Records, home: Team) -> None:
    fresh = tell(records, home, said_about("choir", 1))[0]
    assert theming.place_waiting(records) == 0
    assert fresh.placed_at is None


def test_waiting_reflections_are_placed_in_their_own_tenant(log: LearningLog, tenant: UUID, other_tenant: UUID) -> None:
    for each in (tenant, other_tenant):
        with log.write(each) as records:
            home = a_home(records)
            tell(records, home, everything())
            theming.refresh(records)
            tell(records, home, said_about("choir", 3))
    with log.write(tenant) as records:
        assert [theming.place_waiting(records) for _ in range(2)] == [3, 0]
    with log.read() as records:
        assert theming.waiting_tenants(records) == [other_tenant]
    for each in (tenant, other_tenant):
        with log.read(each) as records:
            assert {row.tenant_id for row in records.all(select(ThemePlacement))} == {each}


def test_a_refresh_is_needed_for_the_first_dozen_and_for_a_fifth_more(records: Records, home: Team) -> None:
    tell(records, home, said_about("choir", 11))
    assert not theming.refresh_needed(records)
    tell(records, home, said_about("minibus", 9))
    assert theming.refresh_needed(records)
    theming.refresh(records)
    assert not theming.refresh_needed(records)
    tell(records, home, said_about("heating", 3))
    assert not theming.refresh_needed(records)
    tell(records, home, said_about("heating", 1))
    assert theming.refresh_needed(records)


def test_no_name_of_a_person_or_a_home_becomes_part_of_a_theme(records: Records, home: Team) -> None:
    organisation.add_person(records, "Zebedee Quillfeather-Oakes", home)
    said = [
        (f"Zebedee and the choir sang at Quince House, Oakes {words}", d) for words, d in said_about("swimming", 20)
    ]
    tell(records, home, said + said_about("minibus", 20))
    theming.refresh(records)
    shown = " ".join(records.text(row, column) for row in records.all(select(Theme)) for column in ("label", "terms"))
    assert "choir" in shown
    assert not {"zebedee", "quillfeather", "oakes", "quince"} & set(
        shown.casefold().replace('"', " ").replace(",", " ").split()
    )


def test_more_reflections_than_are_learnt_from_are_all_placed(records: Records, home: Team) -> None:
    tell(records, home, everything(24))
    done = theming.refresh(records, learn_from=48)
    assert done.placed == 96
    assert theme_about(records, "minibus")
    again = by_words(records)
    theming.refresh(records, learn_from=48)
    assert by_words(records) == again


def test_what_waits_is_brought_up_to_date_without_keeping_others_from_writing(log: LearningLog, tenant: UUID) -> None:
    with log.write(tenant) as records:
        home = a_home(records)
        tell(records, home, said_about("choir", 5))
    with log.read() as records:
        assert theming.waiting_tenants(records) == [tenant]
    assert theming.bring_up_to_date(log, tenant) == 0
    with log.write(tenant) as records:
        tell(records, home, everything())
    assert theming.bring_up_to_date(log, tenant) == 85
    with log.write(tenant) as records:
        assert texts_in(records, theme_about(records, "choir")) == {words for words, _ in said_about("choir", 20)}
        tell(records, home, said_about("minibus", 2))
    assert theming.bring_up_to_date(log, tenant) == 2
    with log.read() as records:
        assert theming.waiting_tenants(records) == []


def test_themes_come_out_the_same_in_one_transaction_and_in_steps(
    log: LearningLog, tenant: UUID, other_tenant: UUID
) -> None:
    kept = []
    for each in (tenant, other_tenant):
        with log.write(each) as records:
            tell(records, a_home(records), everything(24))
    with log.write(tenant) as records:
        theming.refresh(records, learn_from=48)
        kept.append(sorted(map(sorted, by_words(records).values())))
    theming.bring_up_to_date(log, other_tenant, learn_from=48)
    with log.write(other_tenant) as records:
        kept.append(sorted(map(sorted, by_words(records).values())))
        before = as_kept(records)
        theming.refresh(records, learn_from=48)
        assert as_kept(records) == before
    assert kept[0] == kept[1]


def test_themes_found_anew_are_those_of_a_refresh_and_others_write_meanwhile(
    log: LearningLog, tenant: UUID, other_tenant: UUID
) -> None:
    for each in (tenant, other_tenant):
        with log.write(each) as records:
            tell(records, a_home(records), everything(24))
    told: list[tuple[str, int, int]] = []

    def somebody_writes(stage: str, done: int, total: int) -> None:
        told.append((stage, done, total))
        with log.write(tenant) as others:
            auditing.record(others, "worker", "kept an answer")

    made = theming.find_anew(log, tenant, somebody_writes)
    with log.write(other_tenant) as records:
        assert made == theming.refresh(records)
        expected = sorted(map(sorted, by_words(records).values()))
    with log.read(tenant) as records:
        assert sorted(map(sorted, by_words(records).values())) == expected
        assert records.first(select(func.count()).where(AuditEntry.actor == "worker")) == len(told) > 0
    assert told[-1] == ("themes", 96, 96)


def test_placing_that_was_cut_short_is_taken_up_again(log: LearningLog, tenant: UUID) -> None:
    with log.write(tenant) as records:
        told = tell(records, a_home(records), everything())
        theming.refresh(records)
        model = records.all(select(ThemeModel))[0]
        model.learnt_at = records.now + timedelta(seconds=1)  # something else was learnt, by a clock ahead of ours
        for placement in records.all(select(ThemePlacement))[:30]:
            records.session.delete(placement)
    assert theming.bring_up_to_date(log, tenant) == len(told)
    with log.write(tenant) as records:
        assert texts_in(records, theme_about(records, "choir")) == {words for words, _ in said_about("choir", 20)}
    assert theming.bring_up_to_date(log, tenant) == 0


def test_a_refresh_with_nothing_said_finds_nothing(records: Records, home: Team) -> None:
    assert theming.refresh(records) == theming.Refreshed(0, 0, 0, 0)
    assert not theming.refresh_needed(records)


def test_a_refresh_tells_how_far_it_is(records: Records, home: Team) -> None:
    tell(records, home, everything())
    told: list[tuple[str, int, int]] = []
    theming.refresh(records, lambda *how_far: told.append(how_far))
    assert told[-1] == ("themes", 80, 80)
