"""The minimum KPIs, one by one: what each means, how it moves, and what to ask."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from learning_log.domain.periods import Period
from learning_log.services.choosing import choices
from learning_log.services.measuring import POINTS_FOR_LIMITS, Kpi, kpi, minimum_kpis, services_for
from learning_log.services.reading import of_that_time
from learning_log.services.sharing import Filters
from sense_making_app.components import charts, choose, empty, figures, kpi_tile, story
from sense_making_app.sitting import Sitting
from sense_making_app.wording import plain, say

STORIES = 5
WIDE = 900


def show(sitting: Sitting) -> None:
    st.title(say("indicators.title"), anchor=False)
    st.markdown(say("indicators.what"))
    service = _service(sitting) if sitting.reads_words else None
    with sitting.read() as records:
        found = minimum_kpis(records, sitting.reader, service)
    if not any(one.points for one in found):
        empty.show("home_no_numbers")
        return
    chosen = _choose(found)
    with sitting.write() as records:
        shown = kpi(records, sitting.reader, chosen, service)
    _show(shown)
    if shown.questions:
        _ask(sitting, shown, service)


def _service(sitting: Sitting) -> UUID | None:
    with sitting.read() as records:
        named = choices(records, sitting.reader)
    return choose.service(named)


def _choose(found: list[Kpi]) -> UUID:
    names = figures.told_apart({one.id: one.name for one in found})
    if st.session_state.get(kpi_tile.CHOSEN) not in names:
        st.session_state[kpi_tile.CHOSEN] = found[0].id
    ids = list(names)
    at = ids.index(st.session_state[kpi_tile.CHOSEN])
    chosen = st.selectbox(say("indicators.choose"), ids, index=at, format_func=lambda id: names[id], width=480)
    st.session_state[kpi_tile.CHOSEN] = chosen
    return chosen


def _show(one: Kpi) -> None:
    st.header(plain(one.name), anchor=False)
    st.badge(say(f"kind.{one.kind}"), color="gray", help=say(f"kind_help.{one.kind}"))
    st.markdown(plain(one.definition))
    kpi_tile.latest(one)
    if one.target is not None:
        st.caption(say(f"better.{one.better}"))
    if not one.points:
        st.markdown(say("kpi.nothing"))
        return
    charts.of_control(one)
    if one.limits is None:
        st.caption(say("indicators.too_few", needed=POINTS_FOR_LIMITS, have=len(one.points)))
    else:
        st.caption(say("indicators.limits"))
    if one.against_target is not None:
        st.markdown(say(f"against.{one.against_target}"))
    with st.expander(say("chart.as_table")):
        st.table(_rows(one), border="horizontal")


def _rows(one: Kpi) -> dict[str, list[str]]:
    return {
        say("indicators.column_period"): [figures.period(point.period) for point in one.points],
        say("indicators.column_value"): [
            say("too_few.short") if point.value is None else figures.number(point.value, one.unit)
            for point in one.points
        ],
    }


def _ask(sitting: Sitting, one: Kpi, service: UUID | None) -> None:
    st.header(say("indicators.questions"), anchor=False)
    st.caption(say("indicators.no_why"))
    if not sitting.reads_words:
        for question in one.questions:
            st.info(kpi_tile.ask(question), icon=":material/help:")
        return
    asked = st.radio(
        say("indicators.question"),
        one.questions,
        format_func=kpi_tile.ask,
        key=f"question_{one.id}",
    )
    _stories(sitting, asked.period, service)


def _stories(sitting: Sitting, period: Period, service: UUID | None) -> None:
    st.subheader(say("indicators.stories", period=figures.period(period)), anchor=False)
    with sitting.write() as records:
        services = services_for(records, sitting.reader, service) or []
        told = of_that_time(records, sitting.reader, services, Filters(months=(period,)), size=STORIES)
    if not told.stories:
        st.caption(say("indicators.no_stories"))
    with st.container(width=WIDE):
        for one in told.stories:
            story.show(one)
    if told.total > len(told.stories):
        st.caption(say("indicators.more_stories", answers=figures.times(told.total)))
