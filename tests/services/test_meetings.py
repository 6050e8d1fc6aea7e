from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlmodel import select

from learning_log.errors import NotAllowed, NotFound
from learning_log.services import meetings
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import AuditEntry
from tests.sense_making_app.place import Place, make_place, make_theme

TODAY = date(2026, 3, 2)
SOON = date(2026, 4, 1)


@pytest.fixture
def place(log: LearningLog, tenant: UUID) -> Place:
    return make_place(log, tenant)


def meet(place: Place, role: str = "own_team", team: UUID | None = None, notes: str = "We read the words") -> UUID:
    with place.log.write(place.tenant) as records:
        return meetings.record_meeting(records, place.reader(role), team or place.team.id, TODAY, notes)


def attempt(place: Place, words: str = "Same bus driver", meeting: UUID | None = None, again: date = SOON) -> UUID:
    with place.log.write(place.tenant) as records:
        return meetings.try_something(
            records, place.reader("own_team"), place.team.id, words, TODAY, again, meeting_id=meeting
        )


def held(place: Place, role: str = "own_team") -> list[meetings.HeldMeeting]:
    with place.log.write(place.tenant) as records:
        return meetings.meetings(records, place.reader(role))


def tried(place: Place, role: str = "own_team") -> list[meetings.Tried]:
    with place.log.write(place.tenant) as records:
        return meetings.experiments(records, place.reader(role))


def test_a_meeting_closes_with_one_thing_to_try_and_two_learnings(place: Place) -> None:
    meeting, reader = meet(place), place.reader("own_team")
    attempt(place, meeting=meeting)
    with place.log.write(place.tenant) as records:
        meetings.add_learnings(records, reader, meeting, "Faces matter", "Buses matter")
        meetings.close_meeting(records, reader, meeting)

    (found,) = held(place)

    assert found.is_closed
    assert (found.first_learning, found.second_learning, found.things_to_try) == ("Faces matter", "Buses matter", 1)


@pytest.mark.parametrize(
    ("with_try", "first", "second"), [(False, "a", "b"), (True, "", "b"), (True, "a", "  "), (False, "", "")]
)
def test_a_meeting_stays_open_while_something_is_missing(place: Place, with_try: bool, first: str, second: str) -> None:
    meeting, reader = meet(place), place.reader("own_team")
    if with_try:
        attempt(place, meeting=meeting)
    with place.log.write(place.tenant) as records:
        meetings.add_learnings(records, reader, meeting, first, second)
        with pytest.raises(meetings.MeetingNotReady):
            meetings.close_meeting(records, reader, meeting)

    assert not held(place)[0].is_closed
    assert not held(place)[0].can_close


def test_a_closed_meeting_is_not_changed(place: Place) -> None:
    meeting, reader = meet(place), place.reader("own_team")
    attempt(place, meeting=meeting)
    with place.log.write(place.tenant) as records:
        meetings.add_learnings(records, reader, meeting, "a", "b")
        meetings.close_meeting(records, reader, meeting)
    with place.log.write(place.tenant) as records, pytest.raises(meetings.MeetingClosed):
        meetings.add_learnings(records, reader, meeting, "c", "d")
    with pytest.raises(meetings.MeetingClosed):
        attempt(place, meeting=meeting)

    assert held(place)[0].first_learning == "a"


@pytest.mark.parametrize(("step", "ended"), [("adapt", None), ("stop", TODAY), ("keep", TODAY)])
def test_looking_back_says_what_was_noticed_learned_and_next(place: Place, step: str, ended: date | None) -> None:
    experiment = attempt(place)
    with place.log.write(place.tenant) as records:
        meetings.look_back(records, place.reader("own_team"), experiment, "calmer", "faces matter", step, SOON)

    (found,) = tried(place)

    assert (found.words, found.noticed, found.learned) == ("Same bus driver", "calmer", "faces matter")
    assert (found.next_step, found.ended_on) == (step, ended)


def test_what_is_due_soonest_comes_first_and_what_ended_last(place: Place) -> None:
    attempt(place, "later", again=date(2026, 5, 1))
    attempt(place, "sooner", again=date(2026, 3, 9))
    ended = attempt(place, "ended", again=date(2026, 3, 3))
    with place.log.write(place.tenant) as records:
        meetings.look_back(records, place.reader("own_team"), ended, "n", "l", "stop")

    assert [one.words for one in tried(place)] == ["sooner", "later", "ended"]


def test_things_tried_about_a_theme_are_found_there(place: Place) -> None:
    reader = place.reader("own_team")
    with place.log.write(place.tenant) as records:
        theme = make_theme(records, "Buses", [])
        meetings.try_something(records, reader, place.team.id, "about buses", TODAY, theme_id=theme.id)
        meetings.try_something(records, reader, place.team.id, "about food", TODAY)
        found = meetings.experiments(records, reader, theme.id)

    assert [one.words for one in found] == ["about buses"]


def test_a_team_sees_and_changes_its_own_meetings_only(place: Place) -> None:
    meeting = meet(place)
    meet(place, "far_team", place.far_team.id, "Far away")
    experiment = attempt(place)
    far = place.reader("far_team")

    assert [one.notes for one in held(place)] == ["We read the words"]
    assert [one.notes for one in held(place, "far_team")] == ["Far away"]
    assert {one.notes for one in held(place, "every_team")} == {"We read the words", "Far away"}
    assert tried(place, "far_team") == []
    with place.log.write(place.tenant) as records:
        for act in (
            lambda: meetings.add_learnings(records, far, meeting, "a", "b"),
            lambda: meetings.close_meeting(records, far, meeting),
            lambda: meetings.look_back(records, far, experiment, "a", "b", "stop"),
            lambda: meetings.record_meeting(records, far, place.team.id, TODAY, "x"),
            lambda: meetings.try_something(records, far, place.team.id, "x", TODAY),
        ):
            with pytest.raises(NotAllowed):
                act()


@pytest.mark.parametrize("role", ["commissioner", "administrator", "lead"])
def test_meetings_are_for_teams(place: Place, role: str) -> None:
    with pytest.raises(NotAllowed):
        held(place, role)
    with pytest.raises(NotAllowed):
        tried(place, role)


def test_meetings_of_another_tenant_do_not_exist(log: LearningLog, place: Place, other_tenant: UUID) -> None:
    other = make_place(log, other_tenant, mark="Zz")
    meeting = meet(other)
    attempt(other)

    assert held(place, "every_team") == []
    assert tried(place, "every_team") == []
    with log.write(place.tenant) as records, pytest.raises(NotFound):
        meetings.close_meeting(records, place.reader("every_team"), meeting)
    with log.write(other_tenant) as records, pytest.raises(NotAllowed):
        meetings.meetings(records, place.reader("every_team"))


def test_words_and_days_that_cannot_be_are_refused(place: Place) -> None:
    reader, team = place.reader("own_team"), place.team.id
    with place.log.write(place.tenant) as records:
        with pytest.raises(meetings.WordsWrong):
            meetings.record_meeting(records, reader, team, TODAY, "   ")
        with pytest.raises(meetings.DayWrong):
            meetings.record_meeting(records, reader, team, date(2026, 3, 3), "x")
        with pytest.raises(meetings.DayWrong):
            meetings.try_something(records, reader, team, "x", TODAY, date(2026, 3, 1))
        far = meetings.record_meeting(records, place.reader("far_team"), place.far_team.id, TODAY, "x")
        with pytest.raises(meetings.DayWrong):
            meetings.try_something(records, place.reader("every_team"), team, "x", TODAY, meeting_id=far)

    assert held(place) == []


def test_meetings_come_page_by_page_newest_first(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        for day in (3, 1, 2):
            meetings.record_meeting(records, place.reader("own_team"), place.team.id, date(2026, 1, day), f"n{day}")
        pages = [meetings.meetings(records, place.reader("own_team"), page, size=2) for page in (1, 2)]

    assert [[one.notes for one in page] for page in pages] == [["n3", "n2"], ["n1"]]


def test_what_is_done_with_meetings_is_audited(place: Place) -> None:
    attempt(place, meeting=meet(place))
    held(place)
    with place.log.read(place.tenant) as records:
        assert {"recorded_meeting", "started_experiment", "read_meetings"} <= set(
            records.all(select(AuditEntry.action))
        )
