"""Where a theme holds too much or too little: merge, split, lock, and where a single answer stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import streamlit as st

from learning_log.services import arranging
from learning_log.services.reading import Story
from learning_log.services.sense_making import ThemeOverTime
from sense_making_app.components import figures
from sense_making_app.components.doing import do
from sense_making_app.sitting import Sitting
from sense_making_app.wording import plain, say


def show(sitting: Sitting, theme: ThemeOverTime, others: Sequence[ThemeOverTime]) -> None:
    st.subheader(say("arrange.title"), anchor=False)
    st.caption(say("arrange.what"))
    _lock(sitting, theme)
    with st.expander(say("arrange.merge")):
        _merge(sitting, theme, others)
    with st.expander(say("arrange.split")):
        _split(sitting, theme)


def stands(sitting: Sitting, story: Story, theme: ThemeOverTime, others: Sequence[ThemeOverTime]) -> None:
    """A small button on an answer: where else it belongs."""
    with st.popover(say("arrange.move"), help=say("arrange.move_help")):
        names = _names([theme, *others])
        chosen = st.multiselect(
            say("arrange.stands_in"),
            list(names),
            default=[id for id in story.themes if id in names],
            format_func=lambda id: names.get(id, ""),
            key=f"stands_{story.id}",
        )
        st.caption(say("arrange.stays"))
        if st.button(say("arrange.keep"), key=f"move_{story.id}"):
            do(sitting, lambda records, reader: arranging.move(records, reader, story.id, chosen), "arrange.moved")


def _lock(sitting: Sitting, theme: ThemeOverTime) -> None:
    label = say("arrange.unlock" if theme.locked else "arrange.lock")
    icon = ":material/lock_open:" if theme.locked else ":material/lock:"
    if st.button(label, icon=icon, help=say("arrange.lock_help")):
        locked = not theme.locked
        done = "arrange.locked" if locked else "arrange.unlocked"
        do(sitting, lambda records, reader: arranging.lock(records, reader, theme.id, locked), done)


def _merge(sitting: Sitting, theme: ThemeOverTime, others: Sequence[ThemeOverTime]) -> None:
    names = _names(others)
    if not names:
        st.caption(say("arrange.no_other"))
        return
    into = st.selectbox(
        say("arrange.merge_into"),
        list(names),
        index=None,
        format_func=lambda id: names.get(id, ""),
        key=f"into_{theme.id}",
    )
    st.caption(say("arrange.merge_help"))
    if st.button(say("arrange.merge_do"), disabled=into is None, key=f"merge_{theme.id}") and into is not None:
        do(sitting, lambda records, reader: arranging.merge(records, reader, theme.id, into), "arrange.merged")


def _split(sitting: Sitting, theme: ThemeOverTime) -> None:
    looked = f"parts_{theme.id}"
    st.caption(say("arrange.split_help"))
    if st.button(say("arrange.look"), key=f"look_{theme.id}"):
        with sitting.read() as records, st.spinner(say("arrange.looking")):
            st.session_state[looked] = arranging.parts(records, sitting.reader, theme.id)
    found: arranging.Parting | None = st.session_state.get(looked)
    if found is None:
        return
    if not found.themes:
        st.info(say("arrange.no_parts"))
        return
    for part in found.themes:
        st.markdown(f"- **{plain(figures.heading(part.label))}**: {figures.times(part.size)}")
        st.caption(plain(", ".join(part.terms[:5])))
    if found.others:
        st.caption(say("arrange.other_parts", count=found.others))
    if st.button(say("arrange.split_do"), key=f"split_{theme.id}"):
        del st.session_state[looked]
        do(sitting, lambda records, reader: arranging.split(records, reader, theme.id), "arrange.was_split")


def _names(themes: Sequence[ThemeOverTime]) -> Mapping[UUID, str]:
    return figures.told_apart({one.id: figures.heading(one.label) for one in themes})
