"""A theme at a glance: its name, how often, whether a person has checked it, and its months."""

from __future__ import annotations

from datetime import date

import streamlit as st

from learning_log import config
from learning_log.services.sense_making import ThemeOverTime
from sense_making_app.components import charts, figures
from sense_making_app.sitting import Sitting
from sense_making_app.wording import plain, say

CHOSEN = "theme"


def show(sitting: Sitting, theme: ThemeOverTime) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"#### {plain(figures.heading(theme.label))}")
        state(theme)
        st.markdown(summary(theme))
        st.caption(trend(theme))
        charts.of_theme(theme)
        what = say("theme_card.read_help", theme=plain(theme.label))
        if st.button(say("theme_card.read"), key=f"read_{theme.id}", help=what):
            st.session_state[CHOSEN] = theme.id
            sitting.go("theme")


def state(theme: ThemeOverTime) -> None:
    """Never by colour alone: it is said."""
    if theme.state == "confirmed":
        st.badge(say("theme_state.confirmed"), icon=":material/check:", color="green")
    elif theme.state == "set_aside":
        st.badge(say("theme_state.set_aside"), icon=":material/inventory_2:", color="gray")
    else:
        st.badge(
            say("theme_state.proposed"),
            icon=":material/smart_toy:",
            color="orange",
            help=say("theme_state.how_sure", clarity=clarity(theme.clarity)),
        )


def summary(theme: ThemeOverTime) -> str:
    return say("theme_card.summary", times=figures.times(theme.times), people=figures.people(theme.people))


def trend(theme: ThemeOverTime) -> str:
    return say(f"trend.{figures.trend([count.times for count in theme.months])}")


def clarity(value: float) -> str:
    """In the words that the theme finder's own settings give for it."""
    steps = config.load("analysis/themes")["clarity"]
    return str(next((step["words"] for step in steps if value >= step["from"]), steps[-1]["words"]))


def decided(theme: ThemeOverTime) -> str:
    if theme.decided_at is None:
        return ""
    when: date = theme.decided_at.date()
    return say("theme.decided", name=plain(theme.decided_by) or say("theme.somebody"), day=figures.day(when))
