"""What people say, beside the minimum KPIs: one page."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from learning_log.services.measuring import Kpi, minimum_kpis
from learning_log.services.releasing import DIRECTIONS, Release, ReleasedTheme, record_look, released_themes
from learning_log.services.sense_making import ThemeOverTime, themes_over_time
from sense_making_app.components import charts, choose, empty, figures, kpi_tile, theme_card, too_few
from sense_making_app.sitting import Sitting
from sense_making_app.wording import plain, say

SHOWN = 4


def show(sitting: Sitting) -> None:
    st.title(say("home.title"), anchor=False)
    if sitting.reads_words:
        _for_team(sitting)
    else:
        _for_commissioner(sitting)


def _for_team(sitting: Sitting) -> None:
    st.markdown(say("home.team"))
    filters = choose.filters(sitting)
    with sitting.read() as records:
        themes = themes_over_time(records, sitting.reader, filters)
        kpis = minimum_kpis(records, sitting.reader, filters.service_id)
    said, numbers = st.columns([5, 3], gap="large")
    with said:
        _themes(sitting, themes)
    with numbers:
        _numbers(sitting, kpis)


def _themes(sitting: Sitting, themes: Sequence[ThemeOverTime]) -> None:
    st.header(say("home.said"), anchor=False)
    if not themes:
        empty.show("home_empty")
        return
    st.caption(say("home.how_sure"))
    for direction, column in zip(DIRECTIONS, st.columns(2, gap="medium"), strict=True):
        with column:
            st.subheader(say(f"direction.{direction}"), anchor=False)
            of_direction = [theme for theme in themes if theme.direction == direction]
            for theme in _first(of_direction, direction):
                theme_card.show(sitting, theme)
            if not of_direction:
                st.caption(say("home.none_of_direction"))


def _first(themes: list[ThemeOverTime], direction: str) -> list[ThemeOverTime]:
    """The most spoken of; all of them when asked for."""
    if len(themes) <= SHOWN:
        return themes
    everything = st.toggle(say("home.show_all", count=len(themes)), key=f"all_{direction}", persist_state="session")
    return themes if everything else themes[:SHOWN]


def _for_commissioner(sitting: Sitting) -> None:
    st.markdown(say("home.commissioner"))
    with sitting.write() as records:
        record_look(records, sitting.reader)
    with sitting.read() as records:
        release = released_themes(records, sitting.reader, sitting.today)
        kpis = minimum_kpis(records, sitting.reader)
    said, numbers = st.columns([5, 3], gap="large")
    with said:
        _released(release)
    with numbers:
        _numbers(sitting, kpis)


def _released(release: Release) -> None:
    st.header(say("home.said"), anchor=False)
    if not release.themes:
        empty.show("home_none_released")
        return
    too_few.show()
    for direction in DIRECTIONS:
        st.subheader(say(f"direction.{direction}"), anchor=False)
        of_direction = [theme for theme in release.themes if theme.direction == direction]
        for theme in of_direction:
            _released_card(theme, release)
        if not of_direction:
            st.caption(say("home.none_released_of_direction"))
    if release.too_few:
        st.caption(say("home.others_too_few"))


def _released_card(theme: ReleasedTheme, release: Release) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"#### {plain(figures.heading(theme.label))}")
        charts.of_released(theme.label, theme.direction, release.quarters, theme.people)


def _numbers(sitting: Sitting, kpis: Sequence[Kpi]) -> None:
    st.header(say("home.numbers"), anchor=False)
    if not any(kpi.points for kpi in kpis):
        empty.show("home_no_numbers")
        return
    st.caption(say("home.floor"))
    for kpi in kpis:
        kpi_tile.show(sitting, kpi)
