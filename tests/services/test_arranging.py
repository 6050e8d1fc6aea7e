"""What people do to themes: merge, split, lock, move, and take any of it back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlmodel import col, select

from learning_log.analysis.encoder import Encoder
from learning_log.errors import NotFound
from learning_log.services import (
    arranging,
    deciding,
    organisation,
    teaching,
    theme_rows,
    theme_steps,
    theming,
    undoing,
)
from learning_log.services.access import TEAM, Reader, Scope
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import Reflection, Service, Team, Theme, ThemePlacement, ThemeStep
from tests.analysis.test_themes_by_meaning import SAID as BY_MEANING
from tests.services.test_theming import (
    NOT_WORKING,
    a_home,
    everything,
    said_about,
    tell,
    texts_in,
    theme_about,
)


def a_reader(records: Records, team: Team, scope: Scope | None = None) -> Reader:
    name = f"Ottoline Brackenbury{'' if scope is None else f' of {team.id}'}"
    staff = organisation.add_staff(records, name, team)
    return Reader(staff.id, records.tenant, name, {TEAM: scope or Scope(everywhere=True)})


@pytest.fixture
def reader(records: Records) -> Reader:
    home = a_home(records)
    tell(records, home, everything())
    theming.refresh(records)
    return a_reader(records, home)


def standing(records: Records) -> dict[tuple[str, str], set[str]]:
    """What the texts of each theme are, by its name and its state."""
    return {
        (records.text(theme, "label"), theme.state): texts_in(records, theme) for theme in records.all(select(Theme))
    }


def newest_step(records: Records) -> UUID:
    return next(step.id for step in theme_steps.steps(records) if step.undone_at is None)


def answer_in(records: Records, theme: Theme) -> Reflection:
    id = min(theme_rows.reflections_in(records, theme.id))
    return records.get(Reflection, id)


def test_merged_themes_are_one_and_new_answers_about_either_go_there(records: Records, reader: Reader) -> None:
    minibus, heating = theme_about(records, "minibus"), theme_about(records, "heating")
    both = texts_in(records, minibus) | texts_in(records, heating)
    arranging.merge(records, reader, minibus.id, heating.id)
    assert texts_in(records, heating) == both
    assert texts_in(records, minibus) == set()
    tell(records, records.all(select(Team))[0], [("Again my minibus driver.", NOT_WORKING)])
    theming.place_waiting(records)
    assert "Again my minibus driver." in texts_in(records, heating)


def test_an_answer_that_stood_in_both_stands_once_in_the_merged_one(records: Records, reader: Reader) -> None:
    minibus, heating = theme_about(records, "minibus"), theme_about(records, "heating")
    one = answer_in(records, minibus)
    arranging.move(records, reader, one.id, [minibus.id, heating.id])
    arranging.merge(records, reader, minibus.id, heating.id)
    stands = records.all(select(ThemePlacement).where(col(ThemePlacement.reflection_id) == one.id))
    assert [(row.theme_id, row.placed_by) for row in stands] == [(heating.id, "person")]


def test_themes_of_two_questions_never_become_one(records: Records, reader: Reader) -> None:
    before = standing(records)
    with pytest.raises(arranging.NotTogether):
        arranging.merge(records, reader, theme_about(records, "minibus").id, theme_about(records, "choir").id)
    assert standing(records) == before


def test_a_merge_survives_when_themes_are_found_anew(records: Records, reader: Reader) -> None:
    minibus, heating = theme_about(records, "minibus"), theme_about(records, "heating")
    arranging.merge(records, reader, minibus.id, heating.id)
    both = texts_in(records, heating)
    theming.refresh(records)
    assert texts_in(records, heating) == both


def test_a_locked_theme_keeps_its_answers_whatever_is_found_anew(records: Records, reader: Reader) -> None:
    minibus, heating = theme_about(records, "minibus"), theme_about(records, "heating")
    arranging.merge(records, reader, minibus.id, heating.id)
    arranging.lock(records, reader, heating.id)
    kept = texts_in(records, heating)
    home = records.all(select(Team))[0]
    tell(records, home, [(f"The minibus driver and the heating boiler, {word}.", NOT_WORKING) for word in "abcdefgh"])
    theming.refresh(records)
    assert texts_in(records, heating) >= kept
    assert records.get(Theme, heating.id).locked


def test_a_moved_answer_stays_where_a_person_put_it_also_in_no_theme(records: Records, reader: Reader) -> None:
    minibus, heating = theme_about(records, "minibus"), theme_about(records, "heating")
    one, two = sorted(theme_rows.reflections_in(records, minibus.id))[:2]
    arranging.move(records, reader, one, [heating.id])
    arranging.move(records, reader, two, [])
    theming.refresh(records)
    theme_rows.look_again(records, [one, two])
    theming.place_waiting(records)
    assert one in theme_rows.reflections_in(records, heating.id)
    assert one not in theme_rows.reflections_in(records, minibus.id)
    assert not records.all(select(ThemePlacement).where(col(ThemePlacement.reflection_id) == two))


def test_an_answer_is_not_moved_to_a_theme_of_the_other_question(records: Records, reader: Reader) -> None:
    one = answer_in(records, theme_about(records, "minibus"))
    with pytest.raises(arranging.NotTogether):
        arranging.move(records, reader, one.id, [theme_about(records, "choir").id])


def test_nobody_moves_or_merges_what_they_may_not_read(log: LearningLog, tenant: UUID) -> None:
    with log.write(tenant) as records:
        home = a_home(records)
        tell(records, home, everything())
        theming.refresh(records)
        other = organisation.add_team(records, "Medlar House", records.get(Service, home.service_id))
        stranger = a_reader(records, other, Scope(teams=frozenset({other.id})))
        minibus, heating = theme_about(records, "minibus"), theme_about(records, "heating")
        one = answer_in(records, minibus)
        before = standing(records)
        for refused in (
            lambda: arranging.move(records, stranger, one.id, []),
            lambda: arranging.merge(records, stranger, minibus.id, heating.id),
            lambda: arranging.split(records, stranger, minibus.id),
            lambda: arranging.lock(records, stranger, minibus.id),
            lambda: arranging.parts(records, stranger, minibus.id),
        ):
            with pytest.raises(NotFound):
                refused()
        assert standing(records) == before
        mine = a_reader(records, home)
        arranging.lock(records, mine, minibus.id)
        with pytest.raises(NotFound):
            undoing.undo_as_reader(records, stranger, newest_step(records))


def test_who_moved_an_answer_out_of_all_themes_takes_it_back_and_who_may_not_read_it_does_not(
    log: LearningLog, tenant: UUID
) -> None:
    with log.write(tenant) as records:
        home = a_home(records)
        other = organisation.add_team(records, "Medlar House", records.get(Service, home.service_id))
        tell(records, home, said_about("minibus", 12))
        tell(records, other, said_about("minibus", 3))
        theming.refresh(records)
        minibus = theme_about(records, "minibus")
        mine = a_reader(records, home, Scope(teams=frozenset({home.id})))
        stranger = a_reader(records, other, Scope(teams=frozenset({other.id})))
        inside = sorted(theme_rows.reflections_in(records, minibus.id))
        own = next(id for id in inside if records.get(Reflection, id).team_id == home.id)
        arranging.move(records, mine, own, [])
        with pytest.raises(NotFound):
            undoing.undo_as_reader(records, stranger, newest_step(records))
        undoing.undo_as_reader(records, mine, newest_step(records))
        assert sorted(theme_rows.reflections_in(records, minibus.id)) == inside


def test_a_theme_of_two_things_falls_into_its_parts_by_words(records: Records, reader: Reader) -> None:
    minibus, heating = theme_about(records, "minibus"), theme_about(records, "heating")
    first, second = texts_in(records, minibus), texts_in(records, heating)
    arranging.merge(records, reader, minibus.id, heating.id)
    shown = arranging.parts(records, reader, heating.id)
    assert [part.size for part in shown.themes] == [20, 20]
    made = arranging.split(records, reader, heating.id)
    assert sorted(map(sorted, (texts_in(records, records.get(Theme, id)) for id in made))) == sorted(
        map(sorted, (first, second))
    )
    assert texts_in(records, heating) == set()
    tell(records, records.all(select(Team))[0], [("Again my minibus driver.", NOT_WORKING)])
    theming.place_waiting(records)
    assert sum("Again my minibus driver." in texts_in(records, records.get(Theme, id)) for id in made) == 1


def test_what_is_all_the_same_has_no_parts(records: Records, reader: Reader) -> None:
    home = records.all(select(Team))[0]
    tell(records, home, [("The lift is broken.", NOT_WORKING)] * 9)
    theming.refresh(records)
    lift = theme_about(records, "lift")
    assert arranging.parts(records, reader, lift.id).themes == ()
    with pytest.raises(arranging.NoParts):
        arranging.split(records, reader, lift.id)


def test_every_step_says_who_and_when_and_none_is_lost_when_it_is_undone(records: Records, reader: Reader) -> None:
    minibus, heating = theme_about(records, "minibus"), theme_about(records, "heating")
    deciding.rename(records, reader, heating.id, "Warm rooms")
    arranging.lock(records, reader, heating.id)
    arranging.merge(records, reader, minibus.id, heating.id)
    undoing.undo(records, newest_step(records), reader.staff_id)
    steps = theme_steps.steps(records, heating.id)
    assert [step.kind for step in steps] == ["merged", "locked", "renamed"]
    assert {step.by for step in steps} == {"Ottoline Brackenbury"}
    assert [step.undone_at is not None for step in steps] == [True, False, False]
    assert [step.may_be_undone for step in steps] == [False, True, False]


def test_an_earlier_step_waits_for_the_later_one_about_the_same_theme(records: Records, reader: Reader) -> None:
    heating, choir = theme_about(records, "heating"), theme_about(records, "choir")
    deciding.rename(records, reader, heating.id, "Warm rooms")
    first = newest_step(records)
    deciding.confirm(records, reader, heating.id)
    deciding.confirm(records, reader, choir.id)
    with pytest.raises(undoing.LaterStepFirst):
        undoing.undo(records, first)
    undoing.undo(records, newest_step(records))
    undoing.undo(records, newest_step(records))
    undoing.undo(records, first)
    with pytest.raises(undoing.AlreadyUndone):
        undoing.undo(records, first)
    assert {theme.state for theme in records.all(select(Theme))} == {"proposed"}


def test_what_was_said_since_a_merge_goes_where_the_machine_would_put_it_when_it_is_undone(
    records: Records, reader: Reader
) -> None:
    minibus, heating = theme_about(records, "minibus"), theme_about(records, "heating")
    arranging.merge(records, reader, minibus.id, heating.id)
    tell(records, records.all(select(Team))[0], [("Again my minibus driver.", NOT_WORKING)])
    theming.place_waiting(records)
    undoing.undo(records, newest_step(records))
    assert "Again my minibus driver." not in texts_in(records, heating)
    theming.place_waiting(records)
    assert "Again my minibus driver." in texts_in(records, minibus)


def test_what_was_taken_back_since_does_not_come_back_when_a_step_is_undone(records: Records, reader: Reader) -> None:
    minibus, heating = theme_about(records, "minibus"), theme_about(records, "heating")
    gone = answer_in(records, minibus)
    words = records.text(gone, "words")
    arranging.merge(records, reader, minibus.id, heating.id)
    gone.withdrawn_at = records.now
    records.session.flush()
    undoing.undo(records, newest_step(records))
    assert words not in texts_in(records, minibus)
    assert len(texts_in(records, minibus)) == 19


STEPS = ("rename", "confirm", "set_aside", "lock", "merge", "split", "move", "move_out")


def do(records: Records, reader: Reader, kind: str, one: int, other: int) -> None:
    """One of the steps, about some theme that is in use; nothing where it cannot be done."""
    every = sorted(records.all(select(Theme)), key=lambda theme: theme.key)
    themes = [theme for theme in every if theme_rows.reflections_in(records, theme.id)]
    if not themes:
        return
    theme, second = themes[one % len(themes)], themes[other % len(themes)]
    answer = answer_in(records, theme)
    try:
        match kind:
            case "rename":
                deciding.rename(records, reader, theme.id, "Some other name")
            case "confirm":
                deciding.confirm(records, reader, theme.id)
            case "set_aside":
                deciding.set_aside(records, reader, theme.id)
            case "lock":
                arranging.lock(records, reader, theme.id, not theme.locked)
            case "merge":
                arranging.merge(records, reader, theme.id, second.id)
            case "split":
                arranging.split(records, reader, theme.id)
            case "move":
                arranging.move(records, reader, answer.id, [theme.id, second.id])
            case "move_out":
                arranging.move(records, reader, answer.id, [])
    except (arranging.NotTogether, arranging.NoParts):
        return


def what_people_see(records: Records) -> tuple[object, object, object]:
    themes = {
        (row.key, records.text(row, "label"), row.state, row.locked, row.merged_into, row.decided_at, row.decided_by)
        for row in records.all(select(Theme))
    }
    placed = {
        (row.theme_id, row.reflection_id, row.strength, row.placed_by) for row in records.all(select(ThemePlacement))
    }
    known = theme_rows.kept_model(records)
    assert known
    learnt = {
        (direction, key, learnt.labels[at], tuple(sorted(learnt.components[at].items())))
        for direction, learnt in known[0].directions.items()
        for at, key in enumerate(learnt.keys)
    }
    moved = {row.id for row in records.all(select(Reflection)) if row.moved_at}
    return themes, placed, (learnt, moved)


def test_any_steps_undone_from_the_last_to_the_first_leave_everything_as_it_was(log: LearningLog, tenant: UUID) -> None:
    with log.write(tenant) as records:
        home = a_home(records)
        tell(records, home, [said for topic in ("minibus", "heating", "choir") for said in said_about(topic, 8)])
        theming.refresh(records)
        reader = a_reader(records, home)
        before = what_people_see(records)

    @settings(max_examples=12, deadline=None)
    @given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 7), st.integers(0, 7)), max_size=6))
    @example([("merge", 0, 1), ("split", 0, 0), ("move", 0, 1), ("move", 0, 0)])
    def whatever_they_do(chosen: list[tuple[str, int, int]]) -> None:
        for at, (kind, one, other) in enumerate(chosen):
            with log.write(tenant, at=log.clock() + timedelta(minutes=at)) as records:
                do(records, reader, kind, one, other)
        with log.write(tenant) as records:
            while any(step.undone_at is None for step in theme_steps.steps(records)):
                undoing.undo(records, newest_step(records))
            assert what_people_see(records) == before
            records.session.execute(delete(ThemeStep))

    whatever_they_do()


@pytest.fixture
def by_meaning(log: LearningLog, tenant: UUID, encoder: Encoder) -> LearningLog:
    with log.write(tenant) as records:
        tell(records, a_home(records), [(words, NOT_WORKING) for each in BY_MEANING.values() for words in each])
    theming.bring_up_to_date(log, tenant, encoder)
    return log


def theme_of(records: Records, words: str) -> Theme:
    (found,) = [theme for theme in records.all(select(Theme)) if words in texts_in(records, theme)]
    return found


def test_a_theme_of_two_things_falls_into_its_parts_by_meaning(
    by_meaning: LearningLog, tenant: UUID, encoder: Encoder
) -> None:
    with by_meaning.write(tenant) as records:
        reader = a_reader(records, records.all(select(Team))[0])
        transport, noise = theme_of(records, "The bus was late again"), theme_of(records, "Too noisy at night to sleep")
        both = [texts_in(records, transport), texts_in(records, noise)]
        arranging.merge(records, reader, transport.id, noise.id)
        made = arranging.split(records, reader, noise.id)
        parts = [texts_in(records, records.get(Theme, id)) for id in made]
        assert sorted(map(sorted, parts)) == sorted(map(sorted, both))
        tell(records, records.all(select(Team))[0], [("The coach left without us", NOT_WORKING)])
    theming.bring_up_to_date(by_meaning, tenant, encoder)
    with by_meaning.write(tenant) as records:
        assert theme_of(records, "The coach left without us").id == theme_of(records, "The bus was late again").id


def test_eight_answers_that_people_moved_teach_a_theme_and_undoing_unteaches_it(
    by_meaning: LearningLog, tenant: UUID, encoder: Encoder
) -> None:
    examples = [
        f"The {thing} in my garden {end}"
        for thing in ("roses", "tomatoes", "beans", "lawn")
        for end in ("died", "wilted")
    ]
    with by_meaning.write(tenant) as records:
        home = records.all(select(Team))[0]
        reader = a_reader(records, home)
        told = [row.id for row in tell(records, home, [(words, NOT_WORKING) for words in examples])]
    theming.bring_up_to_date(by_meaning, tenant, encoder)
    with by_meaning.write(tenant) as records:
        money = theme_of(records, BY_MEANING["money"][0])
        for id in told:
            arranging.move(records, reader, id, [money.id])
        known = theme_rows.kept_model(records)
        assert known
        assert teaching.taught(known[0]) == {money.key + theme_rows.TAUGHT}
        (late,) = tell(records, home, [("All the plants outside my house have died", NOT_WORKING)])
        late_id = late.id
    theming.bring_up_to_date(by_meaning, tenant, encoder)
    with by_meaning.write(tenant) as records:
        assert late_id in theme_rows.reflections_in(records, money.id)
        undoing.undo(records, newest_step(records))
        known = theme_rows.kept_model(records)
        assert known
        assert teaching.taught(known[0]) == set()
