"""Each page, shown alone to somebody of each role, and used."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from learning_log.services.concerns import raise_concern
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import (
    AuditEntry,
    Channel,
    Concern,
    Experiment,
    Indicator,
    Meeting,
    Outcome,
    OutcomeRating,
    Reflection,
    Theme,
)
from sense_making_app.components.figures import told_apart
from sense_making_app.sitting import Sitting
from sense_making_app.wording import say
from tests.sense_making_app.place import PASSWORD, Place, chat, make_place, make_theme, measure, reflect

YEAR_AGO = date(2025, 3, 1)


@dataclass
class Went:
    pages: list[str] = field(default_factory=list)

    def __call__(self, key: str) -> None:
        self.pages.append(key)


def test_choices_of_one_name_are_told_apart() -> None:
    assert told_apart({1: "a", 2: "b", 3: "a"}) == {1: "a", 2: "b", 3: "a (2)"}


@pytest.fixture
def place(log: LearningLog, tenant: UUID) -> Place:
    return make_place(log, tenant, password=PASSWORD, signing_in=["own_team"])


@pytest.fixture
def lived_in(place: Place) -> Place:
    with place.log.write(place.tenant) as records:
        said = [
            reflect(
                records,
                place.people[at % 2],
                f"The bus number {at} was late",
                records.now - timedelta(days=10 * at + 1),
                service_id=place.service.id,
                direction="not_working",
            )
            for at in range(14)
        ]
        make_theme(records, "late buses", said, direction="not_working")
        figures = [10.0, 12, 11, 10, 12, 11, 10, 12, 11, 10, 12, 40]
        both = {place.service.id: figures, place.far_service.id: figures}
        measure(records, "hours", both, YEAR_AGO, target=11.0)
    return place


def page(place: Place, role: str, name: str, went: Went | None = None) -> AppTest:
    def script(show: object, sitting: object) -> None:
        show(sitting)

    from sense_making_app.pages import PAGES

    show = next(one.show for one in PAGES if one.key == name)
    sitting = Sitting(place.log, place.reader(role), place.log.clock(), went or Went())
    test = AppTest.from_function(script, args=(show, sitting), default_timeout=30).run()
    assert not test.exception
    return test


def text(test: AppTest) -> str:
    kinds = ("title", "header", "subheader", "markdown", "caption", "info", "warning", "error", "success")
    return "\n".join(str(element.value) for kind in kinds for element in test.get(kind))


def press(test: AppTest, label: str) -> AppTest:
    next(button for button in test.button if button.label == label).click().run()
    assert not test.exception
    return test


def fill(test: AppTest, label: str, value: Any) -> None:
    fields = (*test.text_input, *test.text_area, *test.selectbox, *test.radio)
    next(one for one in fields if one.label == label).set_value(value)


@pytest.mark.parametrize("name", ["home", "theme", "said", "outcomes", "indicators", "meetings"])
def test_a_page_with_nothing_on_it_says_what_to_do_next(place: Place, name: str) -> None:
    empty = {
        "home": "home_empty",
        "theme": "home_empty",
        "said": "said_empty",
        "outcomes": "outcomes_empty",
        "indicators": "home_no_numbers",
        "meetings": "meetings_none",
    }
    shown = text(page(place, "own_team", name))

    assert say(f"{empty[name]}.title") in shown
    assert say(f"{empty[name]}.next") in shown


def test_themes_and_minimum_kpis_stand_on_one_page(lived_in: Place) -> None:
    went = Went()
    test = page(lived_in, "own_team", "home", went)
    shown = text(test)

    assert "Late buses" in shown
    assert "**14 answers** from 2 people" in shown
    assert "KPI hours" in shown
    assert "**40 h** in February 2026" in shown
    assert say("home.how_sure") in shown
    press(test, say("theme_card.read"))
    assert went.pages == ["theme"]


def test_a_theme_and_a_number_are_named_as_they_are_in_tooltips_too(lived_in: Place) -> None:
    with lived_in.log.write(lived_in.tenant) as records:
        for kind, column in ((Theme, "label"), (Indicator, "name")):
            for row in records.all(select(kind)):
                records.seal(row, **{column: "![a](//example.org/a.png) *b*"})
    test = page(lived_in, "own_team", "home")
    tooltips = [button.help for button in test.button if "example" in (button.help or "")]

    assert len(tooltips) == 2
    assert not [each for each in tooltips if "![a]" in each or "*b*" in each.replace(r"\*", "")]


def test_a_total_that_waits_for_a_service_says_so(lived_in: Place) -> None:
    with lived_in.log.write(lived_in.tenant) as records:
        figures = {lived_in.service.id: [1.0, 2, 3], lived_in.far_service.id: [1.0, 2]}
        measure(records, "stopped", figures, YEAR_AGO)

    assert say("kpi.incomplete", period="May 2025") in text(page(lived_in, "every_team", "home"))
    assert say("kpi.incomplete", period="May 2025") not in text(page(lived_in, "own_team", "home"))


def test_a_commissioner_gets_numbers_and_no_words_on_the_same_page(lived_in: Place) -> None:
    shown = text(page(lived_in, "commissioner", "home"))

    assert "**80 h** in February 2026" in shown
    assert say("home_none_released.title") in shown
    assert not [name for name in (*lived_in.names, "bus", "ate buses") if name in shown]
    with lived_in.log.read(lived_in.tenant) as records:
        looks = records.all(select(AuditEntry.actor).where(AuditEntry.action == "read_released_themes"))
    assert looks == [f"staff:{lived_in.staff['commissioner'].id}"]


def test_a_team_reads_the_words_behind_a_theme_and_decides(lived_in: Place) -> None:
    test = page(lived_in, "own_team", "theme")
    assert r"“The bus number 0 was late”" in text(test)
    assert "Person0Aa" in text(test)

    fill(test, say("decide.name"), "Waiting for buses")
    press(test, say("decide.rename"))
    press(test, say("decide.confirm"))

    assert "Waiting for buses" in text(test)
    assert say("theme_state.confirmed") in text(test)
    with lived_in.log.read(lived_in.tenant) as records:
        theme = records.first(select(Theme))
        assert (theme.state, theme.decided_by) == ("confirmed", lived_in.staff["own_team"].id)


def test_of_two_themes_with_one_name_the_chosen_one_is_decided_about(lived_in: Place) -> None:
    with lived_in.log.write(lived_in.tenant) as records:
        reflections = records.all(select(Reflection))[:2]
        second = make_theme(records, "late buses", reflections, direction="not_working").id
    test = page(lived_in, "own_team", "theme")
    fill(test, say("theme.choose"), second)
    test.run()
    press(test, say("decide.confirm"))

    with lived_in.log.read(lived_in.tenant) as records:
        confirmed = records.all(select(Theme.id).where(Theme.state == "confirmed"))
        assert confirmed == [second]
    assert next(one for one in test.selectbox if one.label == say("theme.choose")).value == second


def test_a_theme_is_not_named_after_somebody(lived_in: Place) -> None:
    test = page(lived_in, "own_team", "theme")
    fill(test, say("decide.name"), "Person0Aa and buses")
    press(test, say("decide.rename"))

    assert "name of a person" in text(test)


def test_words_are_found_by_words(lived_in: Place) -> None:
    test = page(lived_in, "own_team", "said")
    test.text_input[0].set_value("number 3").run()

    assert "The bus number 3 was late" in text(test)
    assert "The bus number 4 was late" not in text(test)
    test.text_input[0].set_value("tram").run()
    assert say("said_none.title") in text(test)


def test_a_search_goes_further_back_and_returns(lived_in: Place) -> None:
    test = page(lived_in, "own_team", "said")
    press(test, say("said.further"))
    assert "The bus number 13 was late" in text(test)
    assert "The bus number 0 was late" not in text(test)
    press(test, say("said.newest"))
    assert "The bus number 0 was late" in text(test)


def test_an_outcome_and_a_rating_are_written_down(place: Place) -> None:
    test = page(place, "own_team", "outcomes")
    fill(test, say("outcomes.words"), "I want *my own* key")
    press(test, say("outcomes.keep"))
    fill(test, say("outcomes.step"), 4)
    press(test, say("outcomes.keep_rating"))

    assert r"“I want \*my own\* key”" in text(test)
    assert say("outcomes.one_rating") in text(test)
    with place.log.read(place.tenant) as records:
        assert records.text(records.first(select(Outcome)), "words") == "I want *my own* key"
        rating = records.first(select(OutcomeRating))
        assert (rating.value, rating.rated_by, rating.stage) == (4, "person", "check_in")


def test_a_kpi_that_changed_is_a_question_beside_the_words_of_its_time(lived_in: Place) -> None:
    shown = text(page(lived_in, "own_team", "indicators"))

    assert "What KPI" not in shown
    assert "What hours means" in shown
    assert say("indicators.no_why") in shown
    assert "What people said in February 2026" in shown
    assert "The bus number 1 was late" in shown


def test_a_commissioner_sees_the_question_without_the_words(lived_in: Place) -> None:
    shown = text(page(lived_in, "commissioner", "indicators"))

    assert say("signal.ask") in shown
    assert "bus" not in shown


def test_a_meeting_is_written_down_and_closed_step_by_step(lived_in: Place) -> None:
    test = page(lived_in, "own_team", "meetings")
    fill(test, say("meetings.notes"), "We read about buses")
    next(one for one in test.button if one.form_id == "meeting").click().run()
    with lived_in.log.read(lived_in.tenant) as records:
        meeting = records.first(select(Meeting)).id
    assert next(one for one in test.button if one.label == say("meetings.close")).disabled

    fill(test, say("meetings.try_words"), "Ask for the same driver")
    fill(test, say("meetings.meeting"), meeting)
    next(one for one in test.button if one.form_id == "try").click().run()
    fill(test, say("meetings.first"), "Faces matter")
    fill(test, say("meetings.second"), "So do times")
    next(one for one in test.button if one.form_id == f"learnings_{meeting}").click().run()
    press(test, say("meetings.close"))

    assert not test.exception
    assert say("meetings.is_closed") in text(test)
    with lived_in.log.read(lived_in.tenant) as records:
        assert records.first(select(Meeting)).closed_at is not None
        experiment = records.first(select(Experiment))
        assert records.text(experiment, "try") == "Ask for the same driver"


def test_a_lead_opens_a_worry_and_says_what_they_do(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        raise_concern(records, chat(records, place.people[0]), "button", "My card is gone")
    test = page(place, "lead", "worries")
    assert "My card is gone" not in text(test)

    press(test, say("worries.open"))
    assert "My card is gone" in text(test)
    press(test, say("worries.acknowledge"))
    assert "The worry stays open" in text(test)
    fill(test, say("worries.action"), "Rang the bank")
    press(test, say("worries.acknowledge"))

    assert say("worries_none.title") in text(test)
    with place.log.read(place.tenant) as records:
        assert records.first(select(Concern)).acknowledged_by == place.staff["lead"].id


def test_an_administrator_sees_how_it_is_running(lived_in: Place) -> None:
    with lived_in.log.write() as everyone:
        everyone.add(Channel(name="webchat", seen_at=everyone.now))

    test = page(lived_in, "administrator", "running")

    assert say("running.fine") in text(test)
    assert "webchat was last seen on" in text(test)
    assert "14" in test.table[0].value.to_string()


@pytest.mark.parametrize("role", ["own_team", "commissioner", "administrator", "lead"])
def test_everybody_can_read_how_sure_it_is_and_who_sees_what(place: Place, role: str) -> None:
    shown = text(page(place, role, "about"))

    assert "TextBlob" in shown
    assert say("about_people.title") in shown
    assert say("about_who_sees.title") in shown


@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("commissioner", "theme"),
        ("commissioner", "said"),
        ("commissioner", "outcomes"),
        ("commissioner", "agreements"),
        ("administrator", "agreements"),
        ("lead", "agreements"),
        ("commissioner", "meetings"),
        ("commissioner", "worries"),
        ("own_team", "worries"),
        ("own_team", "running"),
        ("administrator", "said"),
        ("lead", "said"),
    ],
)
def test_a_page_that_is_not_for_a_role_shows_nothing_even_when_it_is_reached(
    lived_in: Place, role: str, name: str
) -> None:
    def script(show: object, sitting: object) -> None:
        import streamlit as st

        from learning_log.errors import NotAllowed

        try:
            show(sitting)
        except NotAllowed as refusal:
            st.error(str(refusal))

    from sense_making_app.pages import PAGES

    show = next(one.show for one in PAGES if one.key == name)
    sitting = Sitting(lived_in.log, lived_in.reader(role), lived_in.log.clock(), Went())
    test = AppTest.from_function(script, args=(show, sitting), default_timeout=30).run()

    assert "not for your role" in text(test)
    assert "bus" not in text(test)


def test_signing_in_opens_a_session_and_a_wrong_password_does_not(place: Place) -> None:
    def script(log: object, strangers: object) -> None:
        from sense_making_app.views import sign_in

        sign_in.show(log, strangers)

    from learning_log.services.signing_in import Strangers

    test = AppTest.from_function(script, args=(place.log, Strangers()), default_timeout=30).run()
    fill(test, say("sign_in.username"), "own_team.Aa")
    fill(test, say("sign_in.password"), "not the password")
    press(test, say("sign_in.send"))
    assert "not right" in text(test)
    assert "signed_in" not in test.session_state

    fill(test, say("sign_in.password"), PASSWORD)
    press(test, say("sign_in.send"))
    assert test.session_state["signed_in"].staff_id == place.staff["own_team"].id
