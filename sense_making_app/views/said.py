"""What people said: a search through the words that this reader may read."""

from __future__ import annotations

from functools import partial

import streamlit as st

from learning_log.services import reading
from learning_log.services.meanings import encoder_in
from learning_log.services.searching import searcher_of
from learning_log.services.sharing import Filters
from learning_log.settings import read_settings
from sense_making_app.components import choose, empty, feeling, story
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
    place = st.session_state[_PLACE]
    further = _found(sitting, words, filters, place) if words.strip() else _newest(sitting, filters, place)
    with st.container(horizontal=True):
        if place is not None and st.button(say("said.newest")):
            _go_to(None)
        if further is not None and st.button(say("said.further")):
            _go_to(further)


def _newest(sitting: Sitting, filters: Filters, before: reading.Further | None) -> reading.Further | None:
    with sitting.write() as records:
        found = reading.newest(records, sitting.reader, filters, before)
    if not found.stories:
        empty.show("said_none" if before else "said_empty")
    with st.container(width=WIDE):
        if found.stories:
            story.explain()
        for one in found.stories:
            story.show(one, partial(feeling.ask, sitting, one))
    return found.further


def _found(sitting: Sitting, words: str, filters: Filters, start: int | None) -> int | None:
    with st.spinner(say("said.looking")):
        searcher = searcher_of(sitting.log, encoder_in(read_settings().models_dir))
        found = searcher.search(sitting.log, sitting.reader, words, filters, start or 0)
    st.caption(say("said.by_both" if found.by_meaning else "said.by_words"))
    if not found.hits and found.further is None:
        empty.show("said_none")
    with st.container(width=WIDE):
        if found.hits:
            story.explain()
        for at, hit in enumerate(found.hits):
            if at == 0 or hit.why != found.hits[at - 1].why:
                st.subheader(say(f"said.found_by_{hit.why}"), anchor=False)
            story.show(hit.story, partial(feeling.ask, sitting, hit.story))
    return found.further


def _go_to(place: object) -> None:
    st.session_state[_PLACE] = place
    st.rerun()
