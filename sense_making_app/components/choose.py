"""Where, who and when: the choices at the top of a page. They are kept from page to page."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import streamlit as st

from learning_log.domain.periods import months_until
from learning_log.services.choosing import Choices, choices
from learning_log.services.sharing import Filters
from sense_making_app.sitting import Sitting
from sense_making_app.wording import say

MONTHS = (12, 6, 3, 24)


def filters(sitting: Sitting, *, with_person: bool = False, any_time: bool = False) -> Filters:
    """For the team role only: raises NotAllowed."""
    with sitting.read() as records:
        named = choices(records, sitting.reader)
    with st.container(horizontal=True, gap="medium", key="choose"):
        service = _service(named)
        team = _team(named, service)
        person = _person(named, service, team) if with_person else None
        months = _months(any_time)
    stretch = tuple(months_until(sitting.today, months)) if months else ()
    return Filters(service_id=service, team_id=team, person_id=person, months=stretch)


def _service(named: Choices) -> UUID | None:
    return _one("service", say("choose.every_service"), [one.id for one in named.services], named)


def _team(named: Choices, service: UUID | None) -> UUID | None:
    return _one("team", say("choose.every_team"), [one.id for one in named.teams_of(service)], named)


def _person(named: Choices, service: UUID | None, team: UUID | None) -> UUID | None:
    return _one("person", say("choose.everybody"), [one.id for one in named.people_of(service, team)], named)


def _one(kind: str, every: str, ids: Sequence[UUID], named: Choices) -> UUID | None:
    """A single one is no choice: it is what the reader sees anyway."""
    if len(ids) < 2:
        return None
    options: list[UUID | None] = [None, *ids]
    key = f"choose_{kind}"
    if st.session_state.get(key) not in options:
        st.session_state.pop(key, None)
    return st.selectbox(
        say(f"choose.{kind}"),
        options,
        format_func=lambda id: every if id is None else named.name_of(id),
        key=key,
        persist_state="session",
        width=240,
    )


def _months(any_time: bool) -> int:
    options = (0, *MONTHS) if any_time else MONTHS
    key = "choose_any_months" if any_time else "choose_months"
    return st.selectbox(
        say("choose.months"),
        options,
        format_func=lambda months: say("choose.last_months", count=months) if months else say("choose.any_time"),
        key=key,
        persist_state="session",
        width=200,
    )
