"""In the app: themes are merged, locked and split, answers moved, proposals decided, and all of it taken back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from learning_log.services import proposing, theme_rows, theming
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import Reflection, Theme, ThemePlacement
from sense_making_app.wording import say
from tests.sense_making_app.place import PASSWORD, Place, make_place, make_theme, reflect
from tests.sense_making_app.test_views import fill, page, press, text

__all__: list[str] = []


@pytest.fixture
def place(log: LearningLog, tenant: UUID) -> Place:
    """Two themes of one question, and one of the other, all of one team."""
    place = make_place(log, tenant, password=PASSWORD, signing_in=["own_team"])
    with log.write(tenant) as records:
        for topic, direction in (("minibus", "not_working"), ("heating", "not_working"), ("choir", "works")):
            said = [
                reflect(
                    records,
                    place.people[at % 2],
                    f"The {topic} again, number {at}",
                    records.now - timedelta(days=at + 1),
                    direction=direction,
                    service_id=place.service.id,
                )
                for at in range(4 if topic != "minibus" else 6)
            ]
            make_theme(records, topic, said, direction=direction)
    return place


def inside(place: Place, label: str) -> int:
    with place.log.read(place.tenant) as records:
        theme = theme_called(records, label)
        return len(theme_rows.reflections_in(records, theme.id))


def theme_called(records: Records, label: str) -> Theme:
    (found,) = [theme for theme in records.all(select(Theme)) if records.text(theme, "label") == label]
    return found


def test_two_themes_become_one_and_two_again(place: Place) -> None:
    test = page(place, "own_team", "theme")
    with place.log.read(place.tenant) as records:
        heating = theme_called(records, "heating").id
    fill(test, say("arrange.merge_into"), heating)
    test.run()
    press(test, say("arrange.merge_do"))
    assert (inside(place, "minibus"), inside(place, "heating")) == (0, 10)
    assert "**10 answers** from 2 people" in text(test)

    press(test, say("steps.undo"))
    assert (inside(place, "minibus"), inside(place, "heating")) == (6, 4)
    assert say("steps.undone") in text(test)


def test_a_theme_of_the_other_question_is_not_offered(place: Place) -> None:
    test = page(place, "own_team", "theme")
    (into,) = [one for one in test.selectbox if one.label == say("arrange.merge_into")]
    assert into.options == ["Heating"]


def test_a_theme_is_locked_and_unlocked(place: Place) -> None:
    test = page(place, "own_team", "theme")
    press(test, say("arrange.lock"))
    with place.log.read(place.tenant) as records:
        assert theme_called(records, "minibus").locked
    press(test, say("arrange.unlock"))
    with place.log.read(place.tenant) as records:
        assert not theme_called(records, "minibus").locked


def test_an_answer_is_put_where_it_belongs(place: Place) -> None:
    test = page(place, "own_team", "theme")
    where = next(one for one in test.multiselect if one.label == say("arrange.stands_in"))
    with place.log.read(place.tenant) as records:
        minibus, heating = theme_called(records, "minibus").id, theme_called(records, "heating").id
    assert where.value == [minibus]
    where.set_value([heating])
    test.run()
    press(test, say("arrange.keep"))
    assert (inside(place, "minibus"), inside(place, "heating")) == (5, 5)
    with place.log.read(place.tenant) as records:
        assert len(records.all(select(ThemePlacement).where(ThemePlacement.placed_by == "person"))) == 1


def test_when_no_parts_are_found_it_is_said(place: Place) -> None:
    test = page(place, "own_team", "theme")
    press(test, say("arrange.look"))
    assert say("arrange.no_parts") in text(test)


def test_parts_are_shown_before_a_theme_is_split(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        for theme in records.all(select(Theme)):
            theme.state = "gone"
            theme_rows.delete_placements(records, ThemePlacement.theme_id == theme.id)
        topics = ("tractor engine", "tractor wheel")
        for number in range(24):
            words = f"The {topics[number % 2]} {'is bad' if number % 3 else 'was a problem'}."
            at = records.now - timedelta(hours=number + 1)
            reflect(records, place.people[0], words, at, direction="not_working", service_id=place.service.id)
        for row in records.all(select(Reflection)):
            if "again, number" in records.text(row, "words"):
                row.withdrawn_at = records.now
        theming.refresh(records)
        rows = [row for row in records.all(select(Theme)) if row.state == "proposed"]
        one, *others = rows
        for other in others:
            theme_rows.hand_over(records, other.id, one.id, theme_rows.reflections_in(records, other.id))
    test = page(place, "own_team", "theme")
    press(test, say("arrange.look"))
    assert say("arrange.no_parts") not in text(test)
    press(test, say("arrange.split_do"))
    with place.log.read(place.tenant) as records:
        assert records.get(Theme, one.id).state == "split"


@pytest.fixture
def proposed(place: Place) -> Place:
    with place.log.write(place.tenant) as records:
        theming.refresh(records)
        for at in range(12):
            words = f"The lift is stuck, number {at}"
            when = records.now - timedelta(days=at + 1)
            reflect(records, place.people[0], words, when, direction="not_working", service_id=place.service.id)
    theming.propose(place.log, place.tenant)
    return place


def test_who_reads_everything_decides_about_a_proposal_and_takes_it_back(proposed: Place) -> None:
    test = page(proposed, "every_team", "proposals")
    assert say("proposals.found_anew") in text(test)
    press(test, say("proposals.apply"))
    assert say("proposals_none.title") in text(test)
    with proposed.log.read(proposed.tenant) as records:
        assert records.all(select(Theme).where(Theme.state == "proposed"))
        assert proposing.open_proposals(records) == []
    press(test, say("steps.undo"))
    assert say("steps.undone") in text(test)


def test_a_proposal_that_is_turned_down_changes_nothing(proposed: Place) -> None:
    with proposed.log.read(proposed.tenant) as records:
        before = sorted(records.session.execute(select(ThemePlacement.id)).scalars())
    press(page(proposed, "every_team", "proposals"), say("proposals.turn_down"))
    with proposed.log.read(proposed.tenant) as records:
        assert sorted(records.session.execute(select(ThemePlacement.id)).scalars()) == before
        assert proposing.open_proposals(records) == []


def test_who_reads_only_a_part_sees_no_name_of_a_proposal(proposed: Place) -> None:
    with proposed.log.write(proposed.tenant) as records:
        elsewhere = proposed.people[4]
        at = records.now - timedelta(days=1)
        reflect(records, elsewhere, "Something else", at, direction="works", service_id=proposed.far_service.id)
    shown = text(page(proposed, "own_team", "proposals"))
    assert say("proposals.not_all") in shown
    assert say("proposals.found_anew") not in shown
