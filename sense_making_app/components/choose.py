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
EVERY = ""


def filters(sitting: Sitting, *, with_person: bool = False, any_time: bool = False) -> Filters:
    """For the team role only: raises NotAllowed."""
    with sitting.read() as records:
        named = choices(records, sitting.reader)
    with st.container(horizontal=True, gap="medium", key="choose"):
        chosen = service(named)
        team = _team(named, chosen)
        person = _person(named, chosen, team) if with_person else None
        months = _months(any_time)
    stretch = tuple(months_until(sitting.today, months)) if months else ()
    return Filters(service_id=chosen, team_id=team, person_id=person, months=stretch)


def service(named: Choices, key: str = "choose_service") -> UUID | None:
    return _one(key, "service", [one.id for one in named.services], named)


def _team(named: Choices, service: UUID | None) -> UUID | None:
    return _one("choose_team", "team", [one.id for one in named.teams_of(service)], named)


def _person(named: Choices, service: UUID | None, team: UUID | None) -> UUID | None:
    return _one("choose_person", "person", [one.id for one in named.people_of(service, team)], named)


def _one(key: str, kind: str, ids: Sequence[UUID], named: Choices) -> UUID | None:
    """A single one is no choice: it is what the reader sees anyway."""
    if len(ids) < 2:
        return None
    # Texts, because Streamlit takes a None that it kept from page to page for "nothing chosen".
    names = {EVERY: say(f"choose.every_{kind}"), **{str(id): named.name_of(id) for id in ids}}
    if st.session_state.get(key, EVERY) not in names:
        st.session_state[key] = EVERY
    chosen = st.selectbox(
        say(f"choose.{kind}"),
        list(names),
        format_func=lambda id: names.get(id, ""),
        key=key,
        persist_state="session",
        width=240,
    )
    return None if chosen in (None, EVERY) else UUID(chosen)


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
