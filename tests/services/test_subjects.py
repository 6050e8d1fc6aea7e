"""A team's theme of the month is asked about more often, for a while, in that team alone."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from learning_log.errors import NotAllowed
from learning_log.services import subjects
from learning_log.services.asking import subject_for
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Conversation, Team
from tests.sense_making_app.place import Place, make_place


@pytest.fixture
def place(log: LearningLog, tenant: UUID) -> Place:
    return make_place(log, tenant)


def team_of(place: Place) -> UUID:
    return place.people[0].team_id


def asked(place: Place, days: int = 0) -> list[str]:
    """The subjects of somebody's next eight rounds, some days later."""
    now = place.log.clock() + timedelta(days=days)
    with place.log.write(place.tenant, at=now) as records:
        chat = Conversation(
            person_id=place.people[0].id, channel="paper", address_hash=b"1", made_at=now, changed_at=now
        )
        return [subject_for(records, chat, asks, has_goal=True) for asks in range(8)]


def choose(place: Place, subject: str, role: str = "own_team") -> None:
    with place.log.write(place.tenant) as records:
        subjects.choose(records, place.reader(role), team_of(place), subject)


def test_every_second_round_is_about_it_for_four_weeks(place: Place) -> None:
    choose(place, "home")
    assert asked(place)[1::2] == ["home"] * 4
    assert asked(place, days=28)[1::2] == ["home"] * 4
    assert asked(place, days=29)[1::2] != ["home"] * 4
    with place.log.read(place.tenant) as records:
        (on,) = subjects.now_asked(records, place.reader("own_team"))
        assert (on.team_id, on.subject) == (team_of(place), "home")


def test_it_can_be_ended(place: Place) -> None:
    choose(place, "home")
    choose(place, "")
    with place.log.read(place.tenant) as records:
        assert records.get(Team, team_of(place)).subject is None
        assert subjects.now_asked(records, place.reader("own_team")) == []


def test_only_a_subject_of_the_bank_can_be_chosen(place: Place) -> None:
    with pytest.raises(subjects.SubjectUnknown):
        choose(place, "weather")


def test_only_the_team_itself_chooses(place: Place) -> None:
    for role in ("commissioner", "administrator"):
        with pytest.raises(NotAllowed):
            choose(place, "home", role)
