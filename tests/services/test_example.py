"""The invented example: lawful, sealed, the same from the same seed, and with stories in it that can be found."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text as sql
from sqlmodel import SQLModel, col, select

from learning_log.domain import indicators
from learning_log.errors import NotFound, SignInRefused
from learning_log.example.cast import read_cast
from learning_log.example.year import Said, said_in_a_year
from learning_log.services import concerns, example, signing_in, theming
from learning_log.storage.database import Database
from learning_log.storage.encryption import Vault
from learning_log.storage.keys import new_keyring
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import (
    Agreement,
    Concern,
    Experiment,
    Indicator,
    IndicatorValue,
    Meeting,
    Outcome,
    OutcomeRating,
    Person,
    Reflection,
    Staff,
    Team,
    Tenant,
    Theme,
    ThemePlacement,
)

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
STORIES = {"Agency staff at weekends", "Weekend staff we know", "Being rushed", "Waiting for the minibus"}


class Example:
    """A log with the example in it, and what was told on the way. Shared by tests that only read it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.log = LearningLog(Database(url), Vault(new_keyring()), clock=lambda: NOW)
        self.told: list[tuple[str, int, int]] = []
        self.tenant = a_tenant(self.log)
        self.invented = example.invent(self.log, self.tenant, TODAY, lambda *how_far: self.told.append(how_far))

    def all(self, kind: type[Any]) -> list[Any]:
        with self.log.read(self.tenant) as records:
            rows = list(records.all(select(kind)))
            records.session.expunge_all()  # the end of reading makes rows forget what they hold
            return rows

    def texts(self, kind: type[Any], column: str) -> list[str]:
        with self.log.read(self.tenant) as records:
            return [records.text(row, column) for row in records.all(select(kind))]


def a_tenant(log: LearningLog) -> UUID:
    with log.write() as records:
        tenant = Tenant(made_at=records.now)
        records.session.add(tenant)
        records.session.flush()
        return tenant.id


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def invented(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Example]:
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("example") / "example.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        made = Example(f"sqlite:///{path}")
        yield made
        made.log.close()
        return
    with request.getfixturevalue("postgres").database() as url:
        made = Example(url)
        yield made
        made.log.close()


@pytest.fixture(scope="module")
def year() -> list[Said]:
    return said_in_a_year(read_cast(), TODAY, example.SEED)


def share(year: list[Said], homes: tuple[str, ...], direction: str, topic: str, weeks: tuple[int, int]) -> float:
    """How much of what was said in one direction is about a topic, from so many weeks ago to so many weeks ago."""
    first, last = (TODAY - timedelta(weeks=ago) for ago in weeks)
    then = [one for one in year if one.member.home in homes and first <= one.at.date() < last]
    heard = [one.topic for one in then if one.direction == direction]
    return heard.count(topic) / len(heard)


def test_the_tenant_says_that_it_is_invented(invented: Example) -> None:
    with invented.log.read(invented.tenant) as records:
        tenant = records.session.get_one(Tenant, invented.tenant)
        assert tenant.invented
        assert "invented" in records.text(tenant, "name")


def test_no_word_and_no_name_of_it_can_be_read_in_the_database(invented: Example) -> None:
    names = invented.texts(Person, "name") + invented.texts(Staff, "name") + invented.texts(Team, "name")
    words = invented.texts(Reflection, "words") + invented.texts(Outcome, "words") + invented.texts(Concern, "words")
    learned = invented.texts(Meeting, "first_learning") + invented.texts(Experiment, "try")
    labels = [label for label in invented.texts(Theme, "label") if len(label) > 12]
    # Every twelfth of the answers: looking for all of them would take longer than inventing them.
    secret = {each for each in [*names, *sorted(words)[::12], *learned, *labels] if len(each) > 8}
    assert len(secret) > 400
    raw = everything_in(invented)
    assert not [each for each in secret if each.encode() in raw]


def everything_in(invented: Example) -> bytes:
    """The bytes of the SQLite files, or of every column of every table in PostgreSQL."""
    if invented.url.startswith("sqlite"):
        path = Path(invented.url.removeprefix("sqlite:///"))
        return b"".join(file.read_bytes() for file in path.parent.glob("example.db*"))
    parts = []
    with invented.log.read() as records:
        for table in SQLModel.metadata.tables:
            for row in records.session.execute(sql(f'SELECT * FROM "{table}"')):
                parts += [value if isinstance(value, bytes) else str(value).encode() for value in row]
    return b"\0".join(parts)


def test_there_is_a_year_of_both_sides_from_people_and_from_staff(invented: Example) -> None:
    kept = invented.all(Reflection)
    assert 3_500 <= len(kept) <= 4_500
    sides = Counter((row.staff_id is not None, row.direction) for row in kept)
    assert min(sides.values()) > 400
    assert {row.audience for row in kept} == {"me", "team", "themes"}
    assert sum(row.nothing_to_report for row in kept) > 100
    assert sum(row.outcome_id is not None for row in kept) > 200
    assert all(row.prompt_version_id and row.feeling for row in kept)
    assert NOW - max(row.said_at for row in kept) < timedelta(days=3)
    assert NOW - min(row.said_at for row in kept) > timedelta(days=350)


def test_nobody_is_heard_who_had_not_agreed_before(invented: Example) -> None:
    agreed = {
        (row.person_id, row.staff_id): row.answered_at
        for row in invented.all(Agreement)
        if row.purpose == "take_part" and row.agreed
    }
    for row in invented.all(Reflection):
        assert agreed[row.person_id if row.staff_id is None else None, row.staff_id] < row.said_at
    sharing = {
        row.person_id or row.staff_id for row in invented.all(Agreement) if row.purpose == "themes" and row.agreed
    }
    assert {row.person_id or row.staff_id for row in invented.all(Reflection) if row.audience == "themes"} <= sharing


def test_whoever_is_to_join_has_not_agreed_to_anything(invented: Example) -> None:
    with invented.log.read(invented.tenant) as records:
        records.get(Person, invented.invented.join_person)
    answered = {row.person_id for row in invented.all(Agreement)}
    assert invented.invented.join_person not in answered
    assert not [row for row in invented.all(Reflection) if row.person_id == invented.invented.join_person]


def test_everybody_can_sign_in_with_what_is_shown(invented: Example) -> None:
    shown = invented.invented.sign_ins
    assert [each.role for each in shown] == ["team", "team_lead", "commissioner", "safeguarding_lead", "administrator"]
    found = [signing_in.sign_in(invented.log, each.username, each.password, signing_in.Strangers()) for each in shown]
    roles = [set(reader.roles) for reader in found]
    assert roles == [{"team"}, {"team"}, {"commissioner"}, {"safeguarding_lead"}, {"administrator"}]
    team, lead = found[0].team_ids, found[1].team_ids
    assert team is not None
    assert lead is not None
    assert (len(team), len(lead)) == (1, 2)


def test_both_safeguarding_leads_can_be_reached(invented: Example) -> None:
    with invented.log.read(invented.tenant) as records:
        leads = concerns.leads(records)
        assert len(leads) == 2
        assert all(lead.password_hash for lead in leads)


def test_one_worry_is_open_and_the_others_were_answered_by_a_lead(invented: Example) -> None:
    raised = sorted(invented.all(Concern), key=lambda row: row.raised_at)
    assert [row.acknowledged_at is None for row in raised] == [False] * 4 + [True]
    assert all(row.acknowledged_by and row.action_sealed for row in raised[:-1])
    assert raised[-1].raised_at < NOW


def test_themes_of_the_stories_are_found_and_were_confirmed_by_staff(invented: Example) -> None:
    staff = {row.id for row in invented.all(Staff)}
    with invented.log.read(invented.tenant) as records:
        confirmed = records.all(select(Theme).where(Theme.state == "confirmed"))
        assert len(confirmed) == example.CONFIRMED
        assert all(row.decided_at and row.decided_by in staff for row in confirmed)
        assert {records.text(row, "label") for row in confirmed} >= STORIES


def test_the_theme_of_a_story_rises_and_falls_where_and_when_it_happened(invented: Example) -> None:
    with invented.log.read(invented.tenant) as records:
        theme = next(
            row for row in records.all(select(Theme)) if records.text(row, "label") == "Agency staff at weekends"
        )
        inside = select(Reflection).join(ThemePlacement, col(ThemePlacement.reflection_id) == Reflection.id)
        told = records.all(inside.where(ThemePlacement.theme_id == theme.id))
        homes = Counter(row.team_id for row in told)
        home, most = homes.most_common(1)[0]
        assert records.text(records.get(Team, home), "name") == "Quillfeather House"
        assert most > len(told) / 2
        weeks = [(NOW - row.said_at).days // 7 for row in told if row.team_id == home]
    assert sum(22 <= week < 37 for week in weeks) > 0.7 * len(weeks)


def test_agency_weekends_get_worse_then_better_after_an_experiment(year: list[Said]) -> None:
    there = ("quillfeather",)
    before = share(year, there, "not_working", "agency_weekends", (52, 40))
    during = share(year, there, "not_working", "agency_weekends", (32, 22))
    after = share(year, there, "not_working", "agency_weekends", (14, 0))
    assert during > 0.45 > 0.15 > max(before, after)
    assert share(year, there, "works", "same_faces", (14, 0)) > 0.2


def test_hours_delivered_rise_while_people_feel_more_rushed(invented: Example, year: list[Said]) -> None:
    there = ("lodge", "sixpenny")
    early = share(year, there, "not_working", "rushed", (52, 30))
    late = share(year, there, "not_working", "rushed", (12, 0))
    assert late > 0.4 > 0.1 > early
    with invented.log.read(invented.tenant) as records:
        hours = records.first(select(Indicator).where(Indicator.key == "support_hours_delivered"))
        marrowgate = next(
            row.service_id for row in records.all(select(Team)) if records.text(row, "name") == "Marrowgate Lodge"
        )
        values = select(IndicatorValue).where(
            IndicatorValue.indicator_id == hours.id, IndicatorValue.service_id == marrowgate
        )
        delivered = [row.value for row in records.all(values.order_by(col(IndicatorValue.period_start)))]
    assert len(delivered) == 12
    assert delivered[-1] > 97 > 95 > delivered[0]


def test_every_figure_would_be_accepted_if_it_were_entered(invented: Example) -> None:
    kept = {row.id: row for row in invented.all(Indicator)}
    assert len(kept) == 5
    for row in invented.all(IndicatorValue):
        indicator = kept[row.indicator_id]
        definition = indicators.Definition(
            indicator.key, indicators.IndicatorKind(indicator.kind), indicator.unit, indicator.better
        )
        entry = indicators.Entry(row.value, row.numerator, row.denominator)
        assert indicators.check(entry, None, definition) == []


def test_each_home_meets_each_month_and_never_learns_the_same_twice(invented: Example) -> None:
    with invented.log.read(invented.tenant) as records:
        for home in records.all(select(Team)):
            met = records.all(select(Meeting).where(Meeting.team_id == home.id))
            learned = [records.text(row, column) for row in met for column in ("first_learning", "second_learning")]
            assert len(met) >= 11
            assert all(learned)
            assert len(set(learned)) == len(learned)
            assert all(row.closed_at for row in met)
    tried = invented.all(Experiment)
    assert {row.next_step for row in tried} == {"adapt", "stop", "keep", None}
    assert all((row.ended_on is None) == (row.noticed_sealed is None) for row in tried)


def test_outcomes_are_rated_by_the_person_at_each_stage(invented: Example) -> None:
    ratings = invented.all(OutcomeRating)
    people = Counter(row.person_id for row in invented.all(Outcome))
    assert len(people) == 36
    assert set(people.values()) == {2, 3}
    own = {row.outcome_id for row in ratings if row.rated_by == "person" and row.stage == "assessment"}
    assert own == {row.id for row in invented.all(Outcome)}
    assert {row.stage for row in ratings} == {"assessment", "plan", "check_in", "review"}
    assert all(row.rated_on <= TODAY for row in ratings)
    assert any(row.rated_by == "proxy" for row in ratings)


def test_a_year_does_not_read_like_a_loop(year: list[Said]) -> None:
    said = Counter(one.words.casefold().rstrip(".") for one in year if one.topic)
    assert len(said) > 0.8 * said.total()
    assert max(said.values()) <= 8
    assert not [words for words in said if "{" in words or "  " in words]


def test_the_same_seed_and_day_tell_the_same_stories(year: list[Said]) -> None:
    assert said_in_a_year(read_cast(), TODAY, example.SEED) == year
    assert said_in_a_year(read_cast(), TODAY, example.SEED + 1) != year


def test_the_year_moves_with_the_day_on_which_it_is_invented(year: list[Said]) -> None:
    later = said_in_a_year(read_cast(), TODAY + timedelta(days=100), example.SEED)
    assert max(one.at for one in later).date() - max(one.at for one in year).date() == timedelta(days=100)


def test_how_far_it_is_was_told(invented: Example) -> None:
    assert {stage for stage, _, _ in invented.told} == {"people", "reflections", "themes"}
    assert all(0 <= done <= total for _, done, total in invented.told)


def test_finding_the_themes_again_changes_nothing(invented: Example) -> None:
    def kept() -> set[tuple[UUID, UUID, float]]:
        return {(row.theme_id, row.reflection_id, row.strength) for row in invented.all(ThemePlacement)}

    before, labels = kept(), sorted(invented.texts(Theme, "label"))
    with invented.log.write(invented.tenant) as records:
        again = theming.refresh(records)
    assert again.kept == again.found == len(labels)
    assert kept() == before
    assert sorted(invented.texts(Theme, "label")) == labels


def test_sign_ins_are_made_anew_for_an_example_that_is_used_again(invented: Example) -> None:
    first = invented.invented
    again = example.renew_sign_ins(invented.log, invented.tenant)
    assert again.join_person == first.join_person
    assert [each.username for each in again.sign_ins] == [each.username for each in first.sign_ins]
    assert not {each.password for each in again.sign_ins} & {each.password for each in first.sign_ins}
    old, new = first.sign_ins[0], again.sign_ins[0]
    with pytest.raises(SignInRefused):
        signing_in.sign_in(invented.log, old.username, old.password, signing_in.Strangers())
    assert signing_in.sign_in(invented.log, new.username, new.password, signing_in.Strangers()).roles == {"team"}
    invented.invented = again


def test_there_is_nothing_to_renew_where_there_is_no_example(invented: Example) -> None:
    with pytest.raises(NotFound):
        example.renew_sign_ins(invented.log, a_tenant(invented.log))


def test_a_second_example_in_the_same_database_tells_the_same_and_opens_no_door_of_the_first(invented: Example) -> None:
    tenant = a_tenant(invented.log)
    second = example.invent(invented.log, tenant, TODAY)
    taken = {each.username for each in invented.invented.sign_ins}
    assert not taken & {each.username for each in second.sign_ins}
    with invented.log.read(tenant) as records:
        words = sorted(records.text(row, "words") for row in records.all(select(Reflection)))
        assert {row.tenant_id for row in records.all(select(ThemePlacement))} == {tenant}
    assert words == sorted(invented.texts(Reflection, "words"))
