"""What people said: a search through the words that this reader may read."""

from __future__ import annotations

import streamlit as st

from learning_log.services.reading import Further, search
from sense_making_app.components import choose, empty, story
from sense_making_app.sitting import Sitting
from sense_making_app.wording import say

WIDE = 900  # longer lines are hard to read
_PLACE, _WANTED = "said_place", "said_wanted"


def show(sitting: Sitting) -> None:
    st.title(say("said.title"), anchor=False)
    st.markdown(say("said.what"))
    filters = choose.filters(sitting, with_person=True, any_time=True)
    words = st.text_input(say("said.words"), placeholder=say("said.placeholder"), max_chars=200, key="said_words")
    wanted = (words, filters)
    if st.session_state.get(_WANTED) != wanted:
        st.session_state[_WANTED], st.session_state[_PLACE] = wanted, None
    before: Further | None = st.session_state[_PLACE]
    with sitting.write() as records:
        found = search(records, sitting.reader, words, filters, before)
    if not found.stories and not found.further:
        empty.show("said_none" if words or before else "said_empty")
    with st.container(width=WIDE):
        if found.stories:
            story.explain()
        for one in found.stories:
            story.show(one)
    with st.container(horizontal=True):
        if before is not None and st.button(say("said.newest")):
            _go_to(None)
        if found.further is not None and st.button(say("said.further")):
            _go_to(found.further)


def _go_to(place: Further | None) -> None:
    st.session_state[_PLACE] = place
    st.rerun()
