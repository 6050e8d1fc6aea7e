"""What themes are counted from is what the answers themselves say, whatever is done to them; on both databases."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import col, select

from learning_log.domain.periods import months_until
from learning_log.errors import LearningLogError
from learning_log.services import organisation, sense_making, theming, undoing
from learning_log.services.access import Reader
from learning_log.services.sharing import Filters
from learning_log.storage.copying import copy_anew
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import Reflection, Service, Team, Theme, ThemePlacement, ThemeStep
from tests.services.test_arranging import STEPS, a_reader, do, newest_step
from tests.services.test_theming import a_home, said_about, tell

DONE_TO_ANSWERS = (
    "taken_back",
    "given_again",
    "private",
    "open",
    "for_commissioners",
    "corrected",
    "of_another_team",
    "of_a_person",
    "earlier",
    "nothing",
    "placed_anew",
    "undone",
)


def change(records: Records, kind: str, at: int) -> None:
    rows = records.all(select(Reflection).order_by(col(Reflection.id)))
    row = rows[at % len(rows)]
    teams = records.all(select(Team).order_by(col(Team.id)))
    match kind:
        case "taken_back":
            row.withdrawn_at = records.now
        case "given_again":
            row.withdrawn_at = None
        case "private":
            row.audience = "me"
        case "open":
            row.audience = "team"
        case "for_commissioners":
            # Many at a time, as a person changes their mind about all of them.
            records.session.execute(update(Reflection).where(col(Reflection.id) == row.id).values(audience="themes"))
        case "corrected":
            row.superseded_at = records.now
        case "of_another_team":
            row.team_id, row.service_id = teams[-1].id, teams[-1].service_id
        case "of_a_person":
            row.person_id = organisation.add_person(records, f"Person {at} Example", teams[0]).id
        case "earlier":
            row.said_at -= timedelta(days=40)
        case "nothing":
            row.nothing_to_report = not row.nothing_to_report
        case "placed_anew":
            theming.refresh(records)
        case "undone":
            if records.first(select(ThemeStep).where(col(ThemeStep.undone_at).is_(None))):
                undoing.undo(records, newest_step(records))
    records.session.flush()


def recounted(records: Records) -> dict[UUID, tuple[int, int, Counter[str]]]:
    """How often each theme was spoken of, by how many, and in which months: from the answers, one by one."""
    found: dict[UUID, list[Reflection]] = {}
    for theme, row in records.session.execute(
        select(ThemePlacement.theme_id, Reflection).join(Reflection, col(Reflection.id) == ThemePlacement.reflection_id)
    ):
        stands = row.withdrawn_at is None and row.superseded_at is None and not row.nothing_to_report
        if stands and row.audience != "me":
            found.setdefault(theme, []).append(row)
    return {
        theme: (
            len(rows),
            len({row.staff_id or row.person_id or row.id for row in rows}),
            Counter(f"{row.said_at:%Y-%m}" for row in rows),
        )
        for theme, rows in found.items()
    }


def counted(records: Records, reader: Reader) -> dict[UUID, tuple[int, int, Counter[str]]]:
    months = tuple(months_until(records.now.date(), 24))
    themes = sense_making.themes_over_time(records, reader, Filters(months=months), with_set_aside=True)
    return {
        theme.id: (theme.times, theme.people, Counter({m.period.key: m.times for m in theme.months if m.times}))
        for theme in themes
    }


def test_whatever_is_done_themes_are_counted_as_if_counted_anew(log: LearningLog, tenant: UUID) -> None:
    with log.write(tenant) as records:
        home = a_home(records)
        service = records.get(Service, home.service_id)
        organisation.add_team(records, "Medlar House", service)
        tell(records, home, [said for topic in ("minibus", "heating", "choir") for said in said_about(topic, 8)])
        theming.refresh(records)
        reader = a_reader(records, home)

    @settings(max_examples=12, deadline=None)
    @given(
        st.lists(
            st.tuples(st.sampled_from((*STEPS, *DONE_TO_ANSWERS)), st.integers(0, 23), st.integers(0, 7)), max_size=8
        )
    )
    def whatever_is_done(chosen: list[tuple[str, int, int]]) -> None:
        for at, (kind, one, other) in enumerate(chosen):
            with log.write(tenant, at=log.clock() + timedelta(minutes=at)) as records:
                if kind not in STEPS:
                    change(records, kind, one)
                    continue
                with suppress(LearningLogError):  # what is private or gone cannot be moved
                    do(records, reader, kind, one, other)
        with log.write(tenant) as records:
            assert copy_anew(records.session.connection(), tenant) == 0
            assert counted(records, reader) == recounted(records)

    whatever_is_done()


def test_what_was_spoilt_is_made_right_again(log: LearningLog, tenant: UUID) -> None:
    with log.write(tenant) as records:
        tell(records, a_home(records), said_about("minibus", 8) + said_about("choir", 8))
        theming.refresh(records)
        placed = records.all(select(ThemePlacement))
        spoilt = update(ThemePlacement).where(col(ThemePlacement.id) == placed[0].id)
        records.session.execute(spoilt.values(counts=False, said_by=None))
    with log.write(tenant) as records:
        assert copy_anew(records.session.connection(), tenant) == 1
        assert copy_anew(records.session.connection(), tenant) == 0
        assert all(row.counts and row.said_by for row in records.all(select(ThemePlacement)))
        assert records.all(select(Theme))
