"""One theme: its months, the words behind it, and what people decide about it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

import streamlit as st

from learning_log.services import deciding, meetings, theme_steps
from learning_log.services.reading import PAGE, at_the_edge_of_theme, behind_theme, typical_of_theme
from learning_log.services.sense_making import SET_ASIDE, ThemeOverTime, themes_over_time
from learning_log.services.sharing import Filters
from sense_making_app.components import arrange, charts, choose, empty, feeling, figures, story, theme_card
from sense_making_app.components import theme_steps as ledger
from sense_making_app.components.doing import do
from sense_making_app.sitting import Sitting
from sense_making_app.wording import plain, say


def show(sitting: Sitting) -> None:
    st.title(say("theme.title"), anchor=False)
    st.markdown(say("theme.what"))
    filters = choose.filters(sitting, with_person=True)
    with sitting.read() as records:
        themes = themes_over_time(records, sitting.reader, filters, with_set_aside=True)
    if not themes:
        empty.show("home_empty")
        return
    chosen = _choose(themes)
    st.header(plain(figures.heading(chosen.label)), anchor=False)
    theme_card.state(chosen)
    st.markdown(f"{say(f'direction.{chosen.direction}')}: {theme_card.summary(chosen)}. {theme_card.trend(chosen)}.")
    if theme_card.decided(chosen):
        st.caption(theme_card.decided(chosen))
    charts.of_theme(chosen, height=200)
    others = [one for one in themes if one.id != chosen.id and one.direction == chosen.direction]
    words, decide = st.columns([5, 3], gap="large")
    with words:
        _words(sitting, chosen, others, filters)
    with decide:
        _decide(sitting, chosen)
        arrange.show(sitting, chosen, others)
        _tried(sitting, chosen)
        _history(sitting, chosen)


def _choose(themes: list[ThemeOverTime]) -> ThemeOverTime:
    by_id = {theme.id: theme for theme in themes}
    if st.session_state.get(theme_card.CHOSEN) not in by_id:
        st.session_state[theme_card.CHOSEN] = themes[0].id
    ids: list[UUID] = list(by_id)
    names = figures.told_apart(
        {one.id: say(f"theme.option_{one.direction}", theme=figures.heading(one.label)) for one in themes}
    )
    chosen = st.selectbox(
        say("theme.choose"),
        ids,
        index=ids.index(st.session_state[theme_card.CHOSEN]),
        format_func=lambda id: names.get(id, ""),
    )
    st.session_state[theme_card.CHOSEN] = chosen
    return by_id[chosen]


def _words(sitting: Sitting, theme: ThemeOverTime, others: Sequence[ThemeOverTime], filters: Filters) -> None:
    st.subheader(say("theme.words"), anchor=False)
    st.caption(say("theme.read_them"))
    story.explain()
    pages = max(1, -(-theme.times // PAGE))
    page = st.pagination(pages, key=f"page_{theme.id}") if pages > 1 else 1
    with sitting.write() as records:
        typical = typical_of_theme(records, sitting.reader, theme.id, filters) if page == 1 else ()
        # Of few answers those at the edge are the typical ones again.
        wide = page == 1 and theme.times > PAGE
        edge = at_the_edge_of_theme(records, sitting.reader, theme.id, filters) if wide else ()
        behind = behind_theme(records, sitting.reader, theme.id, filters, page)
    if typical:
        st.markdown(f"**{say('theme.typical')}**")
        for one in typical:
            story.show(one)
        if edge:
            st.markdown(f"**{say('theme.edge')}**")
            st.caption(say("theme.edge_help"))
        for one in edge:
            story.show(one)
        st.markdown(f"**{say('theme.newest')}**")
    for one in behind.stories:
        story.show(one, partial(arrange.stands, sitting, one, theme, others), partial(feeling.ask, sitting, one))


def _decide(sitting: Sitting, theme: ThemeOverTime) -> None:
    st.subheader(say("decide.title"), anchor=False)
    st.caption(say("decide.what"))
    with st.form(f"rename_{theme.id}", border=True):
        label = st.text_input(say("decide.name"), value=theme.label, max_chars=deciding.LONGEST_LABEL)
        st.caption(say("decide.name_help"))
        if st.form_submit_button(say("decide.rename")):
            do(sitting, lambda records, reader: deciding.rename(records, reader, theme.id, label), "decide.renamed")
    with st.container(horizontal=True):
        if theme.state != deciding.CONFIRMED and st.button(say("decide.confirm"), type="primary"):
            do(sitting, lambda records, reader: deciding.confirm(records, reader, theme.id), "decide.confirmed")
        if theme.state != SET_ASIDE and st.button(say("decide.set_aside")):
            do(sitting, lambda records, reader: deciding.set_aside(records, reader, theme.id), "decide.is_set_aside")
        if theme.state != deciding.PROPOSED and st.button(say("decide.again")):
            do(sitting, lambda records, reader: deciding.take_up_again(records, reader, theme.id), "decide.is_again")


def _tried(sitting: Sitting, theme: ThemeOverTime) -> None:
    st.subheader(say("theme.tried"), anchor=False)
    with sitting.write() as records:
        tried = meetings.experiments(records, sitting.reader, theme.id)
    if not tried:
        st.caption(say("theme.nothing_tried"))
    for one in tried:
        with st.container(border=True):
            st.markdown(plain(one.words))
            if one.learned:
                st.caption(say("meetings.learned_line", words=plain(one.learned)))
    if st.button(say("theme.try")):
        sitting.go("meetings")


def _history(sitting: Sitting, theme: ThemeOverTime) -> None:
    with sitting.read() as records:
        steps = theme_steps.steps(records, theme.id)
    with st.expander(say("steps.of_theme", count=len(steps))):
        ledger.show(sitting, steps)
